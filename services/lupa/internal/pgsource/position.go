// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A position is how far a copy is. It is kept as JSON.
type position struct {
	Mode     Mode   `json:"mode"`
	System   string `json:"system"`   // the database cluster's identifier
	Timeline uint32 `json:"timeline"` // of its history; another one begins when a standby takes over
	Shape    string `json:"shape"`    // of what is read

	Feed    *feedPosition    `json:"feed,omitempty"`
	Cursor  string           `json:"cursor,omitempty"` // largest value of the cursor column
	Logical *logicalPosition `json:"logical,omitempty"`
}

// A feedPosition is how far the changes of a changefeed are known: all that
// Snapshot sees, and of those that Next sees besides the ones up to (XID, Seq), in
// that order.
//
// A snapshot is PostgreSQL's own, xmin:xmax:list, so transactions that end later
// than ones with larger numbers are not missed, and none is read twice.
type feedPosition struct {
	Watch    string `json:"watch"` // identifier of the changefeed of this table
	Snapshot string `json:"snapshot"`
	Next     string `json:"next,omitempty"`
	XID      string `json:"xid,omitempty"`
	Seq      int64  `json:"seq,omitempty"`
}

// xid is XID, or "0" at the beginning.
func (p feedPosition) xid() string {
	if p.XID == "" {
		return "0"
	}
	return p.XID
}

func (p position) String() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // it has texts and numbers alone
	}
	return string(text)
}

// parsePosition reads what String wrote. What cannot be read is stale.
func parsePosition(text string) (position, error) {
	var p position
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("%w: the position is not of this version", catalog.ErrStale)
	}
	return p, nil
}

// An identity tells apart databases, and histories of one.
type identity struct {
	system   string
	timeline uint32
	standby  bool
}

// identify asks a server who it is.
func identify(ctx context.Context, conn *pgx.Conn) (id identity, err error) {
	// On a primary the timeline of the last checkpoint may be the one before.
	err = conn.QueryRow(ctx, `SELECT s.system_identifier::text, pg_is_in_recovery(),
		CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
		ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END
		FROM pg_control_system() s`).Scan(&id.system, &id.standby, &id.timeline)
	return id, err
}

// follows tells why a position is not of this history and shape; nil where it is.
func (p position) follows(now position) error {
	why := ""
	switch {
	case p.System != now.System:
		why = "this is another database cluster"
	case p.Timeline != now.Timeline:
		why = fmt.Sprintf("another server took over, or the database was restored (timeline %d instead of %d)", now.Timeline, p.Timeline)
	case p.Mode != now.Mode:
		why = fmt.Sprintf("changes come by %s instead of %s", now.Mode, p.Mode)
	case p.Shape != now.Shape:
		why = "the columns that are read, their types, or partitions have changed"
	default:
		return nil
	}
	return fmt.Errorf("%w: %s", catalog.ErrStale, why)
}
