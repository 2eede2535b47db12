// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command demo_postgres starts a PostgreSQL server with WordNet in a table, and
// lupa beside it, with what the build brings along. Both end when it does, and
// nothing of them stays. Arguments are lupa's.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/bazelbuild/rules_go/go/runfiles"

	"github.com/lupasearch/lupa/libs/pgserver"
)

// patience is how long the server may take for whatever it is asked.
const patience = time.Minute

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "demo_postgres:", err)
		os.Exit(1)
	}
}

func run(args []string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	found, err := find("LUPA_DEMO_PROGRAM", "LUPA_DEMO_CONFIG", "LUPA_DEMO_CORPUS")
	if err != nil {
		return err
	}
	// A socket's path is short, so this is not in the user's cache folder.
	folder, err := os.MkdirTemp("/tmp", "lupa-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	server, err := begin(ctx, filepath.Join(folder, "postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end(server)) }()
	rows, err := load(ctx, server.DSN(database), filepath.Join(found["LUPA_DEMO_CORPUS"], "usr/share/wordnet"))
	if err != nil {
		return err
	}
	if err := explain(server, rows); err != nil {
		return err
	}
	return search(ctx, found, server, filepath.Join(folder, "cache"), args)
}

// find looks up what the build brings along.
func find(variables ...string) (map[string]string, error) {
	found := make(map[string]string)
	for _, variable := range variables {
		file, err := runfiles.Rlocation(os.Getenv(variable))
		if err != nil {
			return nil, fmt.Errorf("%s: %w; start this with bazel run //services/lupa:demo_postgres", variable, err)
		}
		found[variable] = file
	}
	return found, nil
}

// begin makes a server and starts it.
func begin(ctx context.Context, folder string) (*pgserver.Server, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	programs, err := pgserver.Bundled()
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, err
	}
	server, err := pgserver.Create(ctx, pgserver.Options{
		Programs: programs,
		Folder:   folder,
		Settings: map[string]string{"wal_level": "logical"},
	})
	if err != nil {
		return nil, err
	}
	return server, server.Start(ctx)
}

// end stops the server. A terminal has told it so already, as it told us.
func end(server *pgserver.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return server.Stop(ctx, pgserver.Fast)
}

// explain tells people what there is to play with.
func explain(server *pgserver.Server, rows int64) error {
	psql, err := server.Psql(database)
	if err != nil {
		return err
	}
	fmt.Printf(`PostgreSQL has %d rows of WordNet in the table synset:

    %s

Change one, and search for it:

    %s -c "UPDATE synset SET gloss = 'a lupine friend' WHERE id = 'n02084071'"

`, rows, server.DSN(database), psql)
	return nil
}

// search runs lupa until it ends, which it is told to when we are. Before that it
// installs what tells it of changes as they happen.
func search(ctx context.Context, found map[string]string, server *pgserver.Server, cache string, args []string) error {
	env, err := runfiles.Env()
	if err != nil {
		return err
	}
	env = append(env, "LUPA_DEMO_DSN="+server.DSN(database), "LUPA_DEMO_CACHE="+cache)
	config := "-config=" + found["LUPA_DEMO_CONFIG"]
	for _, words := range [][]string{
		{"changefeed", "install", config},
		append([]string{config, "-index=true"}, args...),
	} {
		command := exec.CommandContext(ctx, found["LUPA_DEMO_PROGRAM"], words...)
		command.Env = append(os.Environ(), env...)
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
		command.WaitDelay = patience
		if err := command.Run(); err != nil && ctx.Err() == nil {
			return fmt.Errorf("lupa: %w", err)
		}
	}
	return nil
}
