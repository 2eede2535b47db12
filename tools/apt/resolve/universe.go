// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lupasearch/lupa/tools/apt/archive"
	"github.com/lupasearch/lupa/tools/apt/deb"
)

// all is the architecture of packages that run everywhere.
const all = "all"

// A Package is an archive's package with its relations read.
type Package struct {
	*archive.Package
	// Needs are Pre-Depends and Depends; Rejects are Conflicts and Breaks.
	Needs, Rejects []Clause
	// Offers are the virtual packages it stands for.
	Offers []Relation
}

// A Universe is what can be installed on one architecture: of each package its
// newest version over all suites. It is read-only once made.
type Universe struct {
	arch      string
	packages  map[string]*archive.Package
	providers map[string][]*Package // By virtual name, sorted by package name.
	read      map[string]*Package
}

// NewUniverse takes the packages of arch and those for every architecture.
func NewUniverse(arch string, packages []*archive.Package) (*Universe, error) {
	u := &Universe{
		arch: arch, packages: map[string]*archive.Package{},
		providers: map[string][]*Package{}, read: map[string]*Package{},
	}
	for _, p := range packages {
		if p.Architecture != arch && p.Architecture != all {
			continue
		}
		if old := u.packages[p.Name]; old == nil || deb.Compare(old.Version, p.Version) < 0 {
			u.packages[p.Name] = p
		}
	}
	for _, p := range u.packages {
		if p.Provides == "" {
			continue
		}
		full, err := u.Package(p.Name)
		if err != nil {
			return nil, err
		}
		for _, offer := range full.Offers {
			u.providers[offer.Name] = append(u.providers[offer.Name], full)
		}
	}
	for _, list := range u.providers {
		slices.SortFunc(list, func(a, b *Package) int { return cmp.Compare(a.Name, b.Name) })
	}
	return u, nil
}

// Package returns the newest version of the named package.
func (u *Universe) Package(name string) (*Package, error) {
	if p := u.read[name]; p != nil {
		return p, nil
	}
	entry := u.packages[name]
	if entry == nil {
		return nil, fmt.Errorf("no package %s for %s in any suite", name, u.arch)
	}
	p := &Package{Package: entry}
	for _, field := range []struct {
		text string
		to   *[]Clause
	}{
		{entry.PreDepends, &p.Needs},
		{entry.Depends, &p.Needs},
		{entry.Conflicts, &p.Rejects},
		{entry.Breaks, &p.Rejects},
	} {
		clauses, err := ParseRelations(field.text)
		if err != nil {
			return nil, fmt.Errorf("package %s %s: %w", name, entry.Version, err)
		}
		*field.to = append(*field.to, clauses...)
	}
	offers, err := ParseRelations(entry.Provides)
	if err != nil {
		return nil, fmt.Errorf("package %s %s: %w", name, entry.Version, err)
	}
	for _, c := range offers {
		p.Offers = append(p.Offers, c...)
	}
	u.read[name] = p
	return p, nil
}

// candidates lists what meets r, the package of that name first.
func (u *Universe) candidates(r Relation) ([]*Package, error) {
	var out []*Package
	if u.packages[r.Name] != nil {
		p, err := u.Package(r.Name)
		if err != nil {
			return nil, err
		}
		if p.meets(r, u.arch) {
			out = append(out, p)
		}
	}
	for _, p := range u.providers[r.Name] {
		if p.Name != r.Name && p.meets(r, u.arch) {
			out = append(out, p)
		}
	}
	return out, nil
}

// meets says whether p, on a machine of architecture arch, is what r asks for,
// by its own name or by one it provides.
func (p *Package) meets(r Relation, arch string) bool {
	if r.Arch != "" && r.Arch != "any" && r.Arch != "native" && r.Arch != arch {
		return false
	}
	if p.Name == r.Name && r.Allows(p.Version) {
		return true
	}
	for _, offer := range p.Offers {
		// An offer without a version never meets a relation with one.
		if offer.Name == r.Name && (r.Op == "" || offer.Op == "=" && r.Allows(offer.Version)) {
			return true
		}
	}
	return false
}
