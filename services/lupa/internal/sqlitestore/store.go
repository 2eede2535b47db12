// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package sqlitestore keeps collections in SQLite files with FTS5 indexes: one
// file per collection and generation, complete before it is served, never
// changed afterwards, replaced by a rename.
package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
)

// Options say where and how a Store keeps collections.
type Options struct {
	Dir         string // the cache folder; made if absent
	Collections []catalog.Collection
	Readers     int // connections per generation; 0 means one per CPU
	// ReadOnly leaves the cache folder as it is: another process keeps it.
	ReadOnly bool
	Log      *slog.Logger
}

// A Store is a catalog.Store.
type Store struct {
	log       *slog.Logger
	readers   int
	readOnly  bool
	order     []string
	byName    map[string]*shelf
	retired   sync.WaitGroup  // generations on their way out, and in
	ctx       context.Context // of what goes on in the background; ends with close
	stop      context.CancelFunc
	wornLeast int
}

var _ catalog.Store = (*Store)(nil)

// A shelf is the place of one collection.
type shelf struct {
	collection catalog.Collection
	dir        string

	writing sync.Mutex // held by who changes what is served

	mu       sync.Mutex
	current  *generation // nil while empty
	renewing *renewal    // nil where none is under way
}

// Open opens what the cache folder has of the collections. A generation that
// cannot be used – of another version, of other fields, damaged – is logged and
// left out; the collection is empty then, and to be replaced.
func Open(o Options) (*Store, error) {
	if err := fts5.Install(); err != nil {
		return nil, err
	}
	if o.Readers == 0 {
		o.Readers = runtime.GOMAXPROCS(0)
	}
	s := &Store{log: o.Log, readers: o.Readers, readOnly: o.ReadOnly, byName: make(map[string]*shelf), wornLeast: wornLeast}
	s.ctx, s.stop = context.WithCancel(context.Background())
	for _, c := range o.Collections {
		sh := &shelf{collection: c, dir: filepath.Join(o.Dir, c.Name)}
		if !o.ReadOnly {
			if err := checkWritable(sh.dir); err != nil {
				return nil, errors.Join(err, s.Close())
			}
		}
		name := s.load(sh)
		if !o.ReadOnly {
			if err := removeLeftovers(sh.dir, name); err != nil {
				return nil, errors.Join(err, s.Close())
			}
		}
		s.order = append(s.order, c.Name)
		s.byName[c.Name] = sh
	}
	return s, nil
}

// checkWritable makes the folder and tries whether files can be made in it: a
// container whose cache is mounted for another user must hear it plainly.
func checkWritable(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cache folder: %w; it must exist and be writable by user %d", err, os.Getuid())
	}
	f, err := os.CreateTemp(dir, "writable-*"+partialSuffix)
	if err != nil {
		return fmt.Errorf("cache folder %s cannot be written to by user %d: %w", dir, os.Getuid(), err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// load opens the generation that a shelf's folder names, and gives its name; ""
// where there is none that can be used.
func (s *Store) load(sh *shelf) string {
	log := s.log.With("collection", sh.collection.Name)
	name, err := readCurrent(sh.dir)
	if err != nil {
		log.Warn("cache is damaged and will be built anew", "error", err)
	}
	if name != "" {
		g, err := openGeneration(filepath.Join(sh.dir, name), sh.collection, s.readers, s.readOnly)
		if err != nil {
			log.Warn("cached generation cannot be used and will be built anew", "generation", name, "error", err)
			name = ""
		} else {
			sh.current = g
		}
	}
	return name
}

// shelf finds a collection's place.
func (s *Store) shelf(collection string) (*shelf, error) {
	sh, ok := s.byName[collection]
	if !ok {
		return nil, catalog.Errorf(catalog.CodeNotFound, "there is no collection %q", collection)
	}
	return sh, nil
}

// acquire gives the current generation, which stays open until release.
func (sh *shelf) acquire() (g *generation, release func(), err error) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.current == nil {
		return nil, nil, catalog.Errorf(catalog.CodeUnavailable, "collection %q is being indexed for the first time", sh.collection.Name)
	}
	sh.current.users.Add(1)
	return sh.current, sh.current.users.Done, nil
}

// swap serves a new generation and returns the old one, nil where there is none.
func (sh *shelf) swap(g *generation) *generation {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	old := sh.current
	sh.current = g
	return old
}

// Search answers a request.
func (s *Store) Search(ctx context.Context, collection string, r catalog.Request) (catalog.Answer, error) {
	sh, err := s.shelf(collection)
	if err != nil {
		return catalog.Answer{}, err
	}
	g, release, err := sh.acquire()
	if err != nil {
		return catalog.Answer{}, err
	}
	defer release()
	return g.search(ctx, r)
}

// Suggest completes the last word of a text.
func (s *Store) Suggest(_ context.Context, collection, text string, limit int) ([]catalog.Suggestion, error) {
	sh, err := s.shelf(collection)
	if err != nil {
		return nil, err
	}
	g, release, err := sh.acquire()
	if err != nil {
		return nil, err
	}
	defer release()
	return g.suggest(g.current.Load(), text, limit)
}

// Document finds a document by its id.
func (s *Store) Document(ctx context.Context, collection, id string) (catalog.Document, error) {
	sh, err := s.shelf(collection)
	if err != nil {
		return catalog.Document{}, err
	}
	g, release, err := sh.acquire()
	if err != nil {
		return catalog.Document{}, err
	}
	defer release()
	return g.document(ctx, id)
}

// Status describes the collections.
func (s *Store) Status() []catalog.Status {
	all := make([]catalog.Status, 0, len(s.order))
	for _, name := range s.order {
		sh := s.byName[name]
		sh.mu.Lock()
		status := catalog.Status{Collection: sh.collection, State: catalog.StateEmpty}
		if g := sh.current; g != nil {
			v := g.current.Load()
			status.State, status.Documents, status.Bytes = catalog.StateReady, v.documents, g.bytes.Load()
			status.Generation = g.name() + v.version()
			status.Built, status.Changed = g.built, v.changed
			if !g.damaged.Load() {
				status.Mark = v.mark
			}
		}
		sh.mu.Unlock()
		all = append(all, status)
	}
	return all
}

// retire closes a generation once its last search is done, and deletes it.
func (s *Store) retire(g *generation) {
	s.retired.Go(func() {
		g.users.Wait()
		if err := errors.Join(g.close(), g.remove()); err != nil {
			s.log.Warn("an old generation could not be removed", "file", g.file, "error", err)
		}
	})
}

// Close waits for searches under way and closes every file.
func (s *Store) Close() error {
	s.stop()
	s.retired.Wait()
	var errs []error
	for _, sh := range s.byName {
		if g := sh.swap(nil); g != nil {
			g.users.Wait()
			errs = append(errs, g.close())
		}
	}
	s.retired.Wait()
	return errors.Join(errs...)
}
