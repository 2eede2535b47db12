// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/goccy/go-yaml"
)

// Automatic is the value of List.Snapshot that leaves the choice to the lock.
const Automatic = "auto"

// A List is packages.yaml.
type List struct {
	// Keys are files of ASCII-armored public keys, relative to the list.
	Keys []string `json:"keys" yaml:"keys"`
	// Suites are searched for packages; of each the newest version wins.
	Suites []Suite `json:"suites" yaml:"suites"`
	// Architectures by their Debian names.
	Architectures []string `json:"architectures" yaml:"architectures"`
	// Snapshot is a time as snapshot.debian.org writes it, or Automatic.
	Snapshot string `json:"snapshot" yaml:"snapshot"`
	// Groups by name.
	Groups map[string]Group `json:"groups" yaml:"groups"`
}

// A Suite is one suite of one archive.
type Suite struct {
	// Name is the suite's codename, such as "bookworm-updates".
	Name string `json:"name" yaml:"name"`
	// Archive is "debian" or "debian-security".
	Archive    string   `json:"archive" yaml:"archive"`
	Components []string `json:"components" yaml:"components"`
	// SignedBy are fingerprints of keys, one of which must have signed.
	SignedBy []string `json:"signed_by" yaml:"signed_by"`
}

// A Group is a set of packages that are used together.
type Group struct {
	Purpose       string   `json:"purpose" yaml:"purpose"`
	Architectures []string `json:"architectures" yaml:"architectures"`
	// Tree offers the group as one folder with all its files.
	Tree bool `json:"tree" yaml:"tree"`
	// Suites limits the group to some of the list's suites; if there are none,
	// it is not limited. Packages that other groups have, too, are theirs.
	Suites []string `json:"suites,omitempty" yaml:"suites"`
	// Depends is "all" or "none": whether dependencies belong to the group.
	Depends string `json:"depends" yaml:"depends"`
	// Packages maps names to the reasons why they are there.
	Packages map[string]string `json:"packages" yaml:"packages"`
	// Except maps dependencies that are left out to the reasons.
	Except map[string]string `json:"except" yaml:"except"`
	// Include and Exclude are patterns of paths in the tree.
	Include []string `json:"include" yaml:"include"`
	Exclude []string `json:"exclude" yaml:"exclude"`
}

// ReadList reads and checks packages.yaml. Errors say file, line and column.
func ReadList(path string) (*List, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read package list: %w", err)
	}
	return ParseList(data, path)
}

// ParseList is ReadList of data; errors name it as name.
func ParseList(data []byte, name string) (*List, error) {
	l := &List{Snapshot: Automatic}
	if err := yaml.UnmarshalWithOptions(data, l, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, true))
	}
	if err := l.check(); err != nil {
		return nil, err.at(data, name)
	}
	return l, nil
}

// Digest is a checksum over what the list says, not over how it is laid out: it
// stays the same when comments, order of keys or quotes change.
func (l *List) Digest() string {
	data, err := json.Marshal(l)
	if err != nil {
		panic(err) // Strings, lists and maps of strings always encode.
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Archives returns the names of the archives, sorted.
func (l *List) Archives() []string {
	names := map[string]bool{}
	for _, s := range l.Suites {
		names[s.Archive] = true
	}
	return slices.Sorted(maps.Keys(names))
}
