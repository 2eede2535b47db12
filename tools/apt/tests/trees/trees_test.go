// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package trees_test looks at the unpacked trees of the real lock.
package trees_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
)

// TestClosed checks that no tree has a link that is absolute, ends nowhere or
// leaves the tree: such a tree is another one on the next machine.
func TestClosed(t *testing.T) {
	if flag.NArg() == 0 {
		t.Fatal("no tree is given")
	}
	for _, arg := range flag.Args() {
		name, wanted, _ := strings.Cut(arg, "=")
		t.Run(name, func(t *testing.T) {
			root, err := runfiles.Rlocation(name)
			if err != nil {
				t.Fatal(err)
			}
			root, err = filepath.EvalSymlinks(root)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(root, wanted)); err != nil {
				t.Error(err)
			}
			files, links := walk(t, root)
			t.Logf("%d files, %d links", files, links)
			if files == 0 {
				t.Error("no files")
			}
		})
	}
}

func walk(t *testing.T, root string) (files, links int) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if d.Type()&fs.ModeSymlink == 0 {
			files++
			return nil
		}
		links++
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		end, err := filepath.EvalSymlinks(path)
		switch {
		case filepath.IsAbs(target):
			t.Errorf("%s is absolute: %s", path, target)
		case err != nil:
			t.Errorf("%s ends nowhere: %v", path, err)
		case !strings.HasPrefix(end, root+"/"):
			t.Errorf("%s leaves the tree: %s", path, end)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return files, links
}
