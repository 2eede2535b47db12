// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

var (
	packageName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)
	groupName   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	suiteName   = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	printHex    = regexp.MustCompile(`^[0-9A-F]{40}$`)
	timestamp   = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z$`)
)

// A listError is a complaint about the node at a path of the YAML document.
type listError struct {
	steps []any // Keys as strings, indexes as ints.
	what  string
}

func complain(what string, steps ...any) *listError {
	return &listError{steps: steps, what: what}
}

// at finds line and column of the node in data.
func (e *listError) at(data []byte, name string) error {
	var b yaml.PathBuilder
	p := b.Root()
	where := make([]string, 0, len(e.steps))
	for _, step := range e.steps {
		switch s := step.(type) {
		case string:
			p = p.Child(s)
		case int:
			p = p.Index(uint(s))
		}
		where = append(where, fmt.Sprint(step))
	}
	position := name
	if file, err := parser.ParseBytes(data, 0); err == nil {
		if node, err := p.Build().FilterFile(file); err == nil && node != nil {
			at := node.GetToken().Position
			position = fmt.Sprintf("%s:%d:%d", name, at.Line, at.Column)
		}
	}
	return fmt.Errorf("%s: %s: %s", position, strings.Join(where, "."), e.what)
}

func (l *List) check() *listError {
	switch {
	case len(l.Suites) == 0:
		return complain("no suite is given", "suites")
	case len(l.Architectures) == 0:
		return complain("no architecture is given", "architectures")
	case len(l.Groups) == 0:
		return complain("no group is given", "groups")
	case l.Snapshot != Automatic && !timestamp.MatchString(l.Snapshot):
		return complain(fmt.Sprintf("%q is neither %q nor a time like 20260102T150405Z", l.Snapshot, Automatic), "snapshot")
	}
	for i, s := range l.Suites {
		if err := s.check(i); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Groups)) {
		if !groupName.MatchString(name) {
			return complain("a group's name is made of a-z, 0-9 and _", "groups", name)
		}
		if err := l.checkGroup(name, l.Groups[name]); err != nil {
			return err
		}
	}
	return nil
}

func (s Suite) check(i int) *listError {
	switch {
	case !suiteName.MatchString(s.Name):
		return complain(fmt.Sprintf("%q is not a suite's codename", s.Name), "suites", i)
	case !suiteName.MatchString(s.Archive):
		return complain(fmt.Sprintf("%q is not an archive's name", s.Archive), "suites", i)
	case len(s.Components) == 0:
		return complain("no component is given: write components: [main]", "suites", i)
	case len(s.SignedBy) == 0:
		return complain("no fingerprint is given in signed_by", "suites", i)
	}
	for n, f := range s.SignedBy {
		if !printHex.MatchString(f) {
			return complain(fmt.Sprintf("%q is not a fingerprint of 40 hexadecimal digits", f), "suites", i, "signed_by", n)
		}
	}
	return nil
}

func (l *List) checkGroup(name string, g Group) *listError {
	switch {
	case g.Purpose == "":
		return complain("no purpose is given", "groups", name)
	case len(g.Packages) == 0:
		return complain("no package is given", "groups", name)
	case len(g.Architectures) == 0:
		return complain("no architecture is given", "groups", name)
	case g.Depends != "all" && g.Depends != "none":
		return complain(fmt.Sprintf("depends is %q: write all or none", g.Depends), "groups", name)
	case g.Depends == "none" && len(g.Except) > 0:
		return complain("with depends: none there is nothing to except", "groups", name, "except")
	case !g.Tree && len(g.Include)+len(g.Exclude) > 0:
		return complain("include and exclude are for groups with tree: true", "groups", name)
	}
	for i, a := range g.Architectures {
		if !slices.Contains(l.Architectures, a) {
			return complain(fmt.Sprintf("architecture %q is not among %v", a, l.Architectures), "groups", name, "architectures", i)
		}
	}
	for i, wanted := range g.Suites {
		if !slices.ContainsFunc(l.Suites, func(s Suite) bool { return s.Name == wanted }) {
			return complain(fmt.Sprintf("suite %q is not in the list's suites", wanted), "groups", name, "suites", i)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(g.Except)) {
		if g.Packages[p] != "" {
			return complain("is in packages too", "groups", name, "except", p)
		}
	}
	return cmp.Or(
		checkReasons(g.Packages, "groups", name, "packages"),
		checkReasons(g.Except, "groups", name, "except"),
		checkPatterns(g.Include, "groups", name, "include"),
		checkPatterns(g.Exclude, "groups", name, "exclude"),
	)
}

// checkReasons checks a map from packages to reasons, which stands at where.
func checkReasons(packages map[string]string, where ...any) *listError {
	for _, p := range slices.Sorted(maps.Keys(packages)) {
		if !packageName.MatchString(p) {
			return complain(fmt.Sprintf("%q is not a package's name", p), append(where, p)...)
		}
		if strings.TrimSpace(packages[p]) == "" {
			return complain("no reason is given", append(where, p)...)
		}
	}
	return nil
}

// checkPatterns checks a list of patterns, which stands at where.
func checkPatterns(patterns []string, where ...any) *listError {
	for i, p := range patterns {
		if p == "" || path.IsAbs(p) || path.Clean(p) != p || strings.ContainsAny(p, `[]{}\`) {
			return complain(fmt.Sprintf("%q is not a pattern: write a path without leading slash, with *, ? and **", p), append(where, i)...)
		}
		for segment := range strings.SplitSeq(p, "/") {
			if strings.Contains(segment, "**") && segment != "**" {
				return complain(fmt.Sprintf("%q: ** stands alone between slashes", p), append(where, i)...)
			}
		}
	}
	return nil
}
