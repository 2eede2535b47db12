// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-sqlite3"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// Marks of our files, so that no other is taken for one.
const (
	applicationID = 0x4c757061 // "Lupa"
	schemaVersion = 1          // raised when the tables or what is in them change
)

// Replace builds a new generation and serves it.
func (s *Store) Replace(ctx context.Context, collection, fingerprint string, fill func(add func(catalog.Document) error) error) error {
	sh, err := s.shelf(collection)
	if err != nil {
		return err
	}
	name, err := nextGeneration(sh.dir)
	if err != nil {
		return err
	}
	file := filepath.Join(sh.dir, name)
	partial := file + partialSuffix
	if err := build(ctx, partial, sh.collection, fingerprint, fill); err != nil {
		return errors.Join(err, ignoreNotExist(os.Remove(partial)))
	}
	if err := errors.Join(syncPath(partial), os.Rename(partial, file), syncPath(sh.dir)); err != nil {
		return err
	}
	g, err := openGeneration(file, sh.collection, s.readers)
	if err != nil {
		return fmt.Errorf("open the new generation: %w", err)
	}
	if err := writeCurrent(sh.dir, name); err != nil {
		return errors.Join(err, g.close())
	}
	if old := sh.swap(g); old != nil {
		s.retire(old)
	}
	return nil
}

func ignoreNotExist(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// build writes one file: rows first, then the index over all of them.
func build(ctx context.Context, file string, c catalog.Collection, fingerprint string, fill func(add func(catalog.Document) error) error) (err error) {
	db := openWriter(file)
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, statement := range schema(c) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("create tables: %w", err)
		}
	}
	documents, err := insertAll(ctx, db, c, fill)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		// One segment of the index at the end instead of many to merge: the words
		// of this many bytes are collected before they are written.
		"INSERT INTO fts(fts, rank) VALUES('hashsize', 268435456)",
		"INSERT INTO fts(fts) VALUES('rebuild')",
		"INSERT INTO fts(fts) VALUES('optimize')",
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("build the index: %w", err)
		}
	}
	_, err = db.ExecContext(ctx, "INSERT INTO meta(fields, fingerprint, documents, built) VALUES(?, ?, ?, ?)",
		fieldNames(c), fingerprint, documents, time.Now().UTC().Format(time.RFC3339Nano))
	if err != nil {
		return err
	}
	return checkBuilt(ctx, db, documents)
}

// schema has the table of documents, and the index over its text columns, which
// keeps no copy of the text.
func schema(c catalog.Collection) []string {
	var columns, typed []string
	for _, f := range c.Fields {
		columns = append(columns, column(f))
		typed = append(typed, column(f)+" TEXT NOT NULL")
	}
	return []string{
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		fmt.Sprintf("PRAGMA user_version = %d", schemaVersion),
		"CREATE TABLE meta(fields TEXT NOT NULL, fingerprint TEXT NOT NULL, documents INTEGER NOT NULL, built TEXT NOT NULL) STRICT",
		"CREATE TABLE doc(docid INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, " + strings.Join(typed, ", ") + ") STRICT",
		"CREATE VIRTUAL TABLE fts USING fts5(" + strings.Join(columns, ", ") +
			", content='doc', content_rowid='docid', tokenize='unicode61 remove_diacritics 2')",
	}
}

// insertAll puts what fill gives into the table, in one transaction.
func insertAll(ctx context.Context, db *sql.DB, c catalog.Collection, fill func(add func(catalog.Document) error) error) (int, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	insert, err := tx.PrepareContext(ctx, "INSERT INTO doc VALUES(?"+strings.Repeat(", ?", len(c.Fields)+1)+")")
	if err != nil {
		return 0, err
	}
	defer insert.Close()
	documents := 0
	row := make([]any, len(c.Fields)+2)
	err = fill(func(d catalog.Document) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := checkDocument(c, d); err != nil {
			return err
		}
		row[0], row[1] = documents+1, d.ID
		for i, value := range d.Values {
			row[i+2] = withoutMarks.Replace(value)
		}
		if _, err := insert.Exec(row...); err != nil {
			return insertError(d, err)
		}
		documents++
		return nil
	})
	if err != nil {
		return 0, err
	}
	return documents, tx.Commit()
}

// withoutMarks takes out what would be taken for the marks around a match.
var withoutMarks = strings.NewReplacer(string(markOn), "", string(markOff), "")

// checkDocument refuses what SQLite would store as something else.
func checkDocument(c catalog.Collection, d catalog.Document) error {
	if d.ID == "" {
		return catalog.Errorf(catalog.CodeInvalid, "document without an id")
	}
	if len(d.Values) != len(c.Fields) {
		return fmt.Errorf("document %q has %d values for %d fields", d.ID, len(d.Values), len(c.Fields))
	}
	for i, text := range append([]string{d.ID}, d.Values...) {
		what := "id"
		if i > 0 {
			what = "field " + c.Fields[i-1].Name
		}
		if !utf8.ValidString(text) {
			return catalog.Errorf(catalog.CodeInvalid, "document %q: %s is not valid UTF-8", d.ID, what)
		}
		if at := strings.IndexByte(text, 0); at >= 0 {
			return catalog.Errorf(catalog.CodeInvalid, "document %q: %s has a NUL character at byte %d", d.ID, what, at)
		}
	}
	return nil
}

func insertError(d catalog.Document, err error) error {
	var sqliteErr sqlite3.Error
	if errors.As(err, &sqliteErr) && sqliteErr.ExtendedCode == sqlite3.ErrConstraintUnique {
		return catalog.Errorf(catalog.CodeInvalid, "document %q: there is one with this id already", d.ID)
	}
	return fmt.Errorf("insert document %q: %w", d.ID, err)
}

// checkBuilt makes sure that the index is sound and has every document.
func checkBuilt(ctx context.Context, db *sql.DB, documents int) error {
	if _, err := db.ExecContext(ctx, "INSERT INTO fts(fts) VALUES('integrity-check')"); err != nil {
		return fmt.Errorf("check the new index: %w", err)
	}
	var indexed int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM fts_docsize").Scan(&indexed); err != nil {
		return fmt.Errorf("check the new index: %w", err)
	}
	if indexed != documents {
		return fmt.Errorf("check the new index: it has %d documents of %d", indexed, documents)
	}
	return nil
}
