// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package tests holds the checks of the tree as a whole.
package tests

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/lint/tidy"
)

const mend = "; run: ./tools/bazel run //:tidy"

func TestTreeIsTidy(t *testing.T) {
	root := copyOfTree(t)
	changes, findings, err := tidy.Tree(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		t.Errorf("%s is not in its one form (-is +should be)%s\n%s", c.File, mend, cmp.Diff(string(c.Got), string(c.Want)))
	}
	unmet, err := tidy.Requirements(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(findings, unmet...) {
		t.Error(f)
	}
}

func TestBuildFilesAreGazelles(t *testing.T) {
	root := copyOfTree(t)
	gazelle := exec.Command(located(t, "GAZELLE"), "update", "-bzlmod", "-mode=diff",
		"-repo_root="+root, "-repo_config="+located(t, "GAZELLE_CONFIG"))
	gazelle.Dir = root
	// Gazelle asks the go command for nothing here, but looks for one.
	gazelle.Env = append(os.Environ(), "HOME="+t.TempDir(), "GOFLAGS=-mod=mod", "GOPROXY=off")
	out, err := gazelle.CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("gazelle would change BUILD files (%v)%s\n%s", err, mend, out)
	}
}

// located finds the runfile that an environment variable names.
func located(t *testing.T, variable string) string {
	t.Helper()
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s=%q: %v", variable, os.Getenv(variable), err)
	}
	return file
}

// copyOfTree makes plain files and folders of what Bazel offers as links.
func copyOfTree(t *testing.T) string {
	t.Helper()
	tree := located(t, "TREE")
	root := t.TempDir()
	entries, err := os.ReadDir(tree)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) == 0 {
		t.Fatalf("%s is empty", tree)
	}
	for _, entry := range entries {
		source, err := filepath.EvalSymlinks(filepath.Join(tree, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := copyAll(filepath.Join(root, entry.Name()), source); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func copyAll(to, from string) error {
	return filepath.WalkDir(from, func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}
