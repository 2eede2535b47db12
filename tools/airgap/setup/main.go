// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command setup makes a private Bazel out of Debian's packages and Go's module
// proxy, where neither Bazel's releases nor its module registry can be reached.
//
// It runs without root, writes below one folder only, and may be cut off at any
// point: what was downloaded is kept, and the result appears by one rename. The
// launcher compiles it with whatever Go the machine has (1.19 or newer), so it
// uses the standard library only.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// config is what the launcher says.
type config struct {
	goTool   string // the machine's go command
	home     string // folder for everything, shared by all checkouts
	pins     string // file of NAME=VALUE lines
	prefix   string // the result: home/bazel-…
	modules  string // folder with go.mod and go.sum of the modules
	snapshot string // day of snapshot.debian.org, or address of an archive; "" for the mirror
}

func main() {
	var c config
	flag.StringVar(&c.goTool, "go", "go", "the go command")
	flag.StringVar(&c.home, "home", "", "folder for downloads and results")
	flag.StringVar(&c.pins, "pins", "", "file of pins")
	flag.StringVar(&c.prefix, "prefix", "", "folder of the result")
	flag.StringVar(&c.modules, "modules", "", "folder with go.mod and go.sum")
	flag.StringVar(&c.snapshot, "snapshot", "", "day of the snapshot archive, or an archive's address")
	flag.Parse()
	if c.home == "" || c.pins == "" || c.prefix == "" || c.modules == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "setup: is started by tools/bazel, with -home, -pins, -prefix and -modules")
		os.Exit(2)
	}
	if err := run(c); err != nil {
		fmt.Fprintf(os.Stderr, "\ntools/bazel: the private Bazel could not be set up:\n%v\n", err)
		os.Exit(1)
	}
}

// Needed at the fullest moment, measured: 200 MB of packages, 500 MB unpacked,
// 75 MB of Go's SDK packed and 260 MB unpacked, the rest for margin.
const bytesNeeded = 1500 << 20

func run(c config) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("it is made of packages for linux on x86_64, and this is %s on %s; install Bazelisk, which tools/bazel then uses", runtime.GOOS, runtime.GOARCH)
	}
	pins, err := readPins(c.pins)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.home, 0o755); err != nil {
		return fmt.Errorf("%v; name another folder in LUPA_BAZEL_HOME", err)
	}
	unlock, err := lock(filepath.Join(c.home, "lock"), func() {
		say("another start is setting it up; waiting for that")
	})
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(filepath.Join(c.prefix, "bazel")); err == nil {
		return nil
	}
	if err := checkSpace(c.home, bytesNeeded); err != nil {
		return err
	}
	for _, tool := range []string{"apt-get", "apt-cache", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s is missing: the parts are Debian packages. On a machine that is not Debian's kind, install Bazelisk", tool)
		}
	}
	started := time.Now()
	say("no Bazel %s on PATH: setting up a private one in %s", pins["BAZEL_SERIES"], c.prefix)
	if err := build(c, pins); err != nil {
		return err
	}
	say("done in %.0f s. Remove %s to take it all back.", time.Since(started).Seconds(), c.home)
	return nil
}

// build makes the result beside its place and puts it there by a rename.
func build(c config, pins map[string]string) error {
	partial := c.prefix + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := os.MkdirAll(partial, 0o755); err != nil {
		return err
	}
	debs, err := fetchPackages(c, pins)
	if err != nil {
		return err
	}
	tree := tree{root: filepath.Join(partial, "root"), final: filepath.Join(c.prefix, "root")}
	if err := tree.unpack(debs); err != nil {
		return err
	}
	if err := tree.relocate(); err != nil {
		return err
	}
	if err := fetchModules(c, pins, partial); err != nil {
		return err
	}
	if err := writeStarters(c, pins, tree, partial); err != nil {
		return err
	}
	return os.Rename(partial, c.prefix)
}

// say prints one line of progress.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "tools/bazel: "+format+"\n", args...)
}

// readPins reads NAME=VALUE lines; '#' starts a comment line.
func readPins(file string) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pins := make(map[string]string)
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || name == "" || value == "" || strings.ContainsAny(line, " '\"$") {
			return nil, fmt.Errorf("%s:%d: %q is not NAME=VALUE without spaces or quotes", file, i+1, line)
		}
		pins[name] = value
	}
	for _, name := range []string{"SUITE", "BAZEL_SERIES", "JRE", "GO_SDK"} {
		if pins[name] == "" {
			return nil, fmt.Errorf("%s: %s is not set", file, name)
		}
	}
	return pins, nil
}
