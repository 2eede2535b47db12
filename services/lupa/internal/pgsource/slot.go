// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/replication"
)

// slotPrefix is what all slots and publications of this program begin with.
const slotPrefix = "lupa_"

// longestPart is the most bytes of a part of a name: two of them, the prefix and
// what is between make the 63 that a name in PostgreSQL has.
const longestPart = 28

var unnamed = regexp.MustCompile(`[^a-z0-9]+`)

// part makes a part of a slot's name: of lower-case letters, digits and single
// '_', with a few digits that tell it apart where that loses something.
func part(text string) string {
	plain := strings.Trim(unnamed.ReplaceAllString(text, "_"), "_")
	if plain == text && len(plain) <= longestPart {
		return plain
	}
	sum := sha256.Sum256([]byte(text))
	end := "_" + hex.EncodeToString(sum[:4])
	return strings.TrimRight(plain[:min(len(plain), longestPart-len(end))], "_") + end
}

// slotsPrefix is what the names of the slots of all replicas of the collection begin
// with, and those of no others.
func (s *Source) slotsPrefix() string { return slotPrefix + part(s.o.Collection) + "__" }

// slotName is the name of this replica's slot.
func (s *Source) slotName() string { return s.slotsPrefix() + part(s.o.Replica) }

// A SlotStatus is what is known of a replication slot.
type SlotStatus struct {
	Name     string
	Own      bool   // it is this replica's
	Active   bool   // it is being read
	State    string // as pg_replication_slots.wal_status has it; "lost" where it is of no use any more
	Retained int64  // bytes of the log that the server keeps for it
	Safe     int64  // bytes until the server lets go of it; below 0 where it never does
}

// slots asks for the slots of this program in this database.
func (s *Source) slots(ctx context.Context, conn *pgx.Conn) ([]SlotStatus, error) {
	rows, err := conn.Query(ctx, `SELECT slot_name, slot_name = $1, active, coalesce(wal_status, 'lost'),
		coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
		CASE WHEN current_setting('max_slot_wal_keep_size') = '-1' THEN -1 ELSE coalesce(safe_wal_size, 0) END
		FROM pg_replication_slots WHERE database = current_database() AND plugin = 'pgoutput' AND starts_with(slot_name, $2) ORDER BY 1`,
		s.slotName(), slotPrefix)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[SlotStatus])
}

// beginning makes this replica's slot anew. The connection must stay open until the
// view was taken.
func (e *session) beginning(ctx context.Context) (*pgconn.PgConn, replication.Beginning, error) {
	var begin replication.Beginning
	var conn *pgconn.PgConn
	err := within(ctx, openTime, func(ctx context.Context) (err error) {
		if err := released(ctx, func() error { return e.dropSlot(ctx, e.slotName()) }); err != nil {
			return err
		}
		conn, err = e.connectReplication(ctx)
		return err
	})
	if err != nil {
		return nil, begin, err
	}
	slow := time.AfterFunc(slowAfter, func() {
		e.o.Log.Warn("the replication slot waits for transactions that began before it; the longest shows in pg_stat_activity by xact_start",
			"collection", e.o.Collection, "slot", e.slotName())
	})
	defer slow.Stop()
	begin, err = replication.Create(ctx, conn, e.slotName())
	if err != nil {
		conn.Conn().Close()
		return nil, begin, err
	}
	return conn, begin, nil
}

// releaseTime is how long the server has to notice that who read a slot is gone, and
// releaseEvery how often it is asked.
const (
	releaseTime  = 5 * time.Second
	releaseEvery = 50 * time.Millisecond
)

// released does something with a slot, which must not be in use for that.
func released(ctx context.Context, do func() error) error {
	ticker := time.NewTicker(releaseEvery)
	defer ticker.Stop()
	for began := time.Now(); ; {
		err := do()
		if stateOf(err) != "55006" || time.Since(began) > releaseTime {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// connectReplication opens a connection for replication.
func (s *Source) connectReplication(ctx context.Context) (*pgconn.PgConn, error) {
	config, err := s.settings()
	if err != nil {
		return nil, err
	}
	conn, err := replication.Connect(ctx, &config.Config)
	return conn, s.scrub("connect for replication", err)
}

// dropSlot drops a slot that nobody reads; one that is gone is no error.
func (e *session) dropSlot(ctx context.Context, name string) error {
	_, err := e.conn.Exec(ctx, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1", name)
	if stateOf(err) == "42704" {
		return nil
	}
	return err
}

// checkSlot tells why a position cannot be followed by this replica's slot; nil
// where it can.
func (e *session) checkSlot(ctx context.Context, at logicalPosition) error {
	name := e.slotName()
	stale := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{catalog.ErrStale}, args...)...)
	}
	if at.Slot != name {
		return stale("the position is of replication slot %s, and this replica's is %s", at.Slot, name)
	}
	var state, confirmed string
	err := e.conn.QueryRow(ctx, `SELECT coalesce(wal_status, 'lost'), coalesce(confirmed_flush_lsn::text, '0/0') FROM pg_replication_slots
		WHERE slot_name = $1 AND database = current_database() AND plugin = 'pgoutput'`, name).Scan(&state, &confirmed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return stale("replication slot %s is gone", name)
	case err != nil:
		return e.scrub("look for the replication slot", err)
	case state == "lost":
		return stale("replication slot %s was given up by the server, as it fell behind by more than max_slot_wal_keep_size", name)
	}
	safe, err := replication.ParseLSN(confirmed)
	if err != nil {
		return err
	}
	from, err := replication.ParseLSN(at.LSN)
	if err != nil || safe > from {
		return stale("replication slot %s is at %s, ahead of the copy, which is at %s", name, confirmed, at.LSN)
	}
	return nil
}
