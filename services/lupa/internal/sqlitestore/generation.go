// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

// background is the context of what goes on though a request has ended.
var background = context.Background()

// A generation is one complete file, open for searching. It is sealed, and never
// changes, or it is live: then it has a writer, and a write-ahead log beside it.
type generation struct {
	file       string
	collection catalog.Collection
	built      time.Time
	trigram    bool

	analyzer  *fts5.Analyzer
	folder    *fts5.Analyzer // for words as the vocabulary has them
	whole     *fts5.Analyzer // for values that are matched as a whole
	stopWords map[string]bool
	searched  []string  // names of the searched fields
	weights   []float64 // of the searched fields
	boosts    boosts

	readers   *readers
	fetch     string // SQL: docids as JSON → docid, key, version, values
	fetchFrom string // SQL: the same, for numbers above one and up to another

	current atomic.Pointer[view]
	live    *live       // nil while sealed
	damaged atomic.Bool // SQLite found the file broken
	bytes   atomic.Int64

	users sync.WaitGroup // searches under way
}

// openGeneration opens a file and makes sure that it is one of ours, of this
// version and of these fields, and that its index answers. With readOnly another
// process may be changing it.
func openGeneration(file string, c catalog.Collection, readers int, readOnly bool) (*generation, error) {
	g, err := newGeneration(file, c)
	if err != nil {
		return nil, err
	}
	changing, err := isLive(file)
	if err != nil {
		return nil, err
	}
	connector := sealedConnector(file)
	if _, err := os.Stat(file + walSuffix); readOnly && errors.Is(err, fs.ErrNotExist) {
		changing = false // nobody has it open, and the folder may be one that cannot be written to
	}
	if changing {
		connector = liveConnector(file)
		g.live = newLive()
	}
	if changing && !readOnly {
		if err := g.live.open(file); err != nil {
			return nil, err
		}
	}
	g.readers = newReaders(connector, readers)
	if err := g.prepare(); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// newGeneration has what follows from the collection's definition.
func newGeneration(file string, c catalog.Collection) (*generation, error) {
	g := &generation{file: file, collection: c, trigram: specOf(c).Kind == fts5.Trigram, stopWords: query.StopWords(c.Language)}
	var err error
	if g.analyzer, err = fts5.New(specOf(c)); err != nil {
		return nil, err
	}
	if g.folder, err = fts5.New(fts5.Spec{}); err != nil {
		return nil, err
	}
	if g.whole, err = fts5.New(wholeSpec(c)); err != nil {
		return nil, err
	}
	for _, f := range c.Fields {
		if f.Searched() {
			g.searched = append(g.searched, f.Name)
			g.weights = append(g.weights, f.Weight)
		}
	}
	columns := selectColumns(c)
	g.fetch = "SELECT " + columns + " FROM json_each(?1) AS page CROSS JOIN doc ON doc.docid = page.value"
	g.fetchFrom = "SELECT " + columns + " FROM doc WHERE docid > ?1 AND docid <= ?2 ORDER BY docid"
	return g, nil
}

// selectColumns are those that scan reads.
func selectColumns(c catalog.Collection) string {
	columns := "doc.docid, doc.key, doc.version"
	for _, f := range c.Fields {
		columns += ", doc." + columnName(f.Name)
	}
	return columns
}

// name is the generation's, as it stands in CURRENT.
func (g *generation) name() string { return filepath.Base(g.file) }

// measure notes what the generation takes on disk.
func (g *generation) measure() {
	var total int64
	for _, suffix := range []string{"", walSuffix, shmSuffix} {
		if info, err := os.Stat(g.file + suffix); err == nil {
			total += info.Size()
		}
	}
	g.bytes.Store(total)
}

// prepare makes the view and asks the index for something.
func (g *generation) prepare() error {
	r, err := g.readers.acquire(background)
	if err != nil {
		return err
	}
	defer g.readers.release(r)
	if err := r.exhaust(background, "BEGIN"); err != nil {
		return err
	}
	v, err := g.readView(r)
	if err == nil {
		err = r.query(background, "SELECT count(*) FROM fts WHERE fts MATCH ?", func([]driver.Value) error { return nil }, `"lupa"`)
	}
	if err = errors.Join(err, r.exhaust(background, "COMMIT")); err != nil {
		return err
	}
	g.publish(v)
	return nil
}

// snapshot gives a connection that sees one state of the file, and the view of that
// state. It must be ended.
func (g *generation) snapshot(ctx context.Context) (*reader, *view, error) {
	r, err := g.readers.acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	if g.live == nil {
		return r, g.current.Load(), nil
	}
	if r.sees != nil && r.sees == g.current.Load() {
		return r, r.sees, nil // nothing has changed since this connection looked last
	}
	err = r.rest()
	if err == nil {
		r.sees, err = g.live.begin(r, g.readView)
	}
	if err != nil {
		g.readers.discard(r)
		return nil, nil, err
	}
	return r, r.sees, nil
}

// end gives a snapshot's connection back. Of a live generation it keeps its
// transaction, for the next search, until something is changed.
func (g *generation) end(r *reader) { g.readers.release(r) }

// publish makes a view the one that searches begin with.
func (g *generation) publish(v *view) {
	if g.live != nil {
		g.live.expect(v)
	}
	g.current.Store(v)
	g.measure()
}

// definition tells apart collections whose files differ. Weights and boosts do not
// count: they are for searching.
func definition(c catalog.Collection) string {
	parts := make([]string, 0, len(c.Fields)+1)
	for _, f := range c.Fields {
		part := f.Name + " " + string(f.Kind)
		for _, trait := range []struct {
			has  bool
			name string
		}{{f.Searched(), "searched"}, {f.Exact > 0, "exact"}, {f.Multiple, "multiple"}} {
			if trait.has {
				part += " " + trait.name
			}
		}
		parts = append(parts, part)
	}
	tokenize, err := specOf(c).FTS5()
	if err != nil {
		tokenize = err.Error()
	}
	return strings.Join(append(parts, tokenize), ", ")
}

// close closes all connections; no search may be under way.
func (g *generation) close() error {
	err := g.readers.close()
	if g.live != nil {
		err = errors.Join(err, g.live.close())
	}
	if err != nil {
		return fmt.Errorf("close %s: %w", g.file, err)
	}
	return nil
}

// remove deletes a closed generation.
func (g *generation) remove() error {
	var errs []error
	for _, suffix := range []string{"", walSuffix, shmSuffix} {
		errs = append(errs, ignoreNotExist(os.Remove(g.file+suffix)))
	}
	return errors.Join(errs...)
}
