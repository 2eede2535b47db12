// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package replication

import (
	"context"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
)

// A Beginning is where a slot begins: all that was committed before is in a view of
// the database that other sessions can take, and all that is committed later will be
// in the slot.
type Beginning struct {
	LSN  LSN
	View string // for SET TRANSACTION SNAPSHOT, until the connection is used again or closed
}

// Create makes a slot on a connection that Connect made. It waits for all
// transactions that are under way.
func Create(ctx context.Context, conn *pgconn.PgConn, slot string) (Beginning, error) {
	made, err := pglogrepl.CreateReplicationSlot(ctx, conn, identifier(slot), "pgoutput",
		pglogrepl.CreateReplicationSlotOptions{SnapshotAction: "EXPORT_SNAPSHOT"})
	if err != nil {
		return Beginning{}, err
	}
	lsn, err := ParseLSN(made.ConsistentPoint)
	return Beginning{LSN: lsn, View: made.SnapshotName}, err
}
