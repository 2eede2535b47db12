// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Standby makes a streaming standby of a running server, which is not started
// yet. It has the settings of its primary.
func (s *Server) Standby(ctx context.Context, o Options) (*Server, error) {
	standby, err := prepare(o)
	if err != nil {
		return nil, fmt.Errorf("create standby: %w", err)
	}
	err = standby.run(ctx, "pg_basebackup", "--pgdata="+standby.data(), "--dbname="+s.DSN("postgres"),
		"--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync")
	if err != nil {
		return nil, fmt.Errorf("create standby: %w", err)
	}
	return standby, nil
}

// Promote makes a standby a primary, with a timeline of its own, and waits until
// it takes writes.
func (s *Server) Promote(ctx context.Context) error {
	var done bool
	if err := s.query(ctx, "SELECT pg_promote(wait => true)", &done); err != nil {
		return fmt.Errorf("promote: %w", err)
	}
	if !done {
		return errors.New("promote: the server did not do so within a minute")
	}
	return nil
}

// CatchUp waits until a standby has replayed what its primary has written so
// far.
func (s *Server) CatchUp(ctx context.Context, primary *Server) error {
	var target string
	if err := primary.query(ctx, "SELECT pg_current_wal_flush_lsn()::text", &target); err != nil {
		return fmt.Errorf("catch up: %w", err)
	}
	for {
		var reached bool
		if err := s.query(ctx, "SELECT pg_last_wal_replay_lsn() >= '"+target+"'::pg_lsn", &reached); err != nil {
			return fmt.Errorf("catch up to %s: %w", target, err)
		}
		if reached {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("catch up to %s: %w", target, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// query asks the server for one value.
func (s *Server) query(ctx context.Context, sql string, value any) error {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return err
	}
	return errors.Join(conn.QueryRow(ctx, sql).Scan(value), conn.Close(ctx))
}
