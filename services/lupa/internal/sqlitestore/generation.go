// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A generation is one complete file, open for searching.
type generation struct {
	file        string
	collection  catalog.Collection
	documents   int
	bytes       int64
	built       time.Time
	fingerprint string

	db    *sql.DB
	rank  *sql.Stmt // expression, limit, offset → docid, score
	count *sql.Stmt // expression → number
	fetch *sql.Stmt // expression, docids as JSON → docid, key, values, snippets

	users sync.WaitGroup // searches under way
}

// openGeneration opens a file and makes sure that it is one of ours, of this
// version and of these fields, and that its index answers.
func openGeneration(file string, c catalog.Collection, readers int) (*generation, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	g := &generation{file: file, collection: c, bytes: info.Size(), db: openReaders(file, readers)}
	if err := g.prepare(); err != nil {
		return nil, errors.Join(err, g.db.Close())
	}
	return g, nil
}

func (g *generation) prepare() error {
	var application, version int
	if err := g.db.QueryRow("SELECT application_id, user_version FROM pragma_application_id, pragma_user_version").Scan(&application, &version); err != nil {
		return err
	}
	if application != applicationID || version != schemaVersion {
		return fmt.Errorf("application id %#x and schema version %d, want %#x and %d", application, version, applicationID, schemaVersion)
	}
	var fields, built string
	row := g.db.QueryRow("SELECT fields, fingerprint, documents, built FROM meta")
	if err := row.Scan(&fields, &g.fingerprint, &g.documents, &built); err != nil {
		return err
	}
	if want := fieldNames(g.collection); fields != want {
		return fmt.Errorf("it has the fields %s, the configuration has %s", fields, want)
	}
	var err error
	if g.built, err = time.Parse(time.RFC3339Nano, built); err != nil {
		return err
	}
	for statement, text := range map[**sql.Stmt]string{&g.rank: g.rankSQL(), &g.count: countSQL, &g.fetch: g.fetchSQL()} {
		if *statement, err = g.db.Prepare(text); err != nil {
			return err
		}
	}
	var probe int
	return g.count.QueryRow(`"lupa"`).Scan(&probe)
}

// rankSQL asks for docids only: SQLite's own sorter then keeps no more rows than
// asked for, where ORDER BY rank would sort all that match.
func (g *generation) rankSQL() string {
	weights := make([]string, 0, len(g.collection.Fields))
	for _, f := range g.collection.Fields {
		weights = append(weights, fmt.Sprintf("%g", f.Weight))
	}
	return "SELECT rowid, bm25(fts, " + strings.Join(weights, ", ") + ") AS score FROM fts WHERE fts MATCH ? ORDER BY score, rowid LIMIT ? OFFSET ?"
}

const countSQL = "SELECT count(*) FROM fts WHERE fts MATCH ?"

// fetchSQL reads the documents of one page with their snippets.
func (g *generation) fetchSQL() string {
	var columns strings.Builder
	for i, f := range g.collection.Fields {
		fmt.Fprintf(&columns, ", doc.%s, snippet(fts, %d, '%c', '%c', '…', %d)", column(f), i, markOn, markOff, snippetTokens)
	}
	return "SELECT doc.docid, doc.key" + columns.String() +
		" FROM json_each(?2) AS page CROSS JOIN fts ON fts.rowid = page.value CROSS JOIN doc ON doc.docid = page.value WHERE fts MATCH ?1"
}

// column names a field in the tables; the prefix keeps clear of FTS5's own names.
func column(f catalog.Field) string { return "f_" + f.Name }

func fieldNames(c catalog.Collection) string {
	names := make([]string, 0, len(c.Fields))
	for _, f := range c.Fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ",")
}

func (g *generation) close() error {
	var errs []error
	for _, statement := range []*sql.Stmt{g.rank, g.count, g.fetch} {
		if statement != nil {
			errs = append(errs, statement.Close())
		}
	}
	return errors.Join(append(errs, g.db.Close())...)
}
