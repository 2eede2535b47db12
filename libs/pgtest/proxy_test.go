// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/libs/pgtest"
)

// connect opens a connection, which ends with the test.
func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) }) //nolint:errcheck // it may be cut
	return conn
}

func TestProxy(t *testing.T) {
	s := pgtest.Start(t)
	p := s.Proxy(t)
	check(t, p.DSN("postgres"), "SELECT 1", 1)
	// More than passes at a time.
	check(t, p.DSN("postgres"), "SELECT length(repeat('x', 1000000) || $$y$$)", 1000001)

	conn := connect(t, p.DSN("postgres"))
	p.Cut()
	if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a connection that is cut goes on")
	}
	check(t, p.DSN("postgres"), "SELECT 2", 2)

	s.Restart(pgtest.Fast)
	check(t, p.DSN("postgres"), "SELECT 3", 3)
	s.Stop(pgtest.Fast)
	if _, err := pgx.Connect(t.Context(), p.DSN("postgres")); err == nil {
		t.Error("without a server there are connections")
	}
}

func TestProxyHolds(t *testing.T) {
	s := pgtest.Start(t)
	p := s.Proxy(t)
	conn := connect(t, p.DSN("postgres"))
	p.Hold()
	p.Hold()
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := pgx.Connect(short, p.DSN("postgres")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held connection is made: %v", err)
	}
	answer := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), "SELECT 1")
		answer <- err
	}()
	p.Release()
	p.Release()
	if err := <-answer; err != nil {
		t.Errorf("what was held is lost: %v", err)
	}
	p.Hold()
	go func() {
		_, err := conn.Exec(context.Background(), "SELECT 1")
		answer <- err
	}()
	p.Cut()
	if err := <-answer; err == nil {
		t.Error("what is held cannot be cut")
	}
}
