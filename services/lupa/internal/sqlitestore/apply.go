// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// Apply changes the generation that is served.
func (s *Store) Apply(ctx context.Context, collection string, changes []catalog.Change, position string) error {
	sh, err := s.shelf(collection)
	if err != nil {
		return err
	}
	sh.writing.Lock()
	defer sh.writing.Unlock()
	g, release, err := s.acquireLive(ctx, sh)
	if err != nil {
		return err
	}
	defer release()
	err = g.apply(ctx, changes, position)
	sh.touch(changes) // when they can be seen, not before
	if err != nil {
		return fmt.Errorf("change collection %s: %w", collection, g.checked(err))
	}
	if err := g.live.tidy(g.file); err != nil {
		s.log.Warn("the log of changes could not be moved into the index", "collection", collection, "error", err)
	}
	g.measure()
	s.renewWorn(sh, g)
	return nil
}

// acquireLive gives the current generation, which can be changed.
func (s *Store) acquireLive(ctx context.Context, sh *shelf) (g *generation, release func(), err error) {
	g, release, err = sh.acquire()
	if err != nil || g.live != nil {
		return g, release, err
	}
	next, err := g.enliven(s.readers)
	release()
	if err != nil {
		return nil, nil, err
	}
	sh.swap(next)
	g.users.Wait() // changes may move into the file only when nobody reads it without locks
	if err := g.close(); err != nil {
		return nil, nil, err
	}
	return sh.acquire()
}

