// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Format is the version of the lock's form.
const Format = 1

// A Lock is packages.lock.json.
type Lock struct {
	// Comment tells readers where the file is from.
	Comment string `json:"comment"`
	Format  int    `json:"format"`
	// List is the Digest of the list the lock was made from.
	List string `json:"list"`
	// Snapshot is a time at which snapshot.debian.org has all packages, in its
	// own form.
	Snapshot string          `json:"snapshot"`
	Suites   []LockedSuite   `json:"suites"`
	Groups   []LockedGroup   `json:"groups"`
	Packages []LockedPackage `json:"packages"`
}

// A LockedSuite is the state of a suite that packages were taken from.
type LockedSuite struct {
	Name      string    `json:"name"`
	Archive   string    `json:"archive"`
	Date      time.Time `json:"date"`
	InRelease string    `json:"inrelease_sha256"`
	SignedBy  string    `json:"signed_by"`
}

// A LockedGroup is a group with its packages by architecture.
type LockedGroup struct {
	Name     string              `json:"name"`
	Purpose  string              `json:"purpose"`
	Tree     bool                `json:"tree"`
	Include  []string            `json:"include,omitempty"`
	Exclude  []string            `json:"exclude,omitempty"`
	Packages map[string][]string `json:"packages"`
}

// A LockedPackage is one package file.
type LockedPackage struct {
	Name         string `json:"name"`
	Version      string `json:"version"`
	Architecture string `json:"architecture"`
	SHA256       string `json:"sha256"`
	Size         int64  `json:"size"`
	Archive      string `json:"archive"`
	Suite        string `json:"suite"`
	Path         string `json:"path"`
	// Snapshot is the lock's Snapshot of the time this file came in, so that
	// an entry changes only when its file does.
	Snapshot string `json:"snapshot"`
	// Depends are the packages that meet its dependencies.
	Depends []string `json:"depends"`
}

// ReadLock reads a lock. If there is no file it returns an empty lock.
func ReadLock(path string) (*Lock, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Lock{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read lock: %w", err)
	}
	l := &Lock{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(l); err != nil {
		return nil, fmt.Errorf("read lock %s: %w: delete it and lock again", path, err)
	}
	if l.Format != Format {
		return nil, fmt.Errorf("read lock %s: format %d, want %d: delete it and lock again", path, l.Format, Format)
	}
	return l, nil
}

// Sort puts everything into the order in which it is written.
func (l *Lock) Sort() {
	slices.SortFunc(l.Groups, func(a, b LockedGroup) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Packages, func(a, b LockedPackage) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Architecture, b.Architecture))
	})
}

// Encode renders the lock as it is written.
func (l *Lock) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(l)
	return b.Bytes(), err
}

// Write replaces the file at path by the lock, whole or not at all.
func (l *Lock) Write(path string) error {
	data, err := l.Encode()
	if err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	return nil
}

// Size is the sum of the sizes of all package files, in bytes.
func (l *Lock) Size() int64 {
	var sum int64
	for _, p := range l.Packages {
		sum += p.Size
	}
	return sum
}

// Agree returns an error if the lock was not made from the list. The names are
// those of the two files.
func Agree(list *List, lock *Lock, listName, lockName string) error {
	if got := list.Digest(); got != lock.List {
		return fmt.Errorf("%s is out of date: it was made from a list with digest %q, %s has %q: run the lock target beside it",
			lockName, lock.List, listName, got)
	}
	return nil
}
