// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgtest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// databases counts, so that no two have the same name.
var databases atomic.Int64

// A Database is an empty one of its own.
type Database struct {
	// Name is made of the test's.
	Name string
	// DSN is its address, for pgx and libpq.
	DSN string

	t      testing.TB
	server *Server
}

// Database makes a fresh database for a test. It stays until the server ends.
func (s *Server) Database(t testing.TB) *Database {
	t.Helper()
	name := fmt.Sprintf("%s_%d", plain(t.Name()), databases.Add(1))
	d := &Database{Name: name, DSN: s.DSN(name), t: t, server: s}
	d.do(func(ctx context.Context) error {
		return s.server.Exec(ctx, "postgres", "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	})
	return d
}

// Exec runs statements, separated by semicolons, as one transaction.
func (d *Database) Exec(sql string) {
	d.t.Helper()
	d.do(func(ctx context.Context) error { return d.server.server.Exec(ctx, d.Name, sql) })
}

// Connect opens a connection, which is closed after the test.
func (d *Database) Connect() *pgx.Conn {
	d.t.Helper()
	var conn *pgx.Conn
	d.do(func(ctx context.Context) (err error) {
		conn, err = pgx.Connect(ctx, d.DSN)
		return err
	})
	d.t.Cleanup(func() {
		ctx, cancel := patient()
		defer cancel()
		// It may have been closed, or the server killed, by the test.
		_ = conn.Close(ctx) //nolint:errcheck // see above
	})
	return conn
}

func (d *Database) do(action func(context.Context) error) {
	d.t.Helper()
	ctx, cancel := patient()
	defer cancel()
	if err := action(ctx); err != nil {
		d.t.Fatalf("pgtest: %s: %v", d.Name, err)
	}
}

// plain is a name of at most 40 letters, digits and underscores.
func plain(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		default:
			return '_'
		}
	}, name)
	return name[:min(len(name), 40)]
}
