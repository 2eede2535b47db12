// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

const (
	// changesAtOnce bounds a batch, which begins with changesAtFirst and grows while its
	// rows stay below bytesAtMost.
	changesAtOnce  = 2000
	changesAtFirst = 250
	bytesAtMost    = 8 << 20
	// gap is the least time between two reads, so that many small transactions become
	// few batches.
	gap = 10 * time.Millisecond
	// beat is how often a batch is handed over when nothing changes.
	beat = 2 * time.Second
	// lookTime bounds the wait for an answer, so that a peer that is gone is noticed;
	// readTime bounds all of a read.
	lookTime = 8 * time.Second
	readTime = time.Minute
	// moveEvery is how often the position moves on, registerEvery how often it is told
	// to the database, and pruneEvery how often changes are trimmed, when idle.
	moveEvery     = 30 * time.Second
	registerEvery = 15 * time.Second
	pruneEvery    = time.Minute
)

// A reader follows a changefeed.
type reader struct {
	*session
	at      feedPosition // what was read
	given   string       // the position that was handed over last
	through time.Time    // all that was committed until then was read
	moved   time.Time    // when given changed
	beaten  time.Time    // when a batch was handed over
	noted   time.Time    // when the position was registered
	pruned  time.Time
}

// followFeed hands over the changes behind a position until something fails.
func (e *session) followFeed(ctx context.Context, from position, yield func(catalog.Batch) error) error {
	if from.Feed == nil || from.Feed.Watch != e.watch.uid {
		return fmt.Errorf("%w: the changefeed was installed anew", catalog.ErrStale)
	}
	r := &reader{session: e, at: *from.Feed, given: from.String(), moved: time.Now()}
	if err := within(ctx, lookTime, r.listen); err != nil {
		return e.scrub("listen", err)
	}
	for {
		started := time.Now()
		r.notified = false
		var batch feedBatch
		if err := within(ctx, readTime, func(ctx context.Context) (err error) {
			batch, err = r.read(ctx)
			return err
		}); err != nil {
			return e.failed(ctx, "read changes", err)
		}
		if batch.due(r) {
			if err := yield(batch.Batch); err != nil {
				return err
			}
			r.given, r.beaten = batch.Position, time.Now()
		}
		if err := within(ctx, lookTime, r.housekeep); err != nil {
			return e.failed(ctx, "keep the changefeed", err)
		}
		if batch.more {
			continue
		}
		if err := r.wait(ctx, started); err != nil {
			return e.failed(ctx, "wait for changes", err)
		}
	}
}

// failed is what is told of an error: ctx's where it ended.
func (s *Source) failed(ctx context.Context, operation string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, catalog.ErrStale) {
		return err
	}
	return s.scrub(operation, err)
}

// listen asks to be woken up. What was committed before is read anyway after it.
func (r *reader) listen(ctx context.Context) error {
	if !r.o.Notify || !r.watch.notify {
		return nil
	}
	_, err := r.conn.Exec(ctx, "LISTEN "+quote(r.o.Schema))
	return err
}

