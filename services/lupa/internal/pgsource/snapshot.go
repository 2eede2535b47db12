// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/row"
)

// A snapshot is one view of the database, in a transaction that stays open until
// all was read.
type snapshot struct {
	*session
	position    position
	through     time.Time
	read        bool // Documents was called
	done, total atomic.Int64
}

// Snapshot opens a view of all documents.
func (s *Source) Snapshot(ctx context.Context) (catalog.Snapshot, error) {
	e, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	snap := &snapshot{session: e}
	begin := func(ctx context.Context) error { return within(ctx, openTime, snap.begin) }
	if e.mode == Logical {
		begin = snap.beginLogical // which bounds what does not wait for others
	}
	if err := begin(ctx); err != nil {
		e.close()
		return nil, s.scrub("begin a snapshot", err)
	}
	return snap, nil
}

// begin opens the transaction. Tables are locked before its view is taken, lest
// they be rewritten in between and look empty.
func (s *snapshot) begin(ctx context.Context) error {
	if s.mode == Changefeed {
		// What is read from here on must not be trimmed away until the copy is complete.
		if err := s.register(ctx, ""); err != nil {
			return err
		}
	}
	if err := s.execute(ctx, beginSnapshot, untimed, s.relation.lockSQL()); err != nil {
		return err
	}
	s.position, s.through = s.place(), time.Now()
	if s.mode == Changefeed {
		state, err := s.state(ctx)
		if err != nil {
			return err
		}
		if why := state.broken(s.session); why != nil {
			return why
		}
		s.position.Feed = &feedPosition{Watch: s.watch.uid, Snapshot: state.snapshot}
	}
	return s.estimate(ctx)
}

const (
	beginSnapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	// A copy takes as long as it takes.
	untimed = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
)

// execute runs statements one after another.
func (e *session) execute(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := e.conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// estimate asks the planner for the number of rows.
func (s *snapshot) estimate(ctx context.Context) error {
	var text string
	if err := s.conn.QueryRow(ctx, "EXPLAIN (FORMAT JSON) SELECT 1 FROM "+s.relation.from).Scan(&text); err != nil {
		return err
	}
	var plans []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return err
	}
	if len(plans) > 0 {
		s.total.Store(int64(plans[0].Plan.Rows))
	}
	return nil
}

func (s *snapshot) Position() string { return s.position.String() }

func (s *snapshot) Through() time.Time { return s.through }

// Progress counts documents; their total is the planner's estimate.
func (s *snapshot) Progress() (done, total int64) {
	done = s.done.Load()
	return done, max(done, s.total.Load())
}

// Close ends the view.
func (s *snapshot) Close() error {
	s.close()
	return nil
}

