// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A watch is an installed changefeed.
type watch struct {
	id      int
	uid     string
	version int
	notify  bool
	whole   bool // its triggers are in place
}

// findWatch looks for the changefeed of the source's table; nil where there is none.
func (s *Source) findWatch(ctx context.Context, conn *pgx.Conn) (*watch, error) {
	var exists, usable bool
	err := conn.QueryRow(ctx, `SELECT coalesce(has_schema_privilege(n.oid, 'USAGE'), false),
		EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'watch')
		FROM (SELECT $1::text) t (name) LEFT JOIN pg_namespace n ON n.nspname = t.name`, s.o.Schema).Scan(&usable, &exists)
	if err != nil {
		return nil, s.scrub("look for the changefeed", err)
	}
	if !exists || s.o.ChangesTable == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	if !usable {
		return nil, s.scrub("look for the changefeed", errors.New("this role may not use schema "+s.o.Schema+
			"; run 'lupa changefeed install' with -reader and this role's name"))
	}
	var w watch
	schema := quote(s.o.Schema)
	err = conn.QueryRow(ctx, fmt.Sprintf(`SELECT id, uid::text, version, notify, coalesce(%[1]s.whole(id), false) FROM %[1]s.watch
		WHERE relation = to_regclass($1)::oid AND key = $2`, schema), s.o.ChangesTable, s.o.ChangesKey).Scan(&w.id, &w.uid, &w.version, &w.notify, &w.whole)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil //nolint:nilnil // there is none
	case err != nil:
		return nil, s.scrub("look for the changefeed", err)
	}
	return &w, nil
}

// wrong says why a changefeed cannot be read; "" where it can.
func (w *watch) wrong(table string) string {
	switch {
	case w.version != feedVersion:
		return fmt.Sprintf("the changefeed of table %s is of version %d, and this program reads version %d", table, w.version, feedVersion)
	case !w.whole:
		return fmt.Sprintf("the changefeed of table %s is damaged: a trigger is missing, or was disabled", table)
	}
	return ""
}

// A FeedStatus is what is known of a changefeed.
type FeedStatus struct {
	Installed bool
	Wrong     string // why it cannot be read; "" where it can
	Version   int
	Notify    bool
	Keep      time.Duration
	Changes   int64 // that are kept
	Bytes     int64 // on disk, of all changefeeds of the schema
	Oldest    time.Time
	Replicas  []ReplicaStatus
}

// A ReplicaStatus is what is known of a reader.
type ReplicaStatus struct {
	Name   string
	Seen   time.Time
	Behind int64 // changes that it may not have read
}

// FeedStatus asks for the changefeed's state.
func (s *Source) FeedStatus(ctx context.Context) (FeedStatus, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return FeedStatus{}, err
	}
	defer disconnect(conn)
	w, err := s.findWatch(ctx, conn)
	if err != nil || w == nil {
		return FeedStatus{}, err
	}
	status := FeedStatus{Installed: true, Wrong: w.wrong(s.o.ChangesTable), Version: w.version, Notify: w.notify}
	schema := quote(s.o.Schema)
	var oldest *time.Time
	err = conn.QueryRow(ctx, fmt.Sprintf(`SELECT w.keep, (SELECT count(*) FROM %[1]s.change c WHERE c.watch = w.id),
		pg_total_relation_size('%[1]s.change'), (SELECT at FROM %[1]s.change c WHERE c.watch = w.id ORDER BY xid, seq LIMIT 1)
		FROM %[1]s.watch w WHERE w.id = $1`, schema), w.id).Scan(&status.Keep, &status.Changes, &status.Bytes, &oldest)
	if err != nil {
		return status, s.scrub("ask for the changefeed's state", err)
	}
	if oldest != nil {
		status.Oldest = *oldest
	}
	rows, err := conn.Query(ctx, fmt.Sprintf(`SELECT name, seen, (SELECT count(*) FROM %[1]s.change c WHERE c.watch = r.watch AND c.xid >= r.xid)
		FROM %[1]s.replica r WHERE watch = $1 ORDER BY name`, schema), w.id)
	if err != nil {
		return status, s.scrub("ask for the replicas", err)
	}
	status.Replicas, err = pgx.CollectRows(rows, pgx.RowToStructByPos[ReplicaStatus])
	return status, s.scrub("ask for the replicas", err)
}
