// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package tidy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	"golang.org/x/mod/modfile"
)

// bazelModules are Go modules that come as Bazel modules, not through go_deps.
var bazelModules = []string{
	"github.com/bazelbuild/bazel-gazelle",
	"github.com/bazelbuild/rules_go",
}

// SyncModule returns MODULE.bazel with the repositories that go.mod requires
// directly named in `use_repo(go_deps, …)`.
func SyncModule(moduleBazel, goMod []byte) ([]byte, error) {
	mod, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return nil, err
	}
	file, err := build.ParseModule("MODULE.bazel", moduleBazel)
	if err != nil {
		return nil, err
	}
	call := findUseRepo(file, "go_deps")
	if call == nil {
		return nil, fmt.Errorf("MODULE.bazel: no use_repo(go_deps, …); add use_repo(go_deps)")
	}
	call.List = call.List[:1]
	for _, name := range directRepositories(mod) {
		call.List = append(call.List, &build.StringExpr{Value: name})
	}
	call.ForceMultiLine = len(call.List) > 1
	build.Rewrite(file)
	return build.Format(file), nil
}

func findUseRepo(file *build.File, extension string) *build.CallExpr {
	for _, statement := range file.Stmt {
		call, ok := statement.(*build.CallExpr)
		if !ok || len(call.List) == 0 {
			continue
		}
		function, isIdent := call.X.(*build.Ident)
		first, isName := call.List[0].(*build.Ident)
		if isIdent && isName && function.Name == "use_repo" && first.Name == extension {
			return call
		}
	}
	return nil
}

// directRepositories lists the repositories of go.mod's direct requirements.
func directRepositories(mod *modfile.File) []string {
	var names []string
	for _, r := range mod.Require {
		if !r.Indirect && !slices.Contains(bazelModules, r.Mod.Path) {
			names = append(names, repositoryName(r.Mod.Path))
		}
	}
	slices.Sort(names)
	return names
}

// repositoryName is the name Gazelle gives to the repository of a Go module:
// the host's parts reversed, then the path, with every other character as '_'.
func repositoryName(modulePath string) string {
	host, rest, _ := strings.Cut(modulePath, "/")
	parts := strings.Split(host, ".")
	slices.Reverse(parts)
	name := strings.Join(parts, "_")
	if rest != "" {
		name += "_" + rest
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, name)
}