// wait returns when there may be something new.
func (r *reader) wait(ctx context.Context, started time.Time) error {
	if !r.notified {
		limit, cancel := context.WithTimeout(ctx, r.o.Interval)
		err := r.conn.PgConn().WaitForNotification(limit)
		cancel()
		if err != nil && (ctx.Err() != nil || r.conn.IsClosed()) {
			return err
		}
	}
	timer := time.NewTimer(time.Until(started.Add(gap)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// A feedBatch is what a read gave.
type feedBatch struct {
	catalog.Batch
	more bool // there is more to be read at once
}

// due tells whether a batch is worth handing over.
func (b *feedBatch) due(r *reader) bool {
	return len(b.Changes) > 0 || b.Position != r.given || time.Since(r.beaten) >= beat
}

// A noted change is a row of the changefeed.
type notedChange struct {
	xid string
	seq int64
	op  string
	key *string
}

// read takes a view, and in it reads changes and the rows they are about.
func (r *reader) read(ctx context.Context) (b feedBatch, err error) {
	now := time.Now()
	var state feedState
	var changes []notedChange
	if err := within(ctx, lookTime, func(ctx context.Context) (err error) {
		state, changes, err = r.look(ctx)
		return err
	}); err != nil {
		return b, err
	}
	if err := state.broken(r.session); err != nil {
		return b, err
	}
	if state.trimmed > xmin(r.at.Snapshot) {
		return b, fmt.Errorf("%w: changes were trimmed before they were read, as this replica was away for longer than they are kept", catalog.ErrStale)
	}
	full := len(changes) == r.most
	if full {
		if b.Behind, err = r.behind(ctx); err != nil {
			return b, err
		}
	}
	if b.Changes, err = r.changes(ctx, changes); err != nil {
		return b, err
	}
	if _, err := r.conn.Exec(ctx, "COMMIT"); err != nil {
		return b, err
	}
	b.more = r.advance(state.snapshot, changes, full)
	if !b.more {
		r.through = now
	} else if !full {
		b.Behind = 1 // at the least: what came since is not counted
	}
	b.Through = r.through
	b.Position = r.given
	if len(b.Changes) > 0 || time.Since(r.moved) >= moveEvery {
		p := r.place()
		at := r.at
		p.Feed = &at
		b.Position, r.moved = p.String(), time.Now()
	}
	return b, nil
}

// advance moves the position behind the changes, and tells whether there may be
// more.
func (r *reader) advance(view string, changes []notedChange, full bool) bool {
	switch {
	case full:
		last := changes[len(changes)-1]
		if r.at.Next == "" {
			r.at.Next = view
		}
		r.at.XID, r.at.Seq = last.xid, last.seq
		return true
	case r.at.Next != "":
		r.at = feedPosition{Watch: r.at.Watch, Snapshot: r.at.Next}
		return true
	}
	r.at.Snapshot = view
	return false
}

// within wants an answer in time.
func within(ctx context.Context, limit time.Duration, ask func(ctx context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := ask(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("no answer within %s: the server is gone, or something holds a lock on the table (%w)", limit, err)
	}
	return err
}

// look begins a transaction, and asks in it for the changefeed's state and for
// changes, all in one exchange.
func (r *reader) look(ctx context.Context) (feedState, []notedChange, error) {
	var state feedState
	schema := quote(r.o.Schema)
	var batch pgx.Batch
	batch.Queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	batch.Queue(r.relation.lockSQL())
	batch.Queue(stateSQL(schema), r.watch.id, r.o.ChangesTable, r.watched())
	_, xmax, running := parseSnapshot(r.at.Snapshot)
	var next *string
	if r.at.Next != "" {
		next = &r.at.Next
	}
	batch.Queue(changesSQL(schema), r.watch.id, r.at.xid(), r.at.Seq, xmax, running, next, r.most)
	results := r.conn.SendBatch(ctx, &batch)
	defer results.Close() //nolint:errcheck // its error was seen before
	for range 2 {
		if _, err := results.Exec(); err != nil {
			return state, nil, err
		}
	}
	if err := state.scan(results.QueryRow()); err != nil {
		return state, nil, err
	}
	rows, err := results.Query()
	if err != nil {
		return state, nil, err
	}
	changes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c notedChange, err error) {
		return c, row.Scan(&c.xid, &c.seq, &c.op, &c.key)
	})
	if err != nil {
		return state, nil, err
	}
	return state, changes, results.Close()
}

// changesSQL reads changes that a snapshot does not see: those of transactions that
// began after it, and of those that were under way. Both are ranges of the index.
func changesSQL(schema string) string {
	const where = `watch = $1 AND (xid, seq) > ($2::text::xid8, $3::bigint) AND ($6::text IS NULL OR pg_visible_in_snapshot(xid, $6::text::pg_snapshot))`
	return fmt.Sprintf(`SELECT xid::text, seq, op, key FROM (
		(SELECT xid, seq, op, key FROM %[1]s.change WHERE %[2]s AND xid >= $4::text::xid8 ORDER BY xid, seq LIMIT $7)
		UNION ALL
		(SELECT c.xid, c.seq, c.op, c.key FROM unnest($5::text[]::xid8[]) running
			CROSS JOIN LATERAL (SELECT xid, seq, op, key FROM %[1]s.change WHERE %[2]s AND xid = running ORDER BY xid, seq LIMIT $7) c)
		) t ORDER BY t.xid, t.seq LIMIT $7`, schema, where)
}

// behind counts what waits behind a full batch, up to a bound.
func (r *reader) behind(ctx context.Context) (n int64, err error) {
	_, xmax, _ := parseSnapshot(r.at.Snapshot)
	err = r.conn.QueryRow(ctx, fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM %s.change WHERE watch = $1 AND xid >= $2::text::xid8
		AND (xid, seq) > ($3::text::xid8, $4::bigint) LIMIT 100000) t`, quote(r.o.Schema)),
		r.watch.id, xmax, r.at.xid(), r.at.Seq).Scan(&n)
	return max(0, n-int64(r.most)), err
}

// changes makes changes of documents of what the changefeed has.
func (r *reader) changes(ctx context.Context, noted []notedChange) ([]catalog.Change, error) {
	var ids []string
	seen := make(map[string]bool, len(noted))
	for _, c := range noted {
		if c.key == nil {
			return nil, fmt.Errorf("%w: the table was emptied by TRUNCATE", catalog.ErrStale)
		}
		if !seen[*c.key] {
			seen[*c.key] = true
			ids = append(ids, *c.key)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return r.current(ctx, ids)
}

// current gives the documents of the ids as they are now, and those that are gone.
func (e *session) current(ctx context.Context, ids []string) ([]catalog.Change, error) {
	rows, err := e.fetch(ctx, ids)
	if err != nil {
		return nil, err
	}
	changes := make([]catalog.Change, 0, len(ids))
	there := make(map[string]bool, len(rows))
	skipped, bytes := 0, 0
	for _, d := range rows {
		bytes += d.bytes
		if d.err != nil {
			if err := e.refuse(d.id, d.err, &skipped); err != nil {
				return nil, err
			}
			continue
		}
		there[d.document.ID] = true
		changes = append(changes, catalog.Change{ID: d.document.ID, Document: &d.document})
	}
	for _, id := range ids {
		if !there[id] {
			changes = append(changes, catalog.Change{ID: id})
		}
	}
	e.fit(bytes)
	return changes, nil
}

// fit sizes the next batch by the last one.
func (e *session) fit(bytes int) {
	if bytes > bytesAtMost {
		e.most = max(1, e.most/2)
	} else if bytes < bytesAtMost/2 {
		e.most = min(2*e.most, changesAtOnce)
	}
}

// parseSnapshot takes xmin:xmax:xip,xip,… apart.
func parseSnapshot(text string) (xmin, xmax string, running []string) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) < 3 {
		return "0", "0", []string{}
	}
	running = []string{}
	if parts[2] != "" {
		running = strings.Split(parts[2], ",")
	}
	return parts[0], parts[1], running
}

// xmin is the transaction before which a snapshot sees all.
func xmin(snapshot string) uint64 {
	text, _, _ := parseSnapshot(snapshot)
	return number(text)
}

// number reads a transaction's number; 0 where it is none.
func number(text string) uint64 {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
