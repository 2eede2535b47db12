// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package resolve_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/archive"
	"github.com/lupasearch/lupa/tools/apt/resolve"
)

func TestParseRelations(t *testing.T) {
	tests := []struct {
		field string
		want  []resolve.Clause
		err   string
	}{
		{field: ""},
		{field: " , "},
		{field: "a", want: []resolve.Clause{{{Name: "a"}}}},
		{field: "a:any (>= 1:2-3),b|c (<<4)", want: []resolve.Clause{
			{{Name: "a", Arch: "any", Op: ">=", Version: "1:2-3"}},
			{{Name: "b"}, {Name: "c", Op: "<<", Version: "4"}},
		}},
		{field: "a (< 1), b (> 1)", want: []resolve.Clause{
			{{Name: "a", Op: "<=", Version: "1"}}, {{Name: "b", Op: ">=", Version: "1"}},
		}},
		{field: "a,\n b ( = 1 )", want: []resolve.Clause{{{Name: "a"}}, {{Name: "b", Op: "=", Version: "1"}}}},
		{field: "a (>= 1", err: `relation "a (>= 1": no closing bracket at the end`},
		{field: "a (1)", err: `relation "a (1)": unknown operator `},
		{field: "a (>= )", err: `relation "a (>= )": empty version`},
		{field: "a b", err: `relation "a b": want name`},
		{field: "a [amd64]", err: "want name"},
		{field: "a | | b", err: `relation "": want name`},
	}
	for _, tt := range tests {
		got, err := resolve.ParseRelations(tt.field)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("ParseRelations(%q): error %v, want one with %q", tt.field, err, tt.err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("ParseRelations(%q): %v (-want +got):\n%s", tt.field, err, diff)
		}
	}
}

func TestClauseString(t *testing.T) {
	const field = "a:any (>= 1:2-3) | b | c (<< 4)"
	clauses, err := resolve.ParseRelations(field)
	if err != nil {
		t.Fatal(err)
	}
	if got := clauses[0].String(); got != field {
		t.Errorf("String() = %q, want %q", got, field)
	}
}

func TestAllows(t *testing.T) {
	for _, op := range []string{"", "<<", "<=", "=", ">=", ">>"} {
		r := resolve.Relation{Name: "a", Op: op, Version: "2"}
		got := []bool{r.Allows("1"), r.Allows("2"), r.Allows("3")}
		want := map[string][]bool{
			"": {true, true, true}, "<<": {true, false, false}, "<=": {true, true, false},
			"=": {false, true, false}, ">=": {false, true, true}, ">>": {false, false, true},
		}[op]
		if !slices.Equal(got, want) {
			t.Errorf("(%s 2) allows 1, 2, 3: %v, want %v", op, got, want)
		}
	}
}

// pkg writes a package as "name version field: value; field: value".
func pkg(name, version string, fields ...string) *archive.Package {
	p := &archive.Package{Name: name, Version: version, Architecture: "amd64"}
	for _, f := range fields {
		key, value, _ := strings.Cut(f, ": ")
		switch key {
		case "arch":
			p.Architecture = value
		case "pre":
			p.PreDepends = value
		case "needs":
			p.Depends = value
		case "provides":
			p.Provides = value
		case "conflicts":
			p.Conflicts = value
		case "breaks":
			p.Breaks = value
		}
	}
	return p
}