// Documents streams the rows, once. When it has given all, the view ends: what is
// made of the documents may take longer, and vacuum and those who wait for a lock
// need not wait for that.
func (s *snapshot) Documents(ctx context.Context, yield func(catalog.Document) error) error {
	if s.read {
		return errors.New("the snapshot was read before")
	}
	s.read = true
	version := s.version()
	skipped := 0
	err := s.stream(ctx, "COPY ("+s.relation.selectSQL(version)+") TO STDOUT", s.decode, func(d decoded) error {
		s.done.Add(1)
		err := d.err
		if err == nil {
			err = yield(d.document)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		return s.refuse(d.id, err, &skipped)
	})
	if err != nil {
		return err
	}
	if _, err := s.conn.Exec(ctx, "COMMIT"); err != nil {
		return s.failed(ctx, "end the snapshot", err)
	}
	if skipped > 0 {
		s.o.Log.Warn("rows were left out", "collection", s.o.Collection, "source", s.name(), "rows", skipped)
	}
	return nil
}

// refuse decides about a row that is no document.
func (s *Source) refuse(id row.Value, err error, skipped *int) error {
	key := "NULL"
	if !id.Null {
		key = fmt.Sprintf("%.100q", id.Text)
	}
	placed := fmt.Errorf("%s, key %s: %w", s.name(), key, err)
	if s.o.OnError != Skip || catalog.CodeOf(err) != catalog.CodeInvalid {
		return placed
	}
	*skipped++
	s.o.Log.Warn("row left out", "collection", s.o.Collection, "error", placed)
	return nil
}

// A decoded row is a document, or an error, with the row's id.
type decoded struct {
	id       row.Value
	document catalog.Document
	err      error
	bytes    int // of the row
}

// Rows are handed over in batches, and so many are read ahead.
const (
	rowsAtOnce = 256
	rowsAhead  = 2048
	// bytesAtOnce ends a batch of large rows early, so that memory stays bounded.
	bytesAtOnce = 256 << 10
)

var errStopped = errors.New("no more rows are wanted")

// stream runs a COPY in a goroutine of its own, which decodes the rows, and hands
// them over in this one. After an error the connection is not usable any more.
func (e *session) stream(ctx context.Context, statement string, decode func([]row.Value) decoded, take func(decoded) error) error {
	batches := make(chan []decoded, rowsAhead/rowsAtOnce)
	stop := make(chan struct{})
	var copyErr error
	go func() {
		defer close(batches)
		copyErr = e.copyRows(ctx, statement, decode, batches, stop)
	}()
	var err error
	for batch := range batches {
		for _, d := range batch {
			if err != nil {
				break
			}
			if err = take(d); err != nil {
				close(stop)
			}
		}
	}
	if err != nil {
		return err
	}
	if copyErr != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return e.scrub("read "+e.name(), copyErr)
}

// decode makes a document of a row's id, version and columns.
func (e *session) decode(values []row.Value) decoded {
	d := decoded{id: values[0]}
	for _, v := range values {
		d.bytes += len(v.Text)
	}
	if d.document, d.err = e.relation.decoder.Document(values[0], values[2:]); d.err == nil {
		d.document.Version = values[1].Text
	}
	return d
}

// copyRows decodes what COPY gives.
func (e *session) copyRows(ctx context.Context, statement string, decode func([]row.Value) decoded, batches chan<- []decoded, stop <-chan struct{}) error {
	var batch []decoded
	size := 0
	flush := func() error {
		full := batch
		batch, size = make([]decoded, 0, rowsAtOnce), 0
		select {
		case batches <- full:
			return nil
		case <-stop:
			return errStopped
		}
	}
	lines := &row.Lines{Row: func(values []row.Value) error {
		d := decode(values)
		size += d.bytes
		if batch = append(batch, d); len(batch) < rowsAtOnce && size < bytesAtOnce {
			return nil
		}
		return flush()
	}}
	if _, err := e.conn.PgConn().CopyTo(ctx, lines, statement); err != nil {
		return err
	}
	return flush()
}

// version is the SQL expression of a row's version: what differs between two
// states of it. Only polling compares them.
func (e *session) version() string {
	switch {
	case e.mode != Poll:
		return "''"
	case e.relation.plain:
		// Each change of a row gives it another xmin; reading it costs nothing.
		return "xmin::text"
	}
	return "hashtextextended(ROW(" + strings.Join(e.relation.columns, ", ") + ")::text, 0)::text"
}

// fetch reads rows by the ids of their documents. It gives those that are there.
func (e *session) fetch(ctx context.Context, ids []string) ([]decoded, error) {
	arrays := make([][]string, len(e.relation.keys))
	for _, id := range ids {
		parts, ok := row.SplitKey(id, len(arrays))
		if !ok {
			return nil, fmt.Errorf("id %.100q is no key of %d columns", id, len(arrays))
		}
		for i, part := range parts {
			arrays[i] = append(arrays[i], part)
		}
	}
	args := []any{pgx.QueryResultFormats{pgx.TextFormatCode}}
	for _, array := range arrays {
		args = append(args, array)
	}
	rows, err := e.conn.Query(ctx, e.relation.fetchSQL(e.version()), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []decoded
	var values []row.Value
	for rows.Next() {
		values = values[:0]
		for _, raw := range rows.RawValues() {
			values = append(values, row.Value{Text: string(raw), Null: raw == nil})
		}
		all = append(all, e.decode(values))
	}
	return all, rows.Err()
}
