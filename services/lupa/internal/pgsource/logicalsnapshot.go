// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/replication"
)

// beginLogical makes the replication slot anew, and opens a transaction with the
// view at which it begins: what the copy lacks is what the slot will tell.
//
// Tables cannot be locked before, as for other snapshots: the slot waits for
// transactions that are under way, and one of those may wait for the lock. Whether
// one was rewritten in between is looked at afterwards.
func (s *snapshot) beginLogical(ctx context.Context) error {
	s.through = time.Now()
	conn, begin, err := s.beginning(ctx)
	if err != nil {
		return err
	}
	return within(ctx, openTime, func(ctx context.Context) error {
		err := s.execute(ctx, beginSnapshot, "SET TRANSACTION SNAPSHOT "+literal(begin.View))
		conn.Conn().Close() //nolint:errcheck // it has done its part
		if err != nil {
			return err
		}
		return s.beginAt(ctx, begin.LSN)
	})
}

// beginAt looks at what is read, in the view of the slot's beginning.
func (s *snapshot) beginAt(ctx context.Context, lsn replication.LSN) error {
	if err := s.execute(ctx, untimed, s.relation.lockSQL()); err != nil {
		return err
	}
	var state logState
	if err := state.scan(s.conn.QueryRow(ctx, logStateSQL, s.logStateArgs()...)); err != nil {
		return err
	}
	if err := state.broken(s.session); err != nil {
		return err
	}
	if err := s.unwritten(ctx); err != nil {
		return err
	}
	s.position = s.place()
	s.position.Logical = &logicalPosition{Slot: s.slotName(), LSN: lsn.String(), Publication: *state.publication, File: state.file}
	return s.estimate(ctx)
}

// unwritten tells of tables that were rewritten after the view was taken, which look
// empty in it.
func (s *snapshot) unwritten(ctx context.Context) error {
	var rewritten bool
	err := s.conn.QueryRow(ctx, `WITH read AS (SELECT name::regclass AS oid FROM unnest($1::text[]) AS t (name)),
			files AS (SELECT oid FROM read UNION SELECT t.relid FROM read, pg_partition_tree(read.oid) t)
		SELECT count(*) > 0 FROM files JOIN pg_class c USING (oid) WHERE c.relfilenode <> 0 AND c.relfilenode <> pg_relation_filenode(c.oid)`,
		s.relation.locks).Scan(&rewritten)
	if err == nil && rewritten {
		return errRedefined
	}
	return err
}
