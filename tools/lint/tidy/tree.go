// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package tidy

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// A Change is a file whose content is not what it should be.
type Change struct {
	File      string // slash-separated, relative to the root of the tree
	Got, Want []byte
}

// Tree compares every file below root with what it should be. Nothing is
// written. Errors name the file that cannot be read or parsed.
func Tree(root string) ([]Change, []Finding, error) {
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, nil, err
	}
	mod, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return nil, nil, err
	}
	formatter := Formatter{ModulePath: mod.Module.Mod.Path, GoVersion: languageVersion(mod.Go.Version)}
	var changes []Change
	var findings []Finding
	err = Walk(root, func(name string) error {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		want, found, err := formatter.Format(name, got)
		if err != nil {
			return err
		}
		if name == "MODULE.bazel" {
			if want, err = SyncModule(want, goMod); err != nil {
				return err
			}
		}
		findings = append(findings, found...)
		if !bytes.Equal(got, want) {
			changes = append(changes, Change{name, got, want})
		}
		return nil
	})
	return changes, findings, err
}

// languageVersion turns 1.26.8 into go1.26, the form formatters take.
func languageVersion(release string) string {
	parts := strings.SplitN(release, ".", 3)
	if len(parts) < 2 {
		return "go" + release
	}
	return fmt.Sprintf("go%s.%s", parts[0], parts[1])
}

// Walk calls visit for every file of the tree that is ours: not what git or
// Bazel keep there, nor what //:templ made, and no symbolic links to folders.
func Walk(root string, visit func(name string) error) error {
	return filepath.WalkDir(root, func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() {
			if name == ".git" || name == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasPrefix(name, "bazel-") && !strings.Contains(name, "/") || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return nil
		}
		return visit(name)
	})
}
