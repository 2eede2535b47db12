// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// Version gives SQLite's version, after making an FTS5 table: without that
// extension, which is an option when SQLite is compiled, nothing here works.
func Version() (version string, err error) {
	db := sql.OpenDB(&connector{dsn: ":memory:"})
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec("CREATE VIRTUAL TABLE probe USING fts5(text)"); err != nil {
		return "", fmt.Errorf("SQLite was compiled without FTS5: %w", err)
	}
	version, _, _ = sqlite3.Version()
	return version, nil
}
