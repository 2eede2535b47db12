// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package locker

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/ulikunitz/xz"

	"github.com/lupasearch/lupa/tools/apt/archive"
	"github.com/lupasearch/lupa/tools/apt/pins"
)

// Limits of what is accepted from a mirror, in bytes.
const (
	maxRelease = 8 << 20
	maxIndex   = 256 << 20
)

// release fetches the suite's InRelease and verifies it. It must not be older
// than previous, be expired, or describe another suite.
func (l *Locker) release(ctx context.Context, s pins.Suite, previous time.Time) (*archive.Release, error) {
	ring, err := archive.ReadKeyring(l.Keys, s.SignedBy)
	if err != nil {
		return nil, fmt.Errorf("suite %s: %w", s.Name, err)
	}
	var release *archive.Release
	_, err = l.Fetcher.Get(ctx, s.Archive, "dists/"+s.Name+"/InRelease", maxRelease, func(data []byte) error {
		release, err = ring.Verify(data, l.Now)
		if err != nil {
			return err
		}
		return l.accept(release, s, previous)
	})
	if err != nil {
		return nil, fmt.Errorf("suite %s: %w", s.Name, err)
	}
	l.Log.Info("verified", "suite", s.Name, "date", release.Date, "key", release.SignedBy)
	return release, nil
}

func (l *Locker) accept(r *archive.Release, s pins.Suite, previous time.Time) error {
	switch {
	case r.Codename != s.Name:
		return fmt.Errorf("the mirror answered with suite %q: check the mirror", r.Codename)
	case !l.AllowExpired && !r.ValidUntil.IsZero() && l.Now.After(r.ValidUntil):
		return fmt.Errorf("the release of %s expired on %s: use a current mirror, or --allow-expired if you mean an old state",
			r.Date.Format(time.RFC3339), r.ValidUntil.Format(time.RFC3339))
	case !l.AllowRollback && r.Date.Before(previous):
		return fmt.Errorf("the release of %s is older than that of %s in the lock: use a current mirror, or --allow-rollback if you mean to go back",
			r.Date.Format(time.RFC3339), previous.Format(time.RFC3339))
	}
	return nil
}

// packages fetches the suite's lists of packages, checks and reads them.
func (l *Locker) packages(ctx context.Context, s pins.Suite, r *archive.Release, architectures []string) ([]*archive.Package, error) {
	var all []*archive.Package
	for _, component := range s.Components {
		for _, arch := range architectures {
			dir := component + "/binary-" + arch + "/"
			file, err := r.File(dir + "Packages.xz")
			if err != nil {
				return nil, fmt.Errorf("suite %s: %w", s.Name, err)
			}
			path := "dists/" + s.Name + "/" + dir + "Packages.xz"
			if r.ByHash {
				// Asked for by checksum, a list cannot be that of the next
				// release, which the mirror may be getting just now.
				path = "dists/" + s.Name + "/" + dir + "by-hash/SHA256/" + file.SHA256
			}
			data, err := l.Fetcher.Get(ctx, s.Archive, path, maxIndex, file.Check)
			if err != nil {
				return nil, fmt.Errorf("suite %s: %w", s.Name, err)
			}
			found, err := read(data, s)
			if err != nil {
				return nil, err
			}
			l.Log.Info("read", "suite", s.Name, "architecture", arch, "packages", len(found))
			all = append(all, found...)
		}
	}
	return all, nil
}

func read(data []byte, s pins.Suite) ([]*archive.Package, error) {
	z, err := xz.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("suite %s: list of packages: %w", s.Name, err)
	}
	return archive.ReadPackages(z, s.Archive, s.Name)
}
