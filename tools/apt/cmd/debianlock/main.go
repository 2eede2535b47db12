// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command debianlock refreshes a lock of Debian packages, or checks that it was
// made from the list beside it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/lupasearch/lupa/tools/apt/locker"
	"github.com/lupasearch/lupa/tools/apt/mirror"
	"github.com/lupasearch/lupa/tools/apt/pins"
)

const usage = `Usage: debianlock --packages=LIST --lock=FILE [flags]

Refreshes FILE, the lock of the Debian packages in LIST: fetches the suites'
signed releases, verifies them, resolves dependencies, writes FILE and prints
what changed. Relative paths are below the workspace under "bazel run".

Mirrors are asked in this order: those in ` + mirror.Variable + ` (URLs separated
by spaces, ending in the archive's name, or ARCHIVE=URL); else those of
/etc/apt; and last snapshot.debian.org.

Flags:
`

type options struct {
	list, lock                        string
	check, rollback, expired, verbose bool
	timeout                           time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintf(os.Stderr, "debianlock: %v\n", err)
		os.Exit(2)
	}
	if err := run(ctx, o); err != nil {
		fmt.Fprintf(os.Stderr, "debianlock: %v\n", err)
		os.Exit(1)
	}
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("debianlock", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
	}
	f.StringVar(&o.list, "packages", "", "the list of packages (packages.yaml)")
	f.StringVar(&o.lock, "lock", "", "the lock to refresh (packages.lock.json)")
	f.BoolVar(&o.check, "check", false, "change nothing and use no network: exit 1 if the list changed since it was locked")
	f.BoolVar(&o.expired, "allow-expired", false, "accept releases past their Valid-Until")
	f.BoolVar(&o.rollback, "allow-rollback", false, "accept releases older than those in the lock")
	f.BoolVar(&o.verbose, "v", false, "also log attempts that failed")
	f.DurationVar(&o.timeout, "timeout", 5*time.Minute, "limit for one download")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.list == "" || o.lock == "" || f.NArg() > 0 {
		return o, errors.New("want --packages=LIST and --lock=FILE and nothing else; see --help")
	}
	workspace := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	for _, p := range []*string{&o.list, &o.lock} {
		if workspace != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(workspace, *p)
		}
	}
	return o, nil
}

func run(ctx context.Context, o options) error {
	list, err := pins.ReadList(o.list)
	if err != nil {
		return err
	}
	old, err := pins.ReadLock(o.lock)
	if err != nil {
		return err
	}
	if o.check {
		return pins.Agree(list, old, o.list, o.lock)
	}
	l, err := newLocker(o, list)
	if err != nil {
		return err
	}
	lock, err := l.Lock(ctx, list, old)
	if err != nil {
		return err
	}
	pins.Report(os.Stdout, old, lock)
	return lock.Write(o.lock)
}

func newLocker(o options, list *pins.List) (*locker.Locker, error) {
	level := slog.LevelInfo
	if o.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	bases, err := mirrors(list)
	if err != nil {
		return nil, err
	}
	keys := map[string][]byte{}
	for _, k := range list.Keys {
		if keys[k], err = os.ReadFile(filepath.Join(filepath.Dir(o.list), k)); err != nil {
			return nil, fmt.Errorf("read keys: %w", err)
		}
	}
	return &locker.Locker{
		Fetcher: &mirror.Fetcher{
			Bases: bases, Client: mirror.NewClient(o.timeout), Attempts: 4, Backoff: time.Second, Log: log,
		},
		Keys: keys, Now: time.Now(), AllowExpired: o.expired, AllowRollback: o.rollback, Log: log,
	}, nil
}

// mirrors lists the copies of the list's archives in the order they are asked.
// A snapshot that the list names goes first: then that state is what is meant.
func mirrors(list *pins.List) ([]mirror.Base, error) {
	bases, err := mirror.Parse(os.Getenv(mirror.Variable))
	if err == nil && len(bases) == 0 {
		bases, err = mirror.FromApt(os.DirFS("/etc/apt"), list.Archives())
	}
	if err != nil {
		return nil, err
	}
	at := list.Snapshot
	if at == pins.Automatic {
		at = time.Now().UTC().Format("20060102T150405Z")
	}
	var snapshots []mirror.Base
	for _, a := range list.Archives() {
		snapshots = append(snapshots, mirror.Snapshot(a, at))
	}
	if list.Snapshot != pins.Automatic {
		return append(snapshots, bases...), nil
	}
	return append(bases, snapshots...), nil
}
