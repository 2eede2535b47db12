// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgserver

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bazelbuild/rules_go/go/runfiles"
)

// tree is the runfile with PostgreSQL's packages; BUILD.bazel sets it.
var tree string

// Paths in the tree.
const (
	loader    = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
	libraries = "lib/x86_64-linux-gnu:usr/lib/x86_64-linux-gnu"
	locales   = "usr/lib/locale"
	zones     = "usr/share/zoneinfo"
	binaries  = "usr/lib/postgresql/15/bin"
	modules   = "usr/lib/postgresql/15/lib"
	share     = "usr/share/postgresql/15"
)

// ErrNotBundled says that this program was not built by Bazel, which brings
// PostgreSQL along.
var ErrNotBundled = errors.New("no PostgreSQL comes along with a program that Bazel did not build")

// Bundled are the programs of the package lock. They are started by the loader
// and the libraries that come with them, and use none of the machine's.
func Bundled() (Programs, error) {
	if tree == "" {
		return nil, ErrNotBundled
	}
	root, err := runfiles.Rlocation(tree)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err == nil {
		root, err = filepath.Abs(root)
	}
	if err != nil {
		return nil, fmt.Errorf("find PostgreSQL: %w", err)
	}
	return bundle(root), nil
}

// A bundle is the tree's folder.
type bundle string

func (b bundle) path(name string) string { return filepath.Join(string(b), name) }

// install makes a folder laid out like the packages, for the programs look for
// each other and for their data relative to their own place. In place of each is
// a script that starts it by the loader.
func (b bundle) install(folder string) (installed, error) {
	prefix := filepath.Join(folder, "programs")
	at := func(name string) string { return filepath.Join(prefix, name) }
	var problems error
	for _, dir := range []string{binaries, filepath.Dir(share)} {
		problems = errors.Join(problems, os.MkdirAll(at(dir), 0o755))
	}
	for _, name := range []string{modules, share} {
		problems = errors.Join(problems, os.Symlink(b.path(name), at(name)))
	}
	server := at(binaries) + "/postgres.elf"
	problems = errors.Join(problems,
		os.Symlink(b.path(zones), filepath.Join(folder, "zones")),
		b.writeServer(server),
	)
	for _, name := range needed {
		program := b.path(binaries) + "/" + name
		if name == "postgres" {
			program = server
		}
		script := at(binaries) + "/" + name
		problems = errors.Join(problems, os.WriteFile(script, []byte(b.script(script, program)), 0o755))
	}
	if problems != nil {
		return installed{}, fmt.Errorf("lay out PostgreSQL: %w", problems)
	}
	// Character sets are converted by PostgreSQL itself. Without a folder for that
	// the C library maps a list of the machine's converters.
	env := []string{"LOCPATH=" + b.path(locales), "GCONV_PATH=" + b.path(locales)}
	return installed{folder: at(binaries), env: env}, nil
}

// script is the text of one that starts a program under the script's own name.
func (b bundle) script(name, program string) string {
	var where []string
	for path := range strings.SplitSeq(libraries, ":") {
		where = append(where, b.path(path))
	}
	words := []string{b.path(loader), "--inhibit-cache", "--library-path", strings.Join(where, ":"), "--argv0", name, program}
	for i, word := range words {
		words[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return "#!/bin/sh\nexec " + strings.Join(words, " ") + " \"$@\"\n"
}

// writeServer copies the server. Debian's looks for time zones by an absolute
// path; the copy does so beside its data folder, which is where it works.
func (b bundle) writeServer(file string) error {
	text, err := os.ReadFile(b.path(binaries) + "/postgres")
	if err != nil {
		return err
	}
	before := []byte("\x00/" + zones + "\x00")
	if n := bytes.Count(text, before); n != 1 {
		return fmt.Errorf("postgres has the path of the time zones %d times, want 1", n)
	}
	after := make([]byte, len(before))
	copy(after[1:], "../zones")
	return os.WriteFile(file, bytes.Replace(text, before, after, 1), 0o755)
}
