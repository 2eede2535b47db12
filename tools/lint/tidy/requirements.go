// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package tidy

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// Requirements finds where go.mod and the imports of the module's packages
// disagree: what is imported must be required directly, and what is required
// directly must be imported. It needs no network, unlike `go mod tidy`.
func Requirements(root string) ([]Finding, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	mod, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil, err
	}
	used := make(map[string]bool)
	var findings []Finding
	err = Walk(root, func(name string) error {
		if path.Ext(name) != ".go" || inNestedModule(root, name) {
			return nil
		}
		imports, err := importsOf(filepath.Join(root, name), mod.Module.Mod.Path)
		if err != nil {
			return err
		}
		for _, imported := range imports {
			required := requirementOf(mod, imported)
			if required == nil || required.Indirect {
				findings = append(findings, Finding{name, 0, fmt.Sprintf("imports %s, which go.mod does not require directly; run 'go mod tidy'", imported)})
				continue
			}
			used[required.Mod.Path] = true
		}
		return nil
	})
	for _, r := range mod.Require {
		if !r.Indirect && !used[r.Mod.Path] {
			findings = append(findings, Finding{"go.mod", r.Syntax.Start.Line, r.Mod.Path + " is required directly but never imported; run 'go mod tidy'"})
		}
	}
	return findings, err
}

func inNestedModule(root, name string) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, err := os.Stat(filepath.Join(root, dir, "go.mod")); err == nil {
			return true
		}
	}
	return strings.Contains("/"+name, "/testdata/")
}

// importsOf lists the imports of one file that come from other modules.
func importsOf(file, own string) ([]string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(imported, "/")
		if strings.Contains(first, ".") && !strings.HasPrefix(imported+"/", own+"/") {
			imports = append(imports, imported)
		}
	}
	return imports, nil
}

// requirementOf finds the module that provides a package: the longest path.
func requirementOf(mod *modfile.File, imported string) *modfile.Require {
	var best *modfile.Require
	for _, r := range mod.Require {
		if !strings.HasPrefix(imported+"/", r.Mod.Path+"/") {
			continue
		}
		if best == nil || len(r.Mod.Path) > len(best.Mod.Path) {
			best = r
		}
	}
	return best
}

// SortFindings orders findings by file and line.
func SortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
}
