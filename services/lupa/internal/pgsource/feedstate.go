// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A feedState is what a view shows of the changefeed besides its changes.
type feedState struct {
	snapshot   string // the view
	uid        *string
	trimmed    uint64
	whole      bool
	attributes string // and tree, as a relation has them
	tree       string
}

// stateSQL asks for a feedState. Its parameters are the changefeed's number, the
// table's name, and its columns that are read.
func stateSQL(schema string) string {
	return fmt.Sprintf(`SELECT pg_current_snapshot()::text, w.uid::text, coalesce(w.trimmed::text, '0'),
		coalesce(%[1]s.whole(w.id) AND w.relation = to_regclass($2)::oid, false), %[2]s, %[3]s
		FROM (SELECT $1::int AS id) asked LEFT JOIN %[1]s.watch w USING (id)`, schema, attributesSQL("w.relation", "$3"), treeSQL("w.relation"))
}

func (f *feedState) scan(row pgx.Row) error {
	var trimmed string
	err := row.Scan(&f.snapshot, &f.uid, &trimmed, &f.whole, &f.attributes, &f.tree)
	f.trimmed = number(trimmed)
	return err
}

// state asks for the changefeed's state in the transaction that is open.
func (e *session) state(ctx context.Context) (f feedState, err error) {
	return f, f.scan(e.conn.QueryRow(ctx, stateSQL(quote(e.o.Schema)), e.watch.id, e.o.ChangesTable, e.watched()))
}

// broken tells that the changefeed, or the table, is not what it was when the
// session began.
func (f *feedState) broken(e *session) error {
	if f.uid == nil || *f.uid != e.watch.uid || !f.whole || f.attributes != e.relation.attributes || f.tree != e.relation.tree {
		return errRedefined
	}
	return nil
}

// register tells the database how far this replica is: at a snapshot, or "" for
// now.
func (e *session) register(ctx context.Context, snapshot string) error {
	name := e.o.Replica + "/" + e.o.Collection
	if snapshot == "" {
		_, err := e.conn.Exec(ctx, fmt.Sprintf("SELECT %s.seen($1, $2, pg_snapshot_xmin(pg_current_snapshot()))", quote(e.o.Schema)), e.watch.id, name)
		return err
	}
	xmin, _, _ := parseSnapshot(snapshot)
	_, err := e.conn.Exec(ctx, fmt.Sprintf("SELECT %s.seen($1, $2, $3::text::xid8)", quote(e.o.Schema)), e.watch.id, name, xmin)
	return err
}

// housekeep registers the position and trims, now and then.
func (r *reader) housekeep(ctx context.Context) error {
	if time.Since(r.noted) >= registerEvery {
		// Only what was handed over is safe with the reader.
		p, err := parsePosition(r.given)
		if err != nil {
			return err
		}
		if err := r.register(ctx, p.Feed.Snapshot); err != nil {
			return err
		}
		r.noted = time.Now()
	}
	if time.Since(r.pruned) < pruneEvery {
		return nil
	}
	r.pruned = time.Now()
	_, err := r.conn.Exec(ctx, fmt.Sprintf("SELECT %s.prune($1)", quote(r.o.Schema)), r.watch.id)
	return err
}
