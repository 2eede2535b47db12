// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/replication"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/row"
)

// A logState is what a view shows of the table and its publication.
type logState struct {
	snapshot         string // the view
	written          string // where the log is written next
	same             bool   // the table's name is that of the same table
	attributes, tree string // as a relation has them
	file             string // of the table's rows; another one when all were written anew
	publication      *string
}

// logStateSQL asks for a logState. Its parameters are the table's number and name,
// its columns that are read, and the publication.
var logStateSQL = `SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text, coalesce(to_regclass($2)::oid = $1::oid, false),
	` + attributesSQL("$1", "$3") + ", " + treeSQL("$1") + `, coalesce((SELECT relfilenode::text FROM pg_class WHERE oid = $1::oid), ''), ` + publishedSQL("$4", "$1::oid")

func (s *logState) scan(row pgx.Row) error {
	return row.Scan(&s.snapshot, &s.written, &s.same, &s.attributes, &s.tree, &s.file, &s.publication)
}

func (e *session) logStateArgs() []any {
	return []any{e.relation.changes, e.o.ChangesTable, e.watched(), e.publication()}
}

// broken tells that the table, or the publication, is not what it was when the
// session began.
func (s *logState) broken(e *session) error {
	if !s.same || s.attributes != e.relation.attributes || s.tree != e.relation.tree || s.publication == nil {
		return errRedefined
	}
	return nil
}

// changed tells that it is not what it was at a position.
func (s *logState) changed(e *session, at logicalPosition) error {
	if err := s.broken(e); err != nil {
		return err
	}
	switch {
	case *s.publication != at.Publication:
		return fmt.Errorf("%w: publication %s was altered or made anew", catalog.ErrStale, e.publication())
	case s.file != at.File:
		return fmt.Errorf("%w: table %s was rewritten, by TRUNCATE, ALTER TABLE, VACUUM FULL or CLUSTER", catalog.ErrStale, e.o.ChangesTable)
	}
	return nil
}

// look takes a view, looks whether all is as it was, and reads the rows that wait;
// seen is false where the view does not show yet what changed them. The server tells
// of a transaction when it is logged; it is to be seen a little later, and where it
// waits for a standby, any time later.
func (t *tail) look(ctx context.Context) (changes []catalog.Change, seen bool, err error) {
	t.looked = time.Now()
	var state logState
	if err := within(ctx, lookTime, func(ctx context.Context) (err error) {
		state, err = t.state(ctx)
		return err
	}); err != nil {
		return nil, false, err
	}
	if err := state.changed(t.session, *t.from.Logical); err != nil {
		return nil, false, err
	}
	written, err := replication.ParseLSN(state.written)
	if err != nil {
		return nil, false, err
	}
	t.fresh.note(logMark{logEnd(written), t.looked})
	seen = shows(state.snapshot, t.waiting.xids)
	err = within(ctx, readTime, func(ctx context.Context) error {
		if seen && len(t.waiting.keys) > 0 {
			ids, err := t.ids(ctx, t.waiting.keys)
			if err != nil {
				return err
			}
			if changes, err = t.current(ctx, ids); err != nil {
				return err
			}
		}
		_, err := t.conn.Exec(ctx, "COMMIT")
		return err
	})
	return changes, seen, err
}

// state begins a transaction, and asks what it sees. What is read is locked before,
// lest it be rewritten in between and look empty.
func (t *tail) state(ctx context.Context) (state logState, err error) {
	var batch pgx.Batch
	batch.Queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	batch.Queue(t.relation.lockSQL())
	batch.Queue(logStateSQL, t.logStateArgs()...)
	results := t.conn.SendBatch(ctx, &batch)
	defer results.Close() //nolint:errcheck // its error was seen before
	for range 2 {
		if _, err := results.Exec(); err != nil {
			return state, err
		}
	}
	if err := state.scan(results.QueryRow()); err != nil {
		return state, err
	}
	return state, results.Close()
}

// shows tells whether a snapshot shows transactions, of whose numbers the lower half
// is known.
func shows(snapshot string, xids map[uint32]bool) bool {
	_, end, running := parseSnapshot(snapshot)
	xmax := number(end)
	for xid := range xids {
		// The number is near that of the snapshot, on one side or the other.
		whole := xmax + uint64(int64(int32(xid-uint32(xmax)))) //nolint:gosec // by wrapping around
		if whole >= xmax || slices.Contains(running, fmt.Sprint(whole)) {
			return false
		}
	}
	return true
}

// verbatim are types whose values as text are what a cast to text gives.
var verbatim = map[string]bool{
	"smallint": true, "integer": true, "bigint": true, "numeric": true, "text": true, "character varying": true, "uuid": true,
	"date": true, "timestamp without time zone": true, "timestamp with time zone": true, "bytea": true,
}

// ids makes documents' ids of the changed table's keys. Types whose text is not
// what a cast gives are cast by the server.
func (e *session) ids(ctx context.Context, keys [][]string) ([]string, error) {
	types, err := e.changedTypes(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(keys))
	if !slices.ContainsFunc(types, func(typ string) bool { return !verbatim[typ] }) {
		for _, key := range keys {
			ids = append(ids, row.JoinKey(key))
		}
		return ids, nil
	}
	names, arrays, args := []string{}, []string{}, []any{}
	for i, typ := range types {
		column := make([]string, 0, len(keys))
		for _, key := range keys {
			column = append(column, key[i])
		}
		names = append(names, fmt.Sprintf("k%d", i+1))
		arrays = append(arrays, fmt.Sprintf("$%d::text[]::%s[]", i+1, typ))
		args = append(args, column)
	}
	rows, err := e.conn.Query(ctx, fmt.Sprintf("SELECT DISTINCT %s FROM unnest(%s) AS t (%s)", row.KeySQL(names), strings.Join(arrays, ", "), strings.Join(names, ", ")), args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// changedTypes names the types of the changed table's key.
func (e *session) changedTypes(ctx context.Context) ([]string, error) {
	if e.keyTypes != nil {
		return e.keyTypes, nil
	}
	rows, err := e.conn.Query(ctx, `SELECT format_type(a.atttypid, -1) FROM unnest($2::text[]) WITH ORDINALITY AS k (name, n)
		JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attname = k.name ORDER BY k.n`, e.relation.changes, e.o.ChangesKey)
	if err != nil {
		return nil, err
	}
	e.keyTypes, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(e.keyTypes) != len(e.o.ChangesKey) {
		err = errRedefined
	}
	return e.keyTypes, err
}
