// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// ask gets one value of a database.
func ask[T any](t *testing.T, db *pgtest.Database, sql string, args ...any) T {
	t.Helper()
	conn := connect(t, db.DSN)
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	value, err := pgx.CollectOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// freed waits until nobody reads a slot.
func freed(t *testing.T, db *pgtest.Database, slot string) {
	t.Helper()
	for limit := time.Now().Add(patience); ask[bool](t, db, "SELECT count(*) > 0 FROM pg_replication_slots WHERE slot_name = $1 AND active", slot); {
		if time.Now().After(limit) {
			t.Fatalf("slot %s is still being read", slot)
		}
	}
}

// TestSlotCut cuts connections, and the server, while changes come.
func TestSlotCut(t *testing.T) {
	server := logicalServer(t)
	db := server.Database(t)
	s := published(t, db, itemTable)
	m := load(t, s)
	want := []string{}
	for i, cut := range []struct {
		name string
		cut  func()
	}{
		{"walsender", func() { db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_replication") }},
		{"reader", func() {
			db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name LIKE 'lupa%'")
		}},
		{"restart", func() { server.Restart(pgtest.Fast) }},
		{"crash", func() { server.Restart(pgtest.Immediate) }},
	} {
		f := follow(t, s, m)
		id := string(rune('1' + 2*i))
		db.Exec("INSERT INTO item VALUES (" + id + ", 'before')")
		want = append(want, id+"=before")
		f.until(want...)
		began := time.Now()
		cut.cut()
		if err := f.failed(); err == nil || errors.Is(err, catalog.ErrStale) {
			t.Fatalf("%s: following ended: %v", cut.name, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: it took %v", cut.name, took)
		}
		id = string(rune('2' + 2*i))
		db.Exec("INSERT INTO item VALUES (" + id + ", 'after')")
		want = append(want, id+"=after")
		freed(t, db, slotOfTest)
	}
	f := follow(t, s, m)
	f.until(want...)
	f.end()
}

// TestSlotStale has all that asks for a new snapshot, and takes one afterwards.
func TestSlotStale(t *testing.T) {
	server := pgtest.Start(t, pgtest.WAL("logical"), pgtest.Settings(map[string]string{"max_slot_wal_keep_size": "16MB", "max_wal_size": "32MB", "min_wal_size": "32MB"}))
	for _, c := range []struct {
		name, sql, why string
		running        bool // it happens while the slot is read
	}{
		{"dropped", "SELECT pg_drop_replication_slot('" + slotOfTest + "')", "gone", false},
		{"read by someone else", "SELECT pg_replication_slot_advance('" + slotOfTest + "', pg_current_wal_lsn())", "ahead", false},
		{"rewritten", "ALTER TABLE item ALTER name TYPE text USING upper(name)", "rewritten", true},
		{"publication altered", "ALTER PUBLICATION lupa_items SET (publish = 'insert'); ALTER PUBLICATION lupa_items SET (publish = 'insert, update, delete, truncate')", "publication", true},
		{"table taken out and put back", "ALTER PUBLICATION lupa_items DROP TABLE item; ALTER PUBLICATION lupa_items ADD TABLE item", "publication", true},
		{"column replaced", "ALTER TABLE item DROP name; ALTER TABLE item ADD name text DEFAULT 'x'", "columns", true},
		{"column of another type", "ALTER TABLE item ALTER name TYPE varchar(10)", "columns", true},
		{"table replaced", "ALTER TABLE item RENAME TO old; CREATE TABLE item (LIKE old INCLUDING ALL); ALTER PUBLICATION lupa_items SET TABLE item", "publication", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := server.Database(t)
			s := published(t, db, itemTable)
			t.Cleanup(func() { db.Exec("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots") })
			db.Exec("INSERT INTO item VALUES (1, 'one')")
			m := load(t, s)
			f := follow(t, s, m)
			f.beat(1)
			if !c.running {
				f.end()
				freed(t, db, slotOfTest)
				db.Exec("INSERT INTO item VALUES (2, 'two')")
			}
			db.Exec(c.sql)
			if !c.running {
				f = follow(t, s, m)
			}
			f.stale(c.why)
			freed(t, db, slotOfTest)
			m = load(t, s)
			f = follow(t, s, m)
			db.Exec("DELETE FROM item; INSERT INTO item (id, name) VALUES (3, 'three')")
			f.until("3=three")
			f.end()
			freed(t, db, slotOfTest)
		})
	}
	t.Run("given up by the server", func(t *testing.T) {
		db := server.Database(t)
		s := published(t, db, itemTable)
		m := load(t, s)
		for range 6 {
			db.Exec("CREATE TABLE IF NOT EXISTS other (n int); INSERT INTO other VALUES (1); SELECT pg_switch_wal()")
		}
		server.Exec("CHECKPOINT")
		follow(t, s, m).stale("max_slot_wal_keep_size")
		m = load(t, s)
		f := follow(t, s, m)
		db.Exec("INSERT INTO item VALUES (3, 'three')")
		f.until("3=three")
		f.end()
	})
}

// TestSlotGoesOn has changes of the table that a reader does not care for.
func TestSlotGoesOn(t *testing.T) {
	db := logicalServer(t).Database(t)
	s := published(t, db, itemTable)
	m := load(t, s)
	f := follow(t, s, m)
	db.Exec("ALTER TABLE item ADD more int; INSERT INTO item VALUES (1, 'one', NULL, 5)")
	f.until("1=one")
	db.Exec("ALTER TABLE item DROP other; INSERT INTO item VALUES (2, 'two', 6); ALTER TABLE item ADD other int DEFAULT 6; UPDATE item SET name = 'eins' WHERE id = 1")
	f.until("1=eins", "2=two")
	db.Exec("CREATE INDEX ON item (name); ANALYZE item; CREATE TABLE another (id int PRIMARY KEY); ALTER TABLE item REPLICA IDENTITY FULL; DELETE FROM item WHERE id = 1")
	f.until("2=two")
	install(t, s)
	db.Exec("UPDATE item SET id = 3, name = 'three'")
	f.until("3=three")
	// What others write does not have to be kept, though nothing here changes.
	confirmed := ask[string](t, db, "SELECT confirmed_flush_lsn::text FROM pg_replication_slots")
	for range 3 {
		db.Exec("INSERT INTO another SELECT count(*) FROM another; SELECT pg_switch_wal()")
	}
	moved := false
	for range 5 {
		f.beat(1)
		moved = moved || ask[bool](t, db, "SELECT confirmed_flush_lsn - $1::text::pg_lsn > 16000000 FROM pg_replication_slots", confirmed)
	}
	if !moved {
		t.Error("the slot does not move on")
	}
	if s.Retained() < 0 {
		t.Errorf("%d bytes are retained", s.Retained())
	}
	f.end()
}

// TestSlotWaits has a transaction that is under way when a slot is made.
func TestSlotWaits(t *testing.T) {
	db := logicalServer(t).Database(t)
	s := published(t, db, itemTable)
	long := begin(t, db)
	exec(t, long, "INSERT INTO item VALUES (1, 'one')")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// The slot is there before the transaction ends.
		for {
			var made bool
			if err := long.QueryRow(context.Background(), "SELECT count(*) > 0 FROM pg_replication_slots").Scan(&made); err != nil || made {
				break
			}
		}
		if _, err := long.Exec(context.Background(), "ALTER TABLE item ADD late text; INSERT INTO item VALUES (2, 'two')"); err != nil {
			t.Error(err)
		}
		if err := long.Commit(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	m := load(t, s)
	<-ended
	f := follow(t, s, m)
	db.Exec("INSERT INTO item VALUES (3, 'three')")
	f.until("1=one", "2=two", "3=three")
	f.end()
}

// TestSlots has two replicas, and one that is gone for good.
func TestSlots(t *testing.T) {
	db := logicalServer(t).Database(t)
	a := published(t, db, itemTable)
	o := logicalOptions(db.DSN)
	o.Replica = "Other-1"
	b := open(t, o)
	ma, mb := load(t, a), load(t, b)
	fa, fb := follow(t, a, ma), follow(t, b, mb)
	db.Exec("INSERT INTO item VALUES (1, 'one')")
	fa.until("1=one")
	fb.until("1=one")
	follow(t, open(t, logicalOptions(db.DSN)), ma).broken("55006")
	fb.end()
	status, err := a.PublicationStatus(t.Context())
	if err != nil || len(status.Slots) != 2 || status.Name != "lupa_items" || len(status.Problems) > 0 {
		t.Errorf("status is %+v, %v", status, err)
	}
	if err := a.Remove(t.Context()); err == nil || !strings.Contains(err.Error(), slotOfTest) {
		t.Errorf("removing a slot that is read: %v", err)
	}
	fa.end()
	db.Exec("INSERT INTO item SELECT n, 'x' FROM generate_series(2, 1000) n; SELECT pg_switch_wal()")

	var log bytes.Buffer
	o = logicalOptions(db.DSN)
	o.SlotLimit, o.Log = 1000, slog.New(slog.NewTextHandler(&log, nil))
	a = open(t, o)
	freed(t, db, slotOfTest)
	fa = follow(t, a, ma)
	fa.beat(2)
	fa.end()
	if !strings.Contains(log.String(), "pg_drop_replication_slot('lupa_items__ther_1_") {
		t.Errorf("the log is %q", log.String())
	}
	log.Reset()
	o.DropIdle = true
	a = open(t, o)
	freed(t, db, slotOfTest)
	fa = follow(t, a, ma)
	fa.beat(2)
	fa.end()
	if !strings.Contains(log.String(), "was dropped") || ask[int](t, db, "SELECT count(*)::int FROM pg_replication_slots") != 1 {
		t.Errorf("the log is %q", log.String())
	}
	follow(t, b, mb).stale("gone")
	freed(t, db, slotOfTest)
	if err := a.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := ask[int](t, db, "SELECT (SELECT count(*) FROM pg_replication_slots)::int + (SELECT count(*) FROM pg_publication)::int"); left != 0 {
		t.Errorf("%d things are left", left)
	}
}

// TestSlotFailover promotes a standby, which has no slot.
func TestSlotFailover(t *testing.T) {
	primary := logicalServer(t)
	db := primary.Database(t)
	s := published(t, db, itemTable)
	m := load(t, s)
	f := follow(t, s, m)
	db.Exec("INSERT INTO item VALUES (1, 'one')")
	f.until("1=one")
	f.end()
	standby := primary.Standby(t)
	standby.CatchUp(primary)
	after := open(t, logicalOptions(standby.DSN(db.Name)))
	follow(t, after, m).broken("standby")
	primary.Kill()
	standby.Promote()
	follow(t, after, m).stale("timeline")
	m = load(t, after)
	f = follow(t, after, m)
	conn := connect(t, standby.DSN(db.Name))
	if _, err := conn.Exec(t.Context(), "UPDATE item SET name = 'eins'"); err != nil {
		t.Fatal(err)
	}
	f.until("1=eins")
	f.end()
}

// TestLogicalMissing tells what logical replication lacks.
func TestLogicalMissing(t *testing.T) {
	logical, plain := logicalServer(t), pgtest.Start(t)
	for _, c := range []struct {
		name   string
		server *pgtest.Server
		sql    string
		want   []string
	}{
		{"nothing is there", plain, itemTable, []string{"wal_level is replica", "publication lupa_items", "changefeed install"}},
		{"no key", logical, "CREATE TABLE item (id int, name text); CREATE PUBLICATION lupa_items FOR TABLE item", []string{"replica identity", "ALTER TABLE"}},
		{"another table", logical, itemTable + "; CREATE TABLE other (id int); CREATE PUBLICATION lupa_items FOR TABLE other", []string{"lacks table item"}},
		{"some rows", logical, itemTable + "; CREATE PUBLICATION lupa_items FOR TABLE item WHERE (id > 5)", []string{"lacks table item"}},
		{"some changes", logical, itemTable + "; CREATE PUBLICATION lupa_items FOR TABLE item WITH (publish = 'insert')", []string{"lacks table item"}},
		{"not logged", logical, "CREATE UNLOGGED TABLE item (id int PRIMARY KEY, name text)", []string{"not logged"}},
		{"a view", logical, "CREATE VIEW item AS SELECT 1 AS id, 'x' AS name", []string{"no table"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := c.server.Database(t)
			db.Exec(c.sql)
			s := open(t, logicalOptions(db.DSN))
			_, err := s.Snapshot(t.Context())
			report := s.Check(t.Context())
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("a snapshot gives %v, want %q", err, want)
				}
				told := false
				for _, p := range report.Problems {
					told = told || strings.Contains(p.String(), want)
				}
				if !told {
					t.Errorf("the check tells %v, want %q", report.Problems, want)
				}
			}
		})
	}
	t.Run("the right to replicate", func(t *testing.T) {
		db := logical.Database(t)
		published(t, db, itemTable)
		db.Exec("CREATE ROLE plain_reader LOGIN; GRANT SELECT ON item TO plain_reader")
		s := open(t, logicalOptions(strings.Replace(db.DSN, "postgres@", "plain_reader@", 1)))
		if _, err := s.Snapshot(t.Context()); err == nil || !strings.Contains(err.Error(), `ALTER ROLE "plain_reader" REPLICATION`) {
			t.Errorf("a snapshot gives %v", err)
		}
		db.Exec("ALTER ROLE plain_reader REPLICATION; INSERT INTO item VALUES (1, 'one')")
		m := load(t, s)
		f := follow(t, s, m)
		db.Exec("INSERT INTO item VALUES (2, 'two')")
		f.until("1=one", "2=two")
		f.end()
	})
}

// TestLogicalAuto takes logical replication where it is there, and a changefeed
// where that is, too.
func TestLogicalAuto(t *testing.T) {
	db := logicalServer(t).Database(t)
	db.Exec(itemTable)
	s := open(t, options(db.DSN))
	for _, want := range []pgsource.Mode{pgsource.Poll, pgsource.Logical, pgsource.Changefeed} {
		switch want {
		case pgsource.Logical:
			install(t, open(t, logicalOptions(db.DSN)))
		case pgsource.Changefeed:
			install(t, s)
		}
		if report := s.Check(t.Context()); report.Mode != want || len(report.Problems) > 0 {
			t.Errorf("the check gives %+v, want mode %s", report, want)
		}
	}
}