func TestResolve(t *testing.T) {
	tests := []struct {
		name     string
		packages []*archive.Package
		req      resolve.Request
		want     []string // name=version
		skipped  []string
		err      string
	}{
		{
			name:     "roots only",
			packages: []*archive.Package{pkg("a", "1", "needs: absent")},
			req:      resolve.Request{Roots: []string{"a"}},
			want:     []string{"a=1"},
		},
		{
			name:     "newest over the suites",
			packages: []*archive.Package{pkg("a", "1"), pkg("a", "1.10"), pkg("a", "1.9")},
			req:      resolve.Request{Roots: []string{"a"}},
			want:     []string{"a=1.10"},
		},
		{
			name: "transitive, pre-depends, cycle, self",
			packages: []*archive.Package{
				pkg("a", "1", "pre: b (>= 2)", "needs: a"), pkg("b", "2", "needs: c"), pkg("c", "1", "needs: a (= 1)"), pkg("d", "1"),
			},
			req:  resolve.Request{Roots: []string{"a"}, Follow: true},
			want: []string{"a=1", "b=2", "c=1"},
		},
		{
			name:     "first alternative",
			packages: []*archive.Package{pkg("a", "1", "needs: b | c"), pkg("b", "1"), pkg("c", "1")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true},
			want:     []string{"a=1", "b=1"},
		},
		{
			name:     "second alternative, the first is too old",
			packages: []*archive.Package{pkg("a", "1", "needs: b (>= 2) | c"), pkg("b", "1"), pkg("c", "1")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true},
			want:     []string{"a=1", "c=1"},
		},
		{
			name:     "second alternative, it is a root",
			packages: []*archive.Package{pkg("a", "1", "needs: b | c"), pkg("b", "1"), pkg("c", "1")},
			req:      resolve.Request{Roots: []string{"a", "c"}, Follow: true},
			want:     []string{"a=1", "c=1"},
		},
		{
			name:     "second alternative, an earlier dependency is it",
			packages: []*archive.Package{pkg("a", "1", "needs: c, b | c"), pkg("b", "1"), pkg("c", "1")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true},
			want:     []string{"a=1", "c=1"},
		},
		{
			name:     "virtual: first provider by name",
			packages: []*archive.Package{pkg("a", "1", "needs: v"), pkg("q", "1", "provides: v"), pkg("p", "1", "provides: w, v")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true},
			want:     []string{"a=1", "p=1"},
		},
		{
			name:     "virtual: the real package before providers",
			packages: []*archive.Package{pkg("a", "1", "needs: v"), pkg("p", "1", "provides: v"), pkg("v", "1")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true},
			want:     []string{"a=1", "v=1"},
		},
		{
			name:     "virtual: versioned",
			packages: []*archive.Package{pkg("a", "1", "needs: v (>= 2)"), pkg("p", "9", "provides: v"), pkg("q", "1", "provides: v (= 1)"), pkg("r", "1", "provides: v (= 3)")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true},
			want:     []string{"a=1", "r=1"},
		},
		{
			name:     "architectures",
			packages: []*archive.Package{pkg("a", "1", "needs: b, c:any, d:amd64"), pkg("b", "1", "arch: all"), pkg("b", "2", "arch: arm64"), pkg("c", "1"), pkg("d", "1")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true},
			want:     []string{"a=1", "b=1", "c=1", "d=1"},
		},
		{
			name:     "another architecture's package",
			packages: []*archive.Package{pkg("a", "1", "needs: b:arm64"), pkg("b", "1")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true},
			err:      "package a 1 needs b:arm64, which no suite has for amd64",
		},
		{
			name:     "exceptions",
			packages: []*archive.Package{pkg("a", "1", "needs: b, c"), pkg("b", "1", "needs: d"), pkg("c", "1"), pkg("d", "1")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true, Except: []string{"b", "d"}},
			want:     []string{"a=1", "c=1"},
			skipped:  []string{"b"},
		},
		{
			name: "no such package",
			req:  resolve.Request{Roots: []string{"a"}},
			err:  "no package a for amd64 in any suite",
		},
		{
			name:     "no such version",
			packages: []*archive.Package{pkg("a", "1", "needs: b (>= 2) | v"), pkg("b", "1")},
			req:      resolve.Request{Roots: []string{"a"}, Follow: true},
			err:      "package a 1 needs b (>= 2) | v, which no suite has for amd64",
		},
		{
			name:     "rubbish in a field",
			packages: []*archive.Package{pkg("a", "1", "needs: b (")},
			req:      resolve.Request{Roots: []string{"a"}},
			err:      `package a 1: relation "b (": no closing bracket`,
		},
		{
			name:     "conflict",
			packages: []*archive.Package{pkg("a", "1", "conflicts: v"), pkg("b", "2", "provides: v")},
			req:      resolve.Request{Roots: []string{"a", "b"}},
			err:      "package a 1 rejects v, which b 2 is",
		},
		{
			name:     "breaks older ones only, and never itself",
			packages: []*archive.Package{pkg("a", "1", "breaks: b (<< 2)", "conflicts: v", "provides: v"), pkg("b", "2")},
			req:      resolve.Request{Roots: []string{"a", "b"}},
			want:     []string{"a=1", "b=2"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, skipped, err := answer(tt.packages, tt.req)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("packages (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.skipped, skipped); diff != "" {
				t.Errorf("skipped (-want +got):\n%s", diff)
			}
		})
	}
}

func answer(packages []*archive.Package, req resolve.Request) (got, skipped []string, err error) {
	u, err := resolve.NewUniverse("amd64", packages)
	if err != nil {
		return nil, nil, err
	}
	c, err := u.Resolve(req)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Packages)) {
		got = append(got, name+"="+c.Packages[name].Version)
	}
	return got, slices.Sorted(maps.Keys(c.Skipped)), nil
}
