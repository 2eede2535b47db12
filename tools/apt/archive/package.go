// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/lupasearch/lupa/tools/apt/deb"
)

// A Package is one entry of a suite's list of packages.
type Package struct {
	Name         string
	Version      string
	Architecture string
	// MultiArch is "", "same", "foreign" or "allowed".
	MultiArch string
	// Archive and Suite say where the entry stands.
	Archive, Suite string
	// Path is the package's place below the archive, "pool/…".
	Path   string
	SHA256 string
	// Size is that of the package file, in bytes.
	Size int64
	// Relations as written; package resolve reads them.
	PreDepends, Depends, Conflicts, Breaks, Provides string
}

// ReadPackages reads an unpacked list of packages of a suite of an archive.
func ReadPackages(r io.Reader, archive, suite string) ([]*Package, error) {
	var all []*Package
	d := deb.NewDecoder(r, suite+": Packages")
	for {
		p, err := d.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		entry, err := newPackage(p)
		if err != nil {
			return nil, fmt.Errorf("%s: package %q: %w", suite, p.Value("Package"), err)
		}
		entry.Archive, entry.Suite = archive, suite
		all = append(all, entry)
	}
}

func newPackage(p deb.Paragraph) (*Package, error) {
	e := &Package{}
	fields := map[string]*string{
		"Package": &e.Name, "Version": &e.Version, "Architecture": &e.Architecture,
		"Multi-Arch": &e.MultiArch, "Filename": &e.Path, "SHA256": &e.SHA256,
		"Pre-Depends": &e.PreDepends, "Depends": &e.Depends, "Conflicts": &e.Conflicts,
		"Breaks": &e.Breaks, "Provides": &e.Provides,
	}
	size := ""
	for _, f := range p {
		if to := fields[f.Name]; to != nil {
			*to = f.Value
		} else if f.Name == "Size" {
			size = f.Value
		}
	}
	for _, name := range []string{"Package", "Version", "Architecture", "Filename", "SHA256"} {
		if *fields[name] == "" {
			return nil, fmt.Errorf("no field %s", name)
		}
	}
	if err := deb.CheckVersion(e.Version); err != nil {
		return nil, err
	}
	if len(e.SHA256) != sha256.Size*2 {
		return nil, fmt.Errorf("%q is not a SHA-256", e.SHA256)
	}
	if path.Clean(e.Path) != e.Path || strings.HasPrefix(e.Path, "/") || strings.HasPrefix(e.Path, "..") {
		return nil, fmt.Errorf("%q is not a path below the archive", e.Path)
	}
	var err error
	e.Size, err = strconv.ParseInt(size, 10, 64)
	return e, err
}
