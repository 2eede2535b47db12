// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"fmt"
	"maps"
	"slices"
)

// A Request asks for packages by name.
type Request struct {
	Roots []string
	// Follow adds what they depend on, and what that depends on.
	Follow bool
	// Except are packages that are never followed to.
	Except []string
}

// A Closure is the answer to a Request.
type Closure struct {
	// Packages by name.
	Packages map[string]*Package
	// Skipped are those exceptions that something depended on.
	Skipped map[string]bool
}

// Resolve answers the request. Of several packages that meet a dependency it
// takes one that is in the closure already, else the first alternative, and of
// several providers the first by name. Two packages that reject each other are
// an error.
func (u *Universe) Resolve(req Request) (*Closure, error) {
	c := &Closure{Packages: map[string]*Package{}, Skipped: map[string]bool{}}
	queue := slices.Sorted(slices.Values(req.Roots))
	// All roots are in before any choice is made, so that they decide it.
	for _, name := range queue {
		p, err := u.Package(name)
		if err != nil {
			return nil, err
		}
		c.Packages[name] = p
	}
	for req.Follow && len(queue) > 0 {
		p := c.Packages[queue[0]]
		queue = queue[1:]
		chosen, err := u.Choose(p, c.Packages)
		if err != nil {
			return nil, err
		}
		for _, need := range chosen {
			if slices.Contains(req.Except, need.Name) {
				c.Skipped[need.Name] = true
			} else if c.Packages[need.Name] == nil {
				c.Packages[need.Name] = need
				queue = append(queue, need.Name)
			}
		}
	}
	return c, c.conflict(u.arch)
}

// Choose returns the packages that meet what p needs, in the order of its
// dependencies and without repetition, preferring those in have and those that
// meet an earlier dependency.
func (u *Universe) Choose(p *Package, have map[string]*Package) ([]*Package, error) {
	var out []*Package
	has := func(q *Package) bool { return have[q.Name] != nil || slices.Contains(out, q) }
	for _, clause := range p.Needs {
		chosen, err := u.chooseOne(clause, has)
		if err != nil {
			return nil, err
		}
		if chosen == nil {
			return nil, fmt.Errorf("package %s %s needs %s, which no suite has for %s", p.Name, p.Version, clause, u.arch)
		}
		if chosen.Name != p.Name && !slices.Contains(out, chosen) {
			out = append(out, chosen)
		}
	}
	return out, nil
}

func (u *Universe) chooseOne(clause Clause, has func(*Package) bool) (*Package, error) {
	var first *Package
	for _, relation := range clause {
		candidates, err := u.candidates(relation)
		if err != nil {
			return nil, err
		}
		for _, p := range candidates {
			if has(p) {
				return p, nil
			}
			if first == nil {
				first = p
			}
		}
	}
	return first, nil
}

// conflict finds two packages of the closure of which one rejects the other.
func (c *Closure) conflict(arch string) error {
	for _, name := range slices.Sorted(maps.Keys(c.Packages)) {
		p := c.Packages[name]
		for _, clause := range p.Rejects {
			for _, relation := range clause {
				for _, other := range slices.Sorted(maps.Keys(c.Packages)) {
					if other != name && c.Packages[other].meets(relation, arch) {
						return fmt.Errorf("package %s %s rejects %s, which %s %s is",
							name, p.Version, relation, other, c.Packages[other].Version)
					}
				}
			}
		}
	}
	return nil
}
