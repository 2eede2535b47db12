// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/mattn/go-sqlite3"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

var _ catalog.Copier = (*Store)(nil)

// An exported is a catalog.Copy: an open file, and what is to be done when it has
// been read.
type exported struct {
	*os.File
	size int64
	done func() error
}

// Size is the file's.
func (e *exported) Size() int64 { return e.size }

// Close closes the file and removes it if it was made for the copy.
func (e *exported) Close() error { return errors.Join(e.File.Close(), e.done()) }

// Export opens the collection's file, or of a live one a copy that is made for the
// purpose, beside it.
func (s *Store) Export(ctx context.Context, collection string) (catalog.Copy, error) {
	sh, err := s.shelf(collection)
	if err != nil {
		return nil, err
	}
	g, release, err := sh.acquire()
	if err != nil {
		return nil, err
	}
	release = sync.OnceFunc(release)
	if g.live == nil {
		out, err := open(g.file, func() error { release(); return nil })
		if err != nil {
			release()
		}
		return out, err
	}
	defer release()
	file, err := s.duplicate(ctx, sh, g)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("copy collection %s: %w", collection, err), ignoreNotExist(os.Remove(file)))
	}
	return open(file, func() error { return os.Remove(file) })
}

func open(file string, done func() error) (*exported, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &exported{File: f, size: info.Size(), done: done}, nil
}

// duplicate copies a live generation as it is at one moment; searches and changes
// go on.
func (s *Store) duplicate(ctx context.Context, sh *shelf, g *generation) (file string, err error) {
	temporary, err := os.CreateTemp(sh.dir, g.name()+".*"+partialSuffix)
	if err != nil {
		return "", err
	}
	file = temporary.Name()
	if err := temporary.Close(); err != nil {
		return file, err
	}
	r, _, err := g.snapshot(ctx)
	if err != nil {
		return file, err
	}
	defer g.end(r)
	to, err := copyConnector(file).Connect(ctx)
	if err != nil {
		return file, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return file, backup(ctx, to, r.conn)
}

// backupStep is how many pages are copied between two looks at the context.
const backupStep = 4096

func backup(ctx context.Context, to, from driver.Conn) (err error) {
	toConn, okTo := to.(*sqlite3.SQLiteConn)
	fromConn, okFrom := from.(*sqlite3.SQLiteConn)
	if !okTo || !okFrom {
		return fmt.Errorf("the driver's connections are %T and %T", to, from)
	}
	b, err := toConn.Backup("main", fromConn, "main")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Finish()) }()
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if done, err = b.Step(backupStep); err != nil {
			return err
		}
	}
	return nil
}

// Import writes a copy into the cache folder, checks it, and serves it.
func (s *Store) Import(ctx context.Context, collection string, copied io.Reader) error {
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
	if err := receive(ctx, partial, copied); err != nil {
		return errors.Join(fmt.Errorf("receive a copy of collection %s: %w", collection, err), ignoreNotExist(os.Remove(partial)))
	}
	if err := errors.Join(os.Rename(partial, file), syncPath(sh.dir)); err != nil {
		return err
	}
	g, err := openGeneration(file, sh.collection, s.readers, false)
	if err != nil {
		return errors.Join(fmt.Errorf("the copy of collection %s cannot be used: %w", collection, err), os.Remove(file))
	}
	if err := g.check(ctx); err != nil {
		return errors.Join(fmt.Errorf("the copy of collection %s is damaged: %w", collection, err), g.close(), g.remove())
	}
	sh.writing.Lock()
	defer sh.writing.Unlock()
	return s.install(sh, g)
}

// receive writes a file and makes it durable.
func receive(ctx context.Context, file string, from io.Reader) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Sync(), f.Close(), ctx.Err())
}

// check looks at every page of the file.
func (g *generation) check(ctx context.Context) error {
	r, _, err := g.snapshot(ctx)
	if err != nil {
		return err
	}
	defer g.end(r)
	return r.query(ctx, "PRAGMA quick_check", func(row []driver.Value) error {
		if row[0] != "ok" {
			return fmt.Errorf("%v", row[0])
		}
		return nil
	})
}
