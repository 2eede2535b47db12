// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgserver

import (
	"fmt"
	"os"
	"path/filepath"
)

// Programs are PostgreSQL's, and know how to get ready for a server.
type Programs interface {
	install(folder string) (installed, error)
}

// installed are programs that can be started by their path.
type installed struct {
	folder string
	env    []string // what they need beside that of all programs
}

// needed are the programs that must be there.
var needed = []string{"initdb", "pg_basebackup", "postgres", "psql"}

// InstalledIn are the programs in a folder, such as Debian's
// /usr/lib/postgresql/15/bin.
func InstalledIn(folder string) (Programs, error) {
	for _, name := range needed {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return nil, fmt.Errorf("no PostgreSQL in %s: %w", folder, err)
		}
	}
	return installed{folder: folder}, nil
}

func (in installed) install(string) (installed, error) { return in, nil }
