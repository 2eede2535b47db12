// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mattn/go-sqlite3"
)

// A reader is a connection to a generation with its statements. It goes past
// database/sql, which starts a goroutine for each statement that can be cancelled:
// that took longer than most searches do. It is for one goroutine at a time.
type reader struct {
	conn       driver.Conn
	statements map[string]*sqlite3.SQLiteStmt // by their SQL
	sees       *view                          // of the transaction it is in; nil for none
}

// rest ends the connection's transaction, if it is in one.
func (r *reader) rest() error {
	if r.sees == nil {
		return nil
	}
	r.sees = nil
	return r.exhaust(background, "COMMIT")
}

func newReader(conn driver.Conn) *reader {
	return &reader{conn: conn, statements: make(map[string]*sqlite3.SQLiteStmt)}
}

// readers keeps connections to one file. It is safe for concurrent use.
type readers struct {
	connector *connector
	free      chan *reader // nil stands for one that was not opened yet
}

func newReaders(c *connector, size int) *readers {
	r := &readers{connector: c, free: make(chan *reader, size)}
	for range size {
		r.free <- nil
	}
	return r
}

// acquire waits for a connection within ctx. It must be released.
func (p *readers) acquire(ctx context.Context) (*reader, error) {
	var r *reader
	select {
	case r = <-p.free:
	default:
		select {
		case r = <-p.free:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if r != nil {
		return r, nil
	}
	conn, err := p.connector.Connect(ctx)
	if err != nil {
		p.free <- nil
		return nil, fmt.Errorf("open a connection: %w", err)
	}
	return newReader(conn), nil
}

func (p *readers) release(r *reader) { p.free <- r }

// rest ends the transactions of connections that nobody uses: they would keep the
// log from beginning anew.
func (p *readers) rest() {
	for range cap(p.free) {
		select {
		case r := <-p.free:
			if r == nil || r.rest() == nil {
				p.free <- r
			} else {
				p.discard(r)
			}
		default:
			return
		}
	}
}

// discard closes a connection instead of giving it back.
func (p *readers) discard(r *reader) {
	_ = r.close() // it is the error before that counts
	p.free <- nil
}

// close closes all connections; none may be in use.
func (p *readers) close() error {
	var errs []error
	for range cap(p.free) {
		if r := <-p.free; r != nil {
			errs = append(errs, r.close())
		}
	}
	return errors.Join(errs...)
}

func (r *reader) close() error {
	var errs []error
	for _, statement := range r.statements {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, r.conn.Close())...)
}

// statement prepares SQL once.
func (r *reader) statement(text string) (*sqlite3.SQLiteStmt, error) {
	if s := r.statements[text]; s != nil {
		return s, nil
	}
	prepared, err := r.conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(*sqlite3.SQLiteStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver prepares a %T", prepared), prepared.Close())
	}
	r.statements[text] = s
	return s, nil
}

// query runs SQL and calls row for each row, whose values are valid until it
// returns. It is cut off when ctx ends.
func (r *reader) query(ctx context.Context, text string, row func([]driver.Value) error, args ...driver.Value) (err error) {
	s, err := r.statement(text)
	if err != nil {
		return err
	}
	named := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	rows, err := s.QueryContext(ctx, named)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		err := rows.Next(values)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = row(slices.Clip(values))
		}
		if err != nil {
			return err
		}
	}
}

// exhaust runs SQL that has no rows.
func (r *reader) exhaust(ctx context.Context, text string, args ...driver.Value) error {
	return r.query(ctx, text, func([]driver.Value) error { return errors.New("a row came where none should") }, args...)
}

// one runs SQL that has one row.
func (r *reader) one(text string, row func([]driver.Value) error, args ...driver.Value) error {
	rows := 0
	err := r.query(background, text, func(values []driver.Value) error {
		rows++
		return row(values)
	}, args...)
	if err == nil && rows != 1 {
		err = fmt.Errorf("%d rows came where one should", rows)
	}
	return err
}

// integer runs SQL that has one number.
func (r *reader) integer(text string, args ...driver.Value) (int64, error) {
	var number int64
	err := r.one(text, func(row []driver.Value) error {
		var ok bool
		if number, ok = row[0].(int64); !ok {
			return fmt.Errorf("%v came where a number should", row[0])
		}
		return nil
	}, args...)
	return number, err
}