// apply makes the changes in one transaction, and the view of what comes of them.
func (g *generation) apply(ctx context.Context, changes []catalog.Change, position string) (err error) {
	w := g.live.writer
	if w == nil {
		return errors.New("the cache was opened for reading only")
	}
	g.readers.rest()
	if err := w.exhaust(background, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	before := g.current.Load()
	e := g.edit(before)
	changed, err := g.applyAll(ctx, e, changes)
	next := e.view()
	if changed {
		next.changes++
		next.changed = time.Now().UTC()
	}
	next.mark.Position = position
	if err == nil {
		err = w.exhaust(background, "UPDATE meta SET position = ?, documents = ?, most = ?, changes = ?, changed = ?",
			position, int64(next.documents), int64(next.most), next.changes, next.changed.Format(time.RFC3339Nano))
	}
	if err == nil {
		g.live.expect(next)
		err = w.exhaust(background, "COMMIT")
	}
	if err != nil {
		g.live.forget(next, before)
		return errors.Join(err, g.rollback())
	}
	g.current.Store(next)
	return nil
}

// rollback ends a transaction that failed, unless SQLite has done so already.
func (g *generation) rollback() error {
	conn, ok := g.live.writer.conn.(*sqlite3.SQLiteConn)
	if ok && conn.AutoCommit() {
		return nil
	}
	return g.live.writer.exhaust(background, "ROLLBACK")
}

// applyAll makes the changes, and tells whether documents changed.
func (g *generation) applyAll(ctx context.Context, e *edit, changes []catalog.Change) (changed bool, err error) {
	last := make(map[string]int, len(changes))
	for i, c := range changes {
		last[c.ID] = i
	}
	for i, c := range changes {
		if last[c.ID] != i {
			continue
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
		one, err := g.applyOne(e, c)
		if err != nil {
			return false, err
		}
		changed = changed || one
	}
	return changed, nil
}

func (g *generation) applyOne(e *edit, c catalog.Change) (changed bool, err error) {
	if c.Document != nil {
		if c.Document.ID != c.ID {
			return false, fmt.Errorf("the change of document %q has document %q", c.ID, c.Document.ID)
		}
		if err := checkDocument(g.collection, *c.Document); err != nil {
			return false, err
		}
	}
	docid, old, found, err := g.held(g.live.writer, c.ID, e.next.most)
	switch {
	case err != nil:
		return false, err
	case found && c.Document != nil && g.same(old, *c.Document):
		return false, nil
	case found:
		if err := g.delete(e, docid, old); err != nil {
			return false, err
		}
	}
	if c.Document != nil {
		return true, g.insert(e, *c.Document)
	}
	return found, nil
}

// held reads a document as it was before the change.
func (g *generation) held(r *reader, id string, most int) (docid uint32, d catalog.Document, found bool, err error) {
	err = r.query(background, "SELECT "+selectColumns(g.collection)+" FROM doc WHERE key = ?", func(row []driver.Value) error {
		found = true
		docid, d, err = g.scan(row, most)
		return err
	}, id)
	return docid, d, found, err
}

// same tells whether two documents are stored alike.
func (g *generation) same(a, b catalog.Document) bool {
	if a.Version != b.Version {
		return false
	}
	for i, f := range g.collection.Fields {
		if stored(f, a.Values[i]) != stored(f, b.Values[i]) {
			return false
		}
	}
	return true
}

// delete removes a document. FTS5 must be told what it was given for it.
func (g *generation) delete(e *edit, docid uint32, d catalog.Document) error {
	w := g.live.writer
	t := g.terms(d.Values)
	names, args := g.indexed(d)
	statement := "INSERT INTO fts(fts, rowid, " + names + ") VALUES('delete', ?" + strings.Repeat(", ?", len(args)) + ")"
	if err := w.exhaust(background, statement, append([]driver.Value{int64(docid)}, args...)...); err != nil {
		return err
	}
	if err := w.exhaust(background, "DELETE FROM doc WHERE docid = ?", int64(docid)); err != nil {
		return err
	}
	if int(docid) <= e.next.base {
		err := w.exhaust(background, "INSERT INTO gone VALUES(?, ?, ?)", int64(docid), int64(t.length), strings.Join(t.terms, termSeparator))
		if err != nil {
			return err
		}
	}
	e.drop(docid, t)
	return nil
}

func (g *generation) insert(e *edit, d catalog.Document) error {
	if e.next.most >= maxDocuments {
		return errors.New("the index has had as many documents as there are numbers; it must be built anew")
	}
	w := g.live.writer
	docid := int64(e.put(d, g.terms(d.Values)))
	row := []driver.Value{docid, d.ID, d.Version}
	for i, f := range g.collection.Fields {
		row = append(row, stored(f, d.Values[i]))
	}
	if err := w.exhaust(background, insertSQL(g.collection), row...); err != nil {
		return err
	}
	names, args := g.indexed(d)
	statement := "INSERT INTO fts(rowid, " + names + ") VALUES(?" + strings.Repeat(", ?", len(args)) + ")"
	return w.exhaust(background, statement, append([]driver.Value{docid}, args...)...)
}

// indexed gives the index's columns and what a document has in them.
func (g *generation) indexed(d catalog.Document) (names string, values []driver.Value) {
	var columns []string
	for i, f := range g.collection.Fields {
		if f.Searched() {
			columns = append(columns, columnName(f.Name))
			values = append(values, stored(f, d.Values[i]))
		}
	}
	return strings.Join(columns, ", "), values
}

// checked notes where an error means that the file is broken: then the collection
// counts as not held, and is built anew.
func (g *generation) checked(err error) error {
	var sqliteErr sqlite3.Error
	if !errors.As(err, &sqliteErr) {
		return err
	}
	switch sqliteErr.Code {
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		g.damaged.Store(true)
	case sqlite3.ErrError:
		// FTS5 says so where its own tables cannot be read.
		if strings.Contains(err.Error(), "vtable constructor failed") {
			g.damaged.Store(true)
		}
	}
	return err
}

// versionsStep is how many documents Versions reads at once.
const versionsStep = 4096

// Versions lists the documents that are served.
func (s *Store) Versions(ctx context.Context, collection, after string, yield func(id, version string) error) error {
	sh, err := s.shelf(collection)
	if err != nil {
		return err
	}
	for {
		page, err := sh.versions(ctx, after)
		if err != nil {
			return err
		}
		for _, one := range page {
			if err := yield(one.ID, one.Version); err != nil {
				return err
			}
		}
		if len(page) < versionsStep {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// versions reads one page. Nothing is held while the page is looked at, so that
// changes can be made meanwhile.
func (sh *shelf) versions(ctx context.Context, after string) (page []catalog.Document, err error) {
	g, release, err := sh.acquire()
	if err != nil {
		return nil, err
	}
	defer release()
	r, _, err := g.snapshot(ctx)
	if err != nil {
		return nil, g.failure(ctx, "list documents", err)
	}
	defer g.end(r)
	err = r.query(ctx, "SELECT key, version FROM doc WHERE key > ? ORDER BY key LIMIT ?", func(row []driver.Value) error {
		id, okID := row[0].(string)
		version, okVersion := row[1].(string)
		if !okID || !okVersion {
			return fmt.Errorf("a document has the key %v and the version %v", row[0], row[1])
		}
		page = append(page, catalog.Document{ID: id, Version: version})
		return nil
	}, after, int64(versionsStep))
	if err != nil {
		return nil, g.failure(ctx, "list documents", err)
	}
	return page, nil
}
