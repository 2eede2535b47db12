// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgtest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/libs/pgtest"
)

// one asks a database for one value.
func one[T any](t *testing.T, dsn, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // a query went well by then
	var value T
	if err := conn.QueryRow(context.Background(), sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func check[T comparable](t *testing.T, dsn, sql string, want T) {
	t.Helper()
	if got := one[T](t, dsn, sql); got != want {
		t.Errorf("%s: got %v, want %v", sql, got, want)
	}
}

func TestStart(t *testing.T) {
	s := pgtest.Start(t, pgtest.WAL("logical"), pgtest.Settings(map[string]string{"application_name": `it's \ odd`}))
	dsn := s.DSN("postgres")
	check(t, dsn, "SELECT current_setting('server_version_num')::int / 10000", 15)
	check(t, dsn, "SHOW wal_level", "logical")
	check(t, dsn, "SHOW server_encoding", "UTF8")
	check(t, dsn, "SHOW listen_addresses", "")
	check(t, dsn, "SELECT boot_val || reset_val FROM pg_settings WHERE name = 'application_name'", `it's \ odd`)
	check(t, dsn, "SELECT lower('ÄÑЖ') COLLATE \"und-x-icu\"", "äñж")
	check(t, dsn, "SELECT ts_lexize('english_stem', 'stars')::text", "{star}")
	// A time zone with a summer time comes from data on disk.
	check(t, dsn, "SELECT ('2026-07-01 12:00Z'::timestamptz AT TIME ZONE 'Europe/Madrid')::text", "2026-07-01 14:00:00")
	check(t, dsn, "SELECT '2026-07-01 12:00 CEST'::timestamptz = '2026-07-01 10:00Z'", true)
	s.Exec("ALTER SYSTEM SET wal_level = 'replica'")
	s.Restart(pgtest.Fast)
	check(t, dsn, "SHOW wal_level", "replica")
}

func TestDatabases(t *testing.T) {
	s := pgtest.Start(t)
	a, b := s.Database(t), s.Database(t)
	if a.Name == b.Name || !strings.HasPrefix(a.Name, "testdatabases_") {
		t.Errorf("databases are named %s and %s", a.Name, b.Name)
	}
	a.Exec("CREATE TABLE item (id integer PRIMARY KEY); INSERT INTO item VALUES (1), (2)")
	check(t, a.DSN, "SELECT count(*)::int FROM item", 2)
	check(t, b.DSN, "SELECT to_regclass('item') IS NULL", true)
	var id int
	if err := a.Connect().QueryRow(context.Background(), "SELECT max(id) FROM item").Scan(&id); err != nil || id != 2 {
		t.Errorf("got %d, %v", id, err)
	}
}

func TestTwoServers(t *testing.T) {
	a, b := pgtest.Start(t), pgtest.Start(t)
	a.Exec("CREATE TABLE item (id integer)")
	check(t, b.DSN("postgres"), "SELECT to_regclass('item') IS NULL", true)
	const identifier = "SELECT system_identifier::text FROM pg_control_system()"
	if one[string](t, a.DSN("postgres"), identifier) == one[string](t, b.DSN("postgres"), identifier) {
		t.Error("two servers have the same system identifier")
	}
}

func TestPort(t *testing.T) {
	s := pgtest.Start(t, pgtest.Port(pgtest.FreePort(t)))
	check(t, s.TCP("postgres"), "SELECT host(inet_server_addr())", "127.0.0.1")
	check(t, s.DSN("postgres"), "SELECT inet_server_addr() IS NULL", true)
}

// TestEnds has the ways a server comes back from with what was committed.
func TestEnds(t *testing.T) {
	s := pgtest.Start(t)
	db := s.Database(t)
	db.Exec("CREATE TABLE item (id integer)")
	for i, end := range []struct {
		name string
		end  func()
	}{
		{"fast", func() { s.Stop(pgtest.Fast) }},
		{"immediate", func() { s.Stop(pgtest.Immediate) }},
		{"kill", s.Kill},
		{"kill twice", func() { s.Kill(); s.Kill() }},
	} {
		db.Exec("INSERT INTO item VALUES (1)")
		open := db.Connect()
		if _, err := open.Exec(context.Background(), "BEGIN; INSERT INTO item VALUES (2)"); err != nil {
			t.Fatal(err)
		}
		end.end()
		if _, err := open.Exec(context.Background(), "COMMIT"); err == nil {
			t.Errorf("%s: a session goes on", end.name)
		}
		if _, err := pgx.Connect(context.Background(), db.DSN); err == nil {
			t.Errorf("%s: one can connect", end.name)
		}
		s.Start()
		check(t, db.DSN, "SELECT sum(id)::int FROM item", i+1)
	}
}

func TestStandby(t *testing.T) {
	primary := pgtest.Start(t)
	db := primary.Database(t)
	db.Exec("CREATE TABLE item (id integer)")
	standby := primary.Standby(t)
	db.Exec("INSERT INTO item VALUES (1)")
	standby.CatchUp(primary)
	dsn := standby.DSN(db.Name)
	check(t, dsn, "SELECT count(*)::int FROM item", 1)
	check(t, dsn, "SELECT pg_is_in_recovery()", true)
	check(t, dsn, "SELECT ('2026-07-01 12:00Z'::timestamptz AT TIME ZONE 'Europe/Madrid')::text", "2026-07-01 14:00:00")

	primary.Kill()
	standby.Promote()
	standby.Exec("CHECKPOINT")
	check(t, dsn, "SELECT timeline_id FROM pg_control_checkpoint()", 2)
	check(t, dsn, "SELECT count(*)::int FROM item", 1)
	check(t, dsn, "SELECT pg_is_in_recovery()", false)
	standby.Restart(pgtest.Immediate)
	standby.Exec("CREATE TABLE more (id integer)")
	primary.Start()
	check(t, primary.DSN("postgres"), "SELECT timeline_id FROM pg_control_checkpoint()", 1)
}
