// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mattn/go-sqlite3"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
)

// Marks of our files, so that no other is taken for one.
const (
	applicationID = 0x4c757061 // "Lupa"
	schemaVersion = 4          // raised when the tables or what is in them change
)

// Replace builds a new generation and serves it.
func (s *Store) Replace(ctx context.Context, collection string, mark catalog.Mark, fill func(add func(catalog.Document) error) error) error {
	sh, err := s.shelf(collection)
	if err != nil {
		return err
	}
	g, err := s.build(ctx, sh, mark, fill)
	if err != nil {
		return err
	}
	sh.writing.Lock()
	defer sh.writing.Unlock()
	return s.install(sh, g)
}

// build makes a new generation, which is not served yet.
func (s *Store) build(ctx context.Context, sh *shelf, mark catalog.Mark, fill func(add func(catalog.Document) error) error) (*generation, error) {
	name, err := nextGeneration(sh.dir)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(sh.dir, name)
	partial := file + partialSuffix
	if err := build(ctx, partial, sh.collection, mark, fill); err != nil {
		return nil, errors.Join(err, ignoreNotExist(os.Remove(partial)))
	}
	if err := errors.Join(syncPath(partial), os.Rename(partial, file), syncPath(sh.dir)); err != nil {
		return nil, err
	}
	fts5.Trim()
	g, err := openGeneration(file, sh.collection, s.readers, false)
	if err != nil {
		return nil, fmt.Errorf("open the new generation: %w", err)
	}
	return g, nil
}

