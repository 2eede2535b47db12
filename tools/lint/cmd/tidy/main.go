// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command tidy brings the tree into its one form: BUILD files from Gazelle, Go
// as gofumpt prints it, Bazel files as buildifier does, go.mod and MODULE.bazel
// in agreement. With -check it changes nothing and fails when it would.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/lint/tidy"
)

const usage = `Usage: bazel run //:tidy [-- -check]

Formats the whole tree and writes its generated parts again. Flags:
`

// errUntidy says that the findings were printed already.
var errUntidy = errors.New("the tree is not tidy; run: ./tools/bazel run //:tidy")

type options struct {
	root    string
	check   bool
	goTool  string
	gazelle string
	config  string
}

func main() {
	var o options
	flag.StringVar(&o.root, "root", os.Getenv("BUILD_WORKSPACE_DIRECTORY"), "the tree's top `folder`; by default the workspace bazel was run in")
	flag.BoolVar(&o.check, "check", false, "change nothing; exit 1 and show what would change")
	flag.StringVar(&o.goTool, "go", "", "the go command, for go mod tidy; empty leaves go.mod alone")
	flag.StringVar(&o.gazelle, "gazelle", "", "the gazelle command; empty leaves BUILD files as they are")
	flag.StringVar(&o.config, "gazelle_config", "", "Gazelle's description of the Go modules' repositories (`file`)")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 || o.root == "" {
		fmt.Fprintln(os.Stderr, "tidy: takes flags only, and -root outside of bazel run")
		os.Exit(2)
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "tidy:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.goTool != "" && !o.check {
		if err := command(o.root, o.goTool, "mod", "tidy"); err != nil {
			return err
		}
	}
	if err := runGazelle(o); err != nil {
		return err
	}
	changes, findings, err := tidy.Tree(o.root)
	if err != nil {
		return err
	}
	unmet, err := tidy.Requirements(o.root)
	if err != nil {
		return err
	}
	findings = append(findings, unmet...)
	tidy.SortFindings(findings)
	for _, f := range findings {
		fmt.Println(f)
	}
	if err := settle(o, changes); err != nil {
		return err
	}
	if len(findings) > 0 || o.check && len(changes) > 0 {
		return errUntidy
	}
	return nil
}

// settle shows the changes, or makes them.
func settle(o options, changes []tidy.Change) error {
	for _, c := range changes {
		if o.check {
			fmt.Printf("%s: is (-) and should be (+):\n%s\n", c.File, cmp.Diff(string(c.Got), string(c.Want)))
			continue
		}
		file := filepath.Join(o.root, filepath.FromSlash(c.File))
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, c.Want, info.Mode().Perm()); err != nil {
			return err
		}
		fmt.Println("tidied", c.File)
	}
	return nil
}

func runGazelle(o options) error {
	if o.gazelle == "" {
		return nil
	}
	mode := "fix"
	if o.check {
		mode = "diff"
	}
	absolute, err := filepath.Abs(o.config)
	if err != nil {
		return err
	}
	return command(o.root, o.gazelle, "update", "-bzlmod", "-mode="+mode, "-repo_root="+o.root, "-repo_config="+absolute)
}

// command runs a program in dir, with its output shown and its input closed.
func command(dir, name string, args ...string) error {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	c := exec.Command(absolute, args...)
	c.Dir = dir
	c.Stdout = os.Stdout
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(name), args[0], err)
	}
	return nil
}
