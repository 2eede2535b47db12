// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command demo starts lupa on WordNet, with what the build brings along and an
// index in the user's cache folder. Further arguments are lupa's.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/bazelbuild/rules_go/go/runfiles"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run becomes lupa, so that signals reach it and its exit code is ours.
func run(args []string) error {
	found := make(map[string]string)
	for _, variable := range []string{"LUPA_DEMO_PROGRAM", "LUPA_DEMO_CONFIG", "LUPA_DEMO_CORPUS"} {
		file, err := runfiles.Rlocation(os.Getenv(variable))
		if err != nil {
			return fmt.Errorf("%s: %w; start this with bazel run //services/lupa:demo", variable, err)
		}
		found[variable] = file
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	for variable, value := range map[string]string{
		"LUPA_DEMO_CACHE":  filepath.Join(cache, "lupa", "demo"),
		"LUPA_DEMO_CORPUS": filepath.Join(found["LUPA_DEMO_CORPUS"], "usr/share/wordnet"),
	} {
		if err := os.Setenv(variable, value); err != nil {
			return err
		}
	}
	// The program has files of its own to find.
	env, err := runfiles.Env()
	if err != nil {
		return err
	}
	program := found["LUPA_DEMO_PROGRAM"]
	all := append([]string{"lupa", "-config=" + found["LUPA_DEMO_CONFIG"], "-index=true"}, args...)
	return syscall.Exec(program, all, append(os.Environ(), env...))
}
