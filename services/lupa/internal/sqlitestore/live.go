// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// SQLite's files beside a database with a write-ahead log.
const (
	walSuffix = "-wal"
	shmSuffix = "-shm"
)

// A live is the part of a generation that changes: its writer, and the views of
// the file's latest states. A search begins a transaction, reads which state that
// sees, and takes the view of it: so searches and changes never wait for each
// other.
type live struct {
	writer *reader // nil where another process writes

	mu    sync.Mutex
	views map[int64]*view // by the number of changes
}

// keptViews is how many states before the last one can still be looked up.
const keptViews = 4

func newLive() *live { return &live{views: make(map[int64]*view)} }

// open opens the writer, which makes the file have a write-ahead log.
func (l *live) open(file string) error {
	conn, err := writeConnector(file).Connect(background)
	if err != nil {
		return fmt.Errorf("open %s to change it: %w", file, err)
	}
	l.writer = newReader(conn)
	return nil
}

// expect lets searches find a view, from before the file comes to its state.
func (l *live) expect(v *view) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.views[v.changes] = v
	for n := range l.views {
		if n < v.changes-keptViews {
			delete(l.views, n)
		}
	}
}

// forget takes expect back, for a state that the file did not come to; before is
// the one that it still has.
func (l *live) forget(v, before *view) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.views, v.changes)
	l.views[before.changes] = before
}

func (l *live) view(changes int64) *view {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.views[changes]
}

// beginAttempts bounds how often a search that falls behind begins again.
const beginAttempts = 100

// begin starts a transaction and gives the view of what it sees; read makes one
// where this process did not.
func (l *live) begin(r *reader, read func(*reader) (*view, error)) (*view, error) {
	for range beginAttempts {
		if err := r.exhaust(background, "BEGIN"); err != nil {
			return nil, err
		}
		changes, err := r.integer("SELECT changes FROM meta")
		if err != nil {
			return nil, err
		}
		if v := l.view(changes); v != nil {
			return v, nil
		}
		if l.writer == nil { // another process changed it
			v, err := read(r)
			if err == nil {
				l.expect(v)
			}
			return v, err
		}
		if err := r.exhaust(background, "ROLLBACK"); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("the index changes faster than it can be read, or another process changes it")
}

// close writes the log into the file, where this process writes.
func (l *live) close() error {
	if l.writer == nil {
		return nil
	}
	return errors.Join(l.checkpoint("TRUNCATE"), l.writer.close())
}

// checkpoint moves the log's pages to the file.
func (l *live) checkpoint(mode string) error {
	return l.writer.query(background, "PRAGMA wal_checkpoint("+mode+")", func([]driver.Value) error { return nil })
}

// Sizes of the log, in bytes, from which on its pages are moved to the file, and
// from which on that waits for searches that still read it.
const (
	movedLog = 8 << 20
	waitLog  = 128 << 20
)

// tidy keeps the log short.
func (l *live) tidy(file string) error {
	info, err := os.Stat(file + walSuffix)
	if err != nil {
		return ignoreNotExist(err)
	}
	switch {
	case info.Size() > waitLog:
		return l.checkpoint("RESTART")
	case info.Size() > movedLog:
		return l.checkpoint("PASSIVE")
	}
	return nil
}

// isLive tells whether a file has, or had, a write-ahead log: by the version in
// its header that readers must have.
func isLive(file string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	header := make([]byte, 20)
	_, err = io.ReadFull(f, header)
	if err := errors.Join(err, f.Close()); err != nil {
		return false, fmt.Errorf("%s: %w", file, err)
	}
	return header[19] == 2, nil
}

// enliven opens a sealed generation's file so that it can be changed. Searches
// under way go on with the sealed one, which must be closed before changes are
// moved into the file.
func (g *generation) enliven(readers int) (*generation, error) {
	next, err := newGeneration(g.file, g.collection)
	if err != nil {
		return nil, err
	}
	next.built, next.live = g.built, newLive()
	if err := next.live.open(g.file); err != nil {
		return nil, err
	}
	next.readers = newReaders(liveConnector(g.file), readers)
	next.publish(g.current.Load())
	return next, nil
}