// install serves a generation from now on. The shelf's writing must be locked.
func (s *Store) install(sh *shelf, g *generation) error {
	if err := writeCurrent(sh.dir, g.name()); err != nil {
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

// build writes one file: rows first, then the index over all of them, then what is
// derived from both.
func build(ctx context.Context, file string, c catalog.Collection, mark catalog.Mark, fill func(add func(catalog.Document) error) error) (err error) {
	db := openWriter(file)
	defer func() { err = errors.Join(err, db.Close()) }()
	statements, err := schema(c)
	if err != nil {
		return err
	}
	if err := execAll(ctx, db, "create tables", statements); err != nil {
		return err
	}
	b, err := newBuilder(ctx, c)
	if err != nil {
		return err
	}
	defer b.exact.close()
	if err := b.insertAll(db, fill); err != nil {
		return err
	}
	err = execAll(ctx, db, "build the index", []string{
		// The words of this many bytes are collected before they are written: few
		// segments to merge at the end, in little memory.
		"INSERT INTO fts(fts, rank) VALUES('hashsize', 33554432)",
		"INSERT INTO fts(fts) VALUES('rebuild')",
		"INSERT INTO fts(fts) VALUES('optimize')",
	})
	if err != nil {
		return err
	}
	fts5.Trim()
	if err := b.derive(db, file, func() error { return checkBuilt(ctx, db, b.documents) }); err != nil {
		return fmt.Errorf("derive from the index: %w", err)
	}
	now := time.Now().UTC().Format(time.RFC3339Nano)
	_, err = db.ExecContext(ctx, "INSERT INTO meta(definition, fingerprint, position, documents, base, most, changes, built, changed) VALUES(?, ?, ?, ?, ?, ?, 0, ?, ?)",
		definition(c), mark.Fingerprint, mark.Position, b.documents, b.documents, b.documents, now, now)
	return err
}

// An executor is a pool of connections, or one of it.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func execAll(ctx context.Context, db executor, doing string, statements []string) error {
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return nil
}

// schema has the table of documents, the index over its searched columns, which
// keeps no copy of the text, and what is derived from both.
func schema(c catalog.Collection) ([]string, error) {
	tokenize, err := specOf(c).FTS5()
	if err != nil {
		return nil, err
	}
	var searched, typed []string
	for _, f := range c.Fields {
		if f.Searched() {
			searched = append(searched, columnName(f.Name))
		}
		kind := "TEXT"
		if !f.Textual() && !f.Multiple {
			kind = "REAL"
		}
		typed = append(typed, columnName(f.Name)+" "+kind)
	}
	return []string{
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		fmt.Sprintf("PRAGMA user_version = %d", schemaVersion),
		// base and most are the highest numbers of documents, when the file was built
		// and now; changes counts how often documents changed since.
		"CREATE TABLE meta(definition TEXT NOT NULL, fingerprint TEXT NOT NULL, position TEXT NOT NULL, documents INTEGER NOT NULL, " +
			"base INTEGER NOT NULL, most INTEGER NOT NULL, changes INTEGER NOT NULL, built TEXT NOT NULL, changed TEXT NOT NULL) STRICT",
		"CREATE TABLE doc(docid INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, version TEXT NOT NULL, " + strings.Join(typed, ", ") + ") STRICT",
		"CREATE VIRTUAL TABLE fts USING fts5(" + strings.Join(searched, ", ") +
			", content='doc', content_rowid='docid', tokenize='" + tokenize + "')",
		"CREATE TABLE derived(name TEXT PRIMARY KEY, data BLOB NOT NULL, crc INTEGER NOT NULL) STRICT",
		// What was derived from documents up to base that are gone, to take it back.
		"CREATE TABLE gone(docid INTEGER PRIMARY KEY, length INTEGER NOT NULL, terms TEXT NOT NULL) STRICT",
	}, nil
}

func specOf(c catalog.Collection) fts5.Spec {
	return fts5.Spec{Kind: fts5.Kind(c.Tokenizer), Language: c.Language}
}

// columnName names a field in the tables; the prefix keeps clear of FTS5's own names.
func columnName(field string) string { return "f_" + field }

// insertSQL takes what row gives.
func insertSQL(c catalog.Collection) string {
	return "INSERT INTO doc VALUES(?" + strings.Repeat(", ?", len(c.Fields)+2) + ")"
}

// insertAll puts what fill gives into the tables, in one transaction.
func (b *builder) insertAll(db *sql.DB, fill func(add func(catalog.Document) error) error) error {
	tx, err := db.BeginTx(b.ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	insert, err := tx.PrepareContext(b.ctx, insertSQL(b.c))
	if err != nil {
		return err
	}
	defer insert.Close()
	err = fill(func(d catalog.Document) error {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if err := checkDocument(b.c, d); err != nil {
			return err
		}
		return b.insert(insert, d)
	})
	if err != nil {
		return err
	}
	return tx.Commit()
}

func (b *builder) insert(insert *sql.Stmt, d catalog.Document) error {
	b.row = append(b.row[:0], b.documents+1, d.ID, d.Version)
	for i, f := range b.c.Fields {
		b.row = append(b.row, stored(f, d.Values[i]))
	}
	if _, err := insert.Exec(b.row...); err != nil {
		return insertError(d, err)
	}
	b.documents++
	for i, f := range b.c.Fields {
		if builder := b.columns[i]; builder != nil {
			builder.Add(d.Values[i])
		}
		if f.Exact == 0 {
			continue
		}
		for _, text := range d.Values[i].Texts {
			b.exact.add(text, b.documents, i)
		}
	}
	return nil
}

// checkDocument refuses what SQLite would store as something else.
func checkDocument(c catalog.Collection, d catalog.Document) error {
	if d.ID == "" {
		return catalog.Errorf(catalog.CodeInvalid, "document without an id")
	}
	if len(d.Values) != len(c.Fields) {
		return fmt.Errorf("document %q has %d values for %d fields", d.ID, len(d.Values), len(c.Fields))
	}
	if err := errors.Join(checkText(d.ID, "id", d.ID), checkText(d.ID, "version", d.Version)); err != nil {
		return err
	}
	for i, f := range c.Fields {
		v := d.Values[i]
		if n := len(v.Texts) + len(v.Numbers); n > 1 && !f.Multiple {
			return catalog.Errorf(catalog.CodeInvalid, "document %q: field %s has %d values, and may have one", d.ID, f.Name, n)
		}
		if f.Textual() && len(v.Numbers) > 0 || !f.Textual() && len(v.Texts) > 0 {
			return fmt.Errorf("document %q: field %s has values of another kind", d.ID, f.Name)
		}
		for _, text := range v.Texts {
			if err := checkText(d.ID, "field "+f.Name, text); err != nil {
				return err
			}
			if f.Multiple && strings.Contains(text, separator) {
				return catalog.Errorf(catalog.CodeInvalid, "document %q: field %s has a unit separator (U+001F), which divides values", d.ID, f.Name)
			}
		}
		for _, number := range v.Numbers {
			if math.IsNaN(number) || math.IsInf(number, 0) {
				return catalog.Errorf(catalog.CodeInvalid, "document %q: field %s has %v, which is no number", d.ID, f.Name, number)
			}
		}
	}
	return nil
}

func checkText(id, what, text string) error {
	if !utf8.ValidString(text) {
		return catalog.Errorf(catalog.CodeInvalid, "document %q: %s is not valid UTF-8", id, what)
	}
	if at := strings.IndexByte(text, 0); at >= 0 {
		return catalog.Errorf(catalog.CodeInvalid, "document %q: %s has a NUL character at byte %d", id, what, at)
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
