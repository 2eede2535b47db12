// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command faults runs a real Bazel on the repository rules of tools/apt, against
// a mirror on loopback that lies, cuts off and forgets, and checks what people
// are told and what is unpacked. It needs this workspace's Bazel:
//
//	./tools/bazel run //tools/apt/tests/faults
//
// It exits 1 if a case fails, and prints a line per case.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	workspace := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	bazel := flag.String("bazel", filepath.Join(workspace, "tools/bazel"), "the Bazel to run")
	verbose := flag.Bool("v", false, "print what Bazel says")
	flag.StringVar(&workspace, "workspace", workspace, "this workspace; set by bazel run")
	flag.Parse()
	if workspace == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "faults: start it with bazel run, or name --workspace; see --help")
		os.Exit(2)
	}
	failed, err := run(ctx, workspace, *bazel, *verbose)
	if err != nil {
		log.Fatal("faults: ", err)
	}
	if failed > 0 {
		fmt.Printf("%d cases failed\n", failed)
		os.Exit(1)
	}
}

func run(ctx context.Context, workspace, bazel string, verbose bool) (failed int, err error) {
	packages, err := makePackages()
	if err != nil {
		return 0, err
	}
	m, err := startMirror(packages)
	if err != nil {
		return 0, err
	}
	defer m.close()
	b, err := newBuild(workspace, bazel, packages)
	if err != nil {
		return 0, err
	}
	defer b.close(ctx)
	for _, c := range cases {
		m.forget()
		if c.before != nil {
			if err := c.before(b, m); err != nil {
				return failed, err
			}
		}
		start := time.Now()
		out, ok := b.run(ctx, m.variable(c.mirror), c.target)
		if verbose {
			fmt.Println(out)
		}
		took := time.Since(start)
		problem := c.judge(out, ok, m, b)
		if problem == "" {
			fmt.Printf("ok    %5.1f s  %s\n", took.Seconds(), c.name)
			continue
		}
		failed++
		fmt.Printf("FAIL  %s: %s\n%s\n", c.name, problem, indent(out))
	}
	return failed, nil
}

func indent(s string) string {
	return "      " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n      ")
}
