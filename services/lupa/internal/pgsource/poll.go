// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/row"
)

// A poller looks at the table from time to time.
type poller struct {
	*session
	fetcher  *session // a connection beside the one that compares
	held     catalog.Held
	yield    func(catalog.Batch) error
	position position
	through  time.Time
	beaten   time.Time
	known    map[string]string // versions of the rows that the cursor saw last
}

// knownMost bounds the rows whose versions are remembered.
const knownMost = 100_000

// poll compares all of the table now and then, and in between reads rows by the
// cursor column, if there is one.
func (e *session) poll(ctx context.Context, from position, held catalog.Held, yield func(catalog.Batch) error) error {
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	beside := *e
	beside.conn = conn
	defer beside.close()
	p := &poller{session: e, fetcher: &beside, held: held, yield: yield, position: from}
	for compared := (time.Time{}); ; {
		if time.Since(compared) >= e.o.Compare {
			started := time.Now()
			if err := p.compareAll(ctx); err != nil {
				return e.failed(ctx, "compare "+e.name(), err)
			}
			compared, p.through = time.Now(), started
		} else if e.o.Cursor != "" {
			started := time.Now()
			if err := p.readCursor(ctx); err != nil {
				return e.failed(ctx, "read new rows", err)
			}
			p.through = started
		}
		if err := p.hand(nil); err != nil {
			return err
		}
		if err := p.pause(ctx, time.Until(compared.Add(e.o.Compare))); err != nil {
			return err
		}
	}
}

// pause waits for the next look, with a sign of life in between that says since
// when nothing is known.
func (p *poller) pause(ctx context.Context, untilCompare time.Duration) error {
	left := untilCompare
	if p.o.Cursor != "" {
		left = min(left, p.o.Interval)
	}
	for left > 0 {
		step := min(left, beat)
		timer := time.NewTimer(step)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		if left -= step; left > 0 {
			if err := p.hand(nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// hand hands changes over; without any only when it is time for a sign of life.
func (p *poller) hand(changes []catalog.Change) error {
	if len(changes) == 0 && time.Since(p.beaten) < beat/2 {
		return nil
	}
	p.beaten = time.Now()
	behind := int64(0)
	if len(changes) > 0 {
		behind = 1 // at the least
	}
	return p.yield(catalog.Batch{Changes: changes, Position: p.position.String(), Through: p.through, Behind: behind})
}

// compareAll finds every difference.
func (p *poller) compareAll(ctx context.Context) error {
	if err := p.unchanged(ctx); err != nil {
		return err
	}
	cursor := p.position.Cursor
	if p.o.Cursor != "" {
		// Rows from here on are read again afterwards.
		err := p.conn.QueryRow(ctx, fmt.Sprintf("SELECT coalesce(max(%s)::text, $1) FROM %s", quote(p.o.Cursor), p.relation.from), cursor).Scan(&cursor)
		if err != nil {
			return err
		}
	}
	err := p.compare(ctx, p.held, func() int { return p.fetcher.most }, func(ids []string, gone []catalog.Change) error {
		if len(ids) > 0 {
			changes, err := p.fetcher.current(ctx, ids)
			if err != nil {
				return p.scrub("read changed rows", err)
			}
			gone = append(gone, changes...)
		}
		if len(gone) == 0 {
			return nil
		}
		return p.hand(gone)
	})
	p.position.Cursor = cursor
	return err
}

// unchanged asks whether the table is still what it was, and whether there is no
// better way to follow it by now.
func (p *poller) unchanged(ctx context.Context) error {
	if p.o.Mode == Auto && !p.identity.standby {
		w, err := p.findWatch(ctx, p.conn)
		if err != nil {
			return err
		}
		if w != nil {
			return errRedefined
		}
	}
	if p.relation.changes == 0 {
		return nil
	}
	var attributes string
	var oid *uint32
	err := p.conn.QueryRow(ctx, "SELECT to_regclass($1)::oid, "+attributesSQL("to_regclass($1)", "$2"),
		p.o.ChangesTable, p.watched()).Scan(&oid, &attributes)
	if err != nil {
		return err
	}
	if oid == nil || *oid != p.relation.changes || attributes != p.relation.attributes {
		return errRedefined
	}
	return nil
}

// readCursor reads the rows whose cursor column is near its largest value or
// beyond, and hands over those that it did not see before.
func (p *poller) readCursor(ctx context.Context) error {
	column := quote(p.o.Cursor)
	since := "$1"
	args := []any{pgx.QueryResultFormats{pgx.TextFormatCode}, p.position.Cursor}
	typ, err := p.cursorType(ctx)
	if err != nil {
		return err
	}
	where := ""
	if p.position.Cursor != "" {
		since = "$1::text::" + typ
		if typ == "date" || strings.HasPrefix(typ, "timestamp") {
			since += fmt.Sprintf(" - interval '%d milliseconds'", p.o.Overlap.Milliseconds())
		}
		where = " WHERE " + column + " >= " + since
	} else {
		where = " WHERE $1::text IS NOT NULL"
	}
	statement := p.relation.selectSQL(p.version(), column+"::text") + where + " ORDER BY " + column
	rows, err := p.conn.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return p.takeRows(rows)
}

// cursorType names the cursor column's type.
func (p *poller) cursorType(ctx context.Context) (typ string, err error) {
	err = p.fetcher.conn.QueryRow(ctx, fmt.Sprintf("SELECT format_type(pg_typeof(max(%s)), NULL) FROM (SELECT %s FROM %s LIMIT 0) t",
		quote(p.o.Cursor), quote(p.o.Cursor), p.relation.from)).Scan(&typ)
	return typ, err
}

// takeRows hands over the rows that are not known.
func (p *poller) takeRows(rows pgx.Rows) error {
	known := make(map[string]string)
	var changes []catalog.Change
	var values []row.Value
	cursor, skipped, bytes := p.position.Cursor, 0, 0
	for rows.Next() {
		values = values[:0]
		for _, raw := range rows.RawValues() {
			values = append(values, row.Value{Text: string(raw), Null: raw == nil})
		}
		last := len(values) - 1
		d := p.decode(values[:last])
		if d.err != nil {
			if err := p.refuse(d.id, d.err, &skipped); err != nil {
				return err
			}
			continue
		}
		cursor = values[last].Text
		if len(known) < knownMost {
			known[d.document.ID] = d.document.Version
		}
		if version, ok := p.known[d.document.ID]; ok && version == d.document.Version {
			continue
		}
		changes = append(changes, catalog.Change{ID: d.document.ID, Document: &d.document})
		if bytes += d.bytes; len(changes) == changesAtOnce || bytes > bytesAtMost {
			bytes = 0
			if err := p.hand(changes); err != nil {
				return err
			}
			changes = nil
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	p.known, p.position.Cursor = known, cursor
	if len(changes) == 0 {
		return nil
	}
	return p.hand(changes)
}
