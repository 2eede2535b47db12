// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package locker

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/lupasearch/lupa/tools/apt/archive"
	"github.com/lupasearch/lupa/tools/apt/mirror"
	"github.com/lupasearch/lupa/tools/apt/pins"
)

// settle is how long after a suite's release its files are certain to be in the
// snapshot archive, which looks at the archives four times a day.
const settle = 12 * time.Hour

// A Locker makes locks. Its fields are set before use.
type Locker struct {
	Fetcher *mirror.Fetcher
	// Keys are the key files of the list, by name.
	Keys map[string][]byte
	// Now is the time against which releases and keys expire.
	Now time.Time
	// AllowExpired accepts releases past their Valid-Until, AllowRollback ones
	// older than those in the lock before.
	AllowExpired, AllowRollback bool
	Log                         *slog.Logger
}

// Lock makes a lock from the list. old is the lock before, or an empty one.
func (l *Locker) Lock(ctx context.Context, list *pins.List, old *pins.Lock) (*pins.Lock, error) {
	lock := &pins.Lock{
		Comment: "Generated from packages.yaml by the lock target beside it. Do not edit.",
		Format:  pins.Format,
		List:    list.Digest(),
	}
	var packages []*archive.Package
	var newest time.Time
	for _, s := range list.Suites {
		release, err := l.release(ctx, s, previous(old, s.Name))
		if err != nil {
			return nil, err
		}
		found, err := l.packages(ctx, s, release, list.Architectures)
		if err != nil {
			return nil, err
		}
		packages = append(packages, found...)
		lock.Suites = append(lock.Suites, pins.LockedSuite{
			Name: s.Name, Archive: s.Archive, Date: release.Date,
			InRelease: release.SHA256, SignedBy: release.SignedBy,
		})
		if release.Date.After(newest) {
			newest = release.Date
		}
	}
	lock.Snapshot = list.Snapshot
	if list.Snapshot == pins.Automatic {
		lock.Snapshot = newest.Add(settle).UTC().Format("20060102T150405Z")
	}
	if err := fill(lock, list, packages); err != nil {
		return nil, err
	}
	keepSnapshots(lock, old)
	lock.Sort()
	return lock, nil
}

func previous(old *pins.Lock, suite string) time.Time {
	for _, s := range old.Suites {
		if s.Name == suite {
			return s.Date
		}
	}
	return time.Time{}
}

// fill resolves every group on each of its architectures.
func fill(lock *pins.Lock, list *pins.List, packages []*archive.Package) error {
	groups := map[string]*pins.LockedGroup{}
	skipped := map[string]map[string]bool{}
	for name, g := range list.Groups {
		groups[name] = &pins.LockedGroup{
			Name: name, Purpose: g.Purpose, Tree: g.Tree,
			Include: g.Include, Exclude: g.Exclude, Packages: map[string][]string{},
		}
		skipped[name] = map[string]bool{}
	}
	seen := map[[2]string]string{}
	for _, arch := range list.Architectures {
		s := &selection{arch: arch, packages: packages, chosen: map[string]choice{}}
		for _, name := range order(list) {
			g := list.Groups[name]
			if !slices.Contains(g.Architectures, arch) {
				continue
			}
			c, err := s.add(g)
			if err != nil {
				return fmt.Errorf("group %s on %s: %w", name, arch, err)
			}
			maps.Copy(skipped[name], c.Skipped)
			groups[name].Packages[arch] = slices.Sorted(maps.Keys(c.Packages))
		}
		if err := appendPackages(lock, s, seen); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		for _, e := range slices.Sorted(maps.Keys(list.Groups[name].Except)) {
			if !skipped[name][e] {
				return fmt.Errorf("group %s: nothing depends on %s: remove it from except", name, e)
			}
		}
		lock.Groups = append(lock.Groups, *groups[name])
	}
	return checkNames(lock)
}

// appendPackages adds those packages that another architecture has not added.
func appendPackages(lock *pins.Lock, s *selection, seen map[[2]string]string) error {
	for _, name := range slices.Sorted(maps.Keys(s.chosen)) {
		p := s.chosen[name].Package
		key := [2]string{name, p.Architecture}
		if other, ok := seen[key]; ok {
			if other != p.Version {
				return fmt.Errorf("package %s would be %s on one CPU and %s on another: let the groups that have it agree on suites", name, other, p.Version)
			}
			continue
		}
		seen[key] = p.Version
		depends, err := s.depends(name)
		if err != nil {
			return err
		}
		lock.Packages = append(lock.Packages, pins.LockedPackage{
			Name: name, Version: p.Version, Architecture: p.Architecture,
			SHA256: p.SHA256, Size: p.Size, Archive: p.Archive, Suite: p.Suite,
			Path: p.Path, Snapshot: lock.Snapshot, Depends: depends,
		})
	}
	return nil
}

// checkNames refuses a group that is called like a package, because both become
// targets of one repository.
func checkNames(lock *pins.Lock) error {
	for _, g := range lock.Groups {
		for _, p := range lock.Packages {
			if p.Name == g.Name {
				return fmt.Errorf("group %s is called like a package: rename the group", g.Name)
			}
		}
	}
	return nil
}

// keepSnapshots carries over when a package file came in.
func keepSnapshots(lock, old *pins.Lock) {
	since := map[string]string{}
	for _, p := range old.Packages {
		since[p.Archive+"/"+p.Path+" "+p.SHA256] = p.Snapshot
	}
	for i, p := range lock.Packages {
		if s := since[p.Archive+"/"+p.Path+" "+p.SHA256]; s != "" {
			lock.Packages[i].Snapshot = s
		}
	}
}
