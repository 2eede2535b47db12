// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package locker

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/lupasearch/lupa/tools/apt/archive"
	"github.com/lupasearch/lupa/tools/apt/pins"
	"github.com/lupasearch/lupa/tools/apt/resolve"
)

// A choice is a package and what it was chosen from.
type choice struct {
	*resolve.Package
	from *resolve.Universe
}

// A selection gathers the packages of the groups on one architecture, one
// version of each.
type selection struct {
	arch     string
	packages []*archive.Package
	chosen   map[string]choice
	// all is what groups without a limit choose from.
	all *resolve.Universe
}

// order lists the groups in the order they are resolved: those limited to some
// suites last, by name otherwise.
func order(list *pins.List) []string {
	names := slices.Sorted(maps.Keys(list.Groups))
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(min(1, len(list.Groups[a].Suites)), min(1, len(list.Groups[b].Suites)))
	})
	return names
}

// add resolves a group.
func (s *selection) add(g pins.Group) (*resolve.Closure, error) {
	u, err := s.universe(g.Suites)
	if err != nil {
		return nil, err
	}
	c, err := u.Resolve(resolve.Request{
		Roots:  slices.Collect(maps.Keys(g.Packages)),
		Follow: g.Depends == "all",
		Except: slices.Collect(maps.Keys(g.Except)),
	})
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Packages)) {
		p := c.Packages[name]
		if other, ok := s.chosen[name]; !ok {
			s.chosen[name] = choice{p, u}
		} else if other.Version != p.Version {
			return nil, fmt.Errorf("package %s would be %s of %s, and another group has %s of %s: let the groups agree on suites",
				name, p.Version, p.Suite, other.Version, other.Suite)
		}
	}
	return c, nil
}

// universe returns what a group limited to suites chooses from: their packages,
// and what other groups have already, which must not come in two versions.
func (s *selection) universe(suites []string) (*resolve.Universe, error) {
	var err error
	if len(suites) == 0 {
		if s.all == nil {
			s.all, err = resolve.NewUniverse(s.arch, s.packages)
		}
		return s.all, err
	}
	var within []*archive.Package
	for _, p := range s.packages {
		if slices.Contains(suites, p.Suite) {
			within = append(within, p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.chosen)) {
		within = append(within, s.chosen[name].Package.Package)
	}
	return resolve.NewUniverse(s.arch, within)
}

// depends lists the packages that the named one needs.
func (s *selection) depends(name string) ([]string, error) {
	have := map[string]*resolve.Package{}
	for n, c := range s.chosen {
		have[n] = c.Package
	}
	p := s.chosen[name]
	needs, err := p.from.Choose(p.Package, have)
	if err != nil {
		return nil, err
	}
	depends := make([]string, 0, len(needs))
	for _, n := range needs {
		depends = append(depends, n.Name)
	}
	slices.Sort(depends)
	return depends, nil
}
