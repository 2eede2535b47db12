// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/field"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

func TestChangefeed(t *testing.T) {
	server := pgtest.Start(t, pgtest.Settings(map[string]string{"max_prepared_transactions": "2"}))
	t.Run("changes of all kinds", func(t *testing.T) {
		db := server.Database(t)
		s := watched(t, db)
		db.Exec("INSERT INTO item VALUES (1, 'one'), (2, 'two'), (3, NULL)")
		m := load(t, s)
		f := follow(t, s, m)
		f.until("1=one", "2=two", "3=")
		db.Exec("INSERT INTO item VALUES (4, 'four')")
		f.until("1=one", "2=two", "3=", "4=four")
		db.Exec("UPDATE item SET name = 'zwei' WHERE id = 2")
		db.Exec("DELETE FROM item WHERE id IN (1, 3)")
		f.until("2=zwei", "4=four")
		db.Exec("UPDATE item SET id = id + 10")
		f.until("12=zwei", "14=four")
		db.Exec("INSERT INTO item VALUES (12, 'new'), (13, 'new') ON CONFLICT (id) DO UPDATE SET name = 'twelve'")
		f.until("12=twelve", "13=new", "14=four")
		db.Exec("COPY item (id) FROM PROGRAM 'echo 5'")
		f.until("12=twelve", "13=new", "14=four", "5=")
		f.end()
		if s.Mode() != "changefeed" {
			t.Errorf("mode is %s", s.Mode())
		}
	})
	t.Run("written in other ways", func(t *testing.T) {
		db := server.Database(t)
		db.Exec("CREATE TABLE owner (id int PRIMARY KEY)")
		s := watched(t, db)
		db.Exec("ALTER TABLE item ADD owner int REFERENCES owner ON DELETE CASCADE ON UPDATE SET NULL; INSERT INTO owner VALUES (1), (2), (3)")
		m := load(t, s)
		f := follow(t, s, m)
		db.Exec("INSERT INTO item (id, name, owner) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)")
		f.until("1=a", "2=b", "3=c")
		db.Exec("DELETE FROM owner WHERE id = 1")
		f.until("2=b", "3=c")
		db.Exec("MERGE INTO item USING (VALUES (2, 'B'), (4, 'd')) v (id, name) ON item.id = v.id WHEN MATCHED THEN UPDATE SET name = v.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, v.name)")
		f.until("2=B", "3=c", "4=d")
		db.Exec("SET session_replication_role = replica; UPDATE item SET name = 'R' WHERE id = 2")
		f.until("2=R", "3=c", "4=d")
		db.Exec("WITH gone AS (DELETE FROM item WHERE id = 3 RETURNING *) INSERT INTO item SELECT id + 10, name FROM gone")
		f.until("13=c", "2=R", "4=d")
		f.end()
	})
	t.Run("from a position on", func(t *testing.T) {
		db := server.Database(t)
		s := watched(t, db)
		m := load(t, s)
		db.Exec("INSERT INTO item VALUES (1, 'one')")
		f := follow(t, s, m)
		f.until("1=one")
		f.end()
		db.Exec("UPDATE item SET name = 'eins'; INSERT INTO item VALUES (2, 'two')")
		f = follow(t, open(t, options(db.DSN)), m)
		f.until("1=eins", "2=two")
		f.end()
	})
	t.Run("without notifications", func(t *testing.T) {
		db := server.Database(t)
		watched(t, db)
		o := options(db.DSN)
		o.Notify = false
		s := open(t, o)
		if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
			t.Fatal(err)
		}
		m := load(t, s)
		f := follow(t, s, m)
		f.beat(1)
		db.Exec("INSERT INTO item VALUES (1, 'one')")
		f.until("1=one")
		// A transaction that notifies cannot be prepared.
		db.Exec("BEGIN; INSERT INTO item VALUES (2, 'prepared'); PREPARE TRANSACTION 'p'")
		db.Exec("UPDATE item SET name = 'eins' WHERE id = 1")
		f.until("1=eins")
		f.end()
		f = follow(t, s, m)
		db.Exec("COMMIT PREPARED 'p'")
		f.until("1=eins", "2=prepared")
		f.end()
	})
}

// begin starts a transaction on a connection of its own.
func begin(t *testing.T, db *pgtest.Database) pgx.Tx {
	t.Helper()
	tx, err := db.Connect().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func exec(t *testing.T, tx pgx.Tx, sql string) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, tx pgx.Tx) {
	t.Helper()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestConcurrentTransactions has transactions that end in another order than the
// one in which they began and wrote.
func TestConcurrentTransactions(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	s := watched(t, db)
	early, rolledBack, long := begin(t, db), begin(t, db), begin(t, db)
	exec(t, early, "INSERT INTO item VALUES (1, 'early')")
	exec(t, rolledBack, "INSERT INTO item VALUES (2, 'never')")
	exec(t, long, "INSERT INTO item VALUES (9, 'long')")
	db.Exec("INSERT INTO item VALUES (3, 'late')")

	// The snapshot sees the later one alone; the position must not pass the others.
	m := load(t, s)
	f := follow(t, s, m)
	f.until("3=late")
	db.Exec("INSERT INTO item VALUES (4, 'later')")
	f.until("3=late", "4=later")
	f.end()
	f = follow(t, s, m)
	commit(t, early)
	f.until("1=early", "3=late", "4=later")
	if err := rolledBack.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}

	// Rows that are changed again and again are not read again and again because of
	// the transaction that is still under way.
	for i := range 5 {
		db.Exec(fmt.Sprintf("UPDATE item SET name = 'later %d' WHERE id = 4", i))
		f.until("1=early", "3=late", fmt.Sprintf("4=later %d", i))
	}
	before := 0
	m.mu.Lock()
	for _, n := range m.batches {
		before += n
	}
	m.mu.Unlock()
	if before > 7 {
		t.Errorf("%d changes were handed over, want 7", before)
	}
	// Also where following begins anew in between.
	f.end()
	f = follow(t, s, m)
	exec(t, long, "UPDATE item SET name = 'long!' WHERE id = 9")
	commit(t, long)
	f.until("1=early", "3=late", "4=later 4", "9=long!")
	f.end()
}

// TestManyChanges wants large transactions in batches of a bounded size, each with
// a position from which the rest comes.
func TestManyChanges(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	s := watched(t, db)
	long := begin(t, db)
	exec(t, long, "INSERT INTO item SELECT n, 'long' FROM generate_series(100001, 105000) n")
	m := load(t, s)
	db.Exec("INSERT INTO item SELECT n, 'x' FROM generate_series(1, 7000) n")
	commit(t, long)
	for i := 0; ; i++ {
		// Following is cut off after each batch.
		ctx, cancel := context.WithCancel(t.Context())
		var got catalog.Batch
		err := s.Follow(ctx, m.position, m, func(b catalog.Batch) error {
			if len(b.Changes) > 2000 {
				t.Errorf("a batch has %d changes", len(b.Changes))
			}
			got = b
			cancel()
			return m.apply(b)
		})
		cancel()
		if ctx.Err() == nil {
			t.Fatal(err)
		}
		if len(m.docs) == 12000 && len(got.Changes) == 0 {
			break
		}
		if i > 100 {
			t.Fatalf("after %d batches there are %d documents", i, len(m.docs))
		}
	}
	db.Exec("DELETE FROM item WHERE id > 3")
	f := follow(t, s, m)
	f.until("1=x", "2=x", "3=x")
	f.end()
}

// TestKeys has keys of several columns, and of types whose text depends on the
// session.
func TestKeys(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec(`CREATE TYPE mood AS ENUM ('good', 'bad, very');
		CREATE TABLE "Odd Name" ("a,B" mood, at timestamptz, n numeric, b bytea, name text, PRIMARY KEY ("a,B", at, n, b))`)
	o := options(db.DSN)
	o.Table, o.Key = `"Odd Name"`, []string{"a,B", "at", "n", "b"}
	s := open(t, o)
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
	m := load(t, s)
	f := follow(t, s, m)
	db.Exec(`SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; SET bytea_output = 'escape';
		INSERT INTO "Odd Name" VALUES ('bad, very', '2024-01-01 00:00 UTC', 1.0, '\x2c5c', 'x'), ('good', '2024-01-01', 1, '', 'y')`)
	f.until(`bad\, very,2024-01-01 00:00:00+00,1.0,\\x2c5c=x`, `good,2023-12-31 15:00:00+00,1,\\x=y`)
	// Another text of an equal key is another id.
	db.Exec(`UPDATE "Odd Name" SET n = 1.00 WHERE n = 1 AND name = 'x'`)
	f.until(`bad\, very,2024-01-01 00:00:00+00,1.00,\\x2c5c=x`, `good,2023-12-31 15:00:00+00,1,\\x=y`)
	f.end()
}

// TestQuery follows a query by the changes of one of its tables.
func TestQuery(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec(`CREATE TABLE author (id int PRIMARY KEY, name text); CREATE TABLE book (isbn text PRIMARY KEY, author int, title text);
		INSERT INTO author VALUES (1, 'Le Guin'); INSERT INTO book VALUES ('a', 1, 'The Dispossessed')`)
	o := options(db.DSN)
	o.Table = ""
	o.Query = "SELECT b.isbn, b.title || ' by ' || a.name AS name FROM book b JOIN author a ON a.id = b.author -- all of them"
	o.Key, o.ChangesTable, o.ChangesKey = []string{"isbn"}, "book", []string{"isbn"}
	s := open(t, o)
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
	m := load(t, s)
	f := follow(t, s, m)
	f.until("a=The Dispossessed by Le Guin")
	db.Exec("INSERT INTO book VALUES ('b', 1, 'The Lathe of Heaven'), ('c', 2, 'by nobody')")
	f.until("a=The Dispossessed by Le Guin", "b=The Lathe of Heaven by Le Guin")
	db.Exec("UPDATE book SET author = NULL WHERE isbn = 'a'")
	f.until("b=The Lathe of Heaven by Le Guin")
	f.end()
}

// TestPartitions has rows that are written past the partitioned table, and
// partitions that come and go.
func TestPartitions(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec(`CREATE TABLE item (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
		CREATE TABLE low PARTITION OF item FOR VALUES FROM (0) TO (10); INSERT INTO item VALUES (1, 'one')`)
	s := open(t, options(db.DSN))
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
	m := load(t, s)
	f := follow(t, s, m)
	db.Exec("INSERT INTO low VALUES (2, 'two'); UPDATE item SET name = 'eins' WHERE id = 1")
	f.until("1=eins", "2=two")
	db.Exec("CREATE TABLE high PARTITION OF item FOR VALUES FROM (10) TO (20)")
	f.stale("partitions")
	m = load(t, s)
	f = follow(t, s, m)
	db.Exec("INSERT INTO high VALUES (12, 'twelve'); UPDATE item SET id = 13 WHERE id = 2")
	f.until("1=eins", "12=twelve", "13=two")
	db.Exec("TRUNCATE low")
	f.stale("partitions")
	m = load(t, s)
	f = follow(t, s, m)
	f.until("12=twelve", "13=two")
	db.Exec("ALTER TABLE item DETACH PARTITION high")
	f.stale("partitions")
}

// TestSubscription has a table that is written by logical replication, which is of
// no statement.
func TestSubscription(t *testing.T) {
	publisher, subscriber := pgtest.Start(t, pgtest.WAL("logical")), pgtest.Start(t)
	from, to := publisher.Database(t), subscriber.Database(t)
	from.Exec(itemTable + "; CREATE PUBLICATION p FOR TABLE item; INSERT INTO item VALUES (1, 'one')")
	s := watched(t, to)
	before := load(t, s)
	f := follow(t, s, before)
	f.beat(1)
	conn := connect(t, from.DSN)
	var slot string
	if err := conn.QueryRow(t.Context(), "SELECT slot_name::text FROM pg_create_logical_replication_slot('s', 'pgoutput')").Scan(&slot); err != nil {
		t.Fatal(err)
	}
	to.Exec(fmt.Sprintf("CREATE SUBSCRIPTION s CONNECTION '%s' PUBLICATION p WITH (create_slot = false)", from.DSN))
	t.Cleanup(func() {
		to.Exec("ALTER SUBSCRIPTION s DISABLE")
		to.Exec("ALTER SUBSCRIPTION s SET (slot_name = NONE)")
		to.Exec("DROP SUBSCRIPTION s")
	})
	f.broken("damaged")
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
	m := load(t, s)
	f = follow(t, s, m)
	f.until("1=one")
	from.Exec("INSERT INTO item VALUES (2, 'two')")
	f.until("1=one", "2=two")
	from.Exec("UPDATE item SET name = 'x', id = id + 5")
	f.until("6=x", "7=x")
	from.Exec("DELETE FROM item WHERE id = 6")
	f.until("7=x")
	from.Exec("TRUNCATE item")
	f.stale("TRUNCATE")
}

// TestValuesLikeSnapshot wants a row that is followed to be what a snapshot makes
// of it.
func TestValuesLikeSnapshot(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec(`CREATE TABLE item (id bigint PRIMARY KEY, name text, tags text[], n numeric, r real, ok boolean, at timestamptz, day date, data jsonb, c char(5));
		INSERT INTO item VALUES (1, E'tab\there\\ and \\N\nline', '{a,"b,c",NULL}', 1.5, 0.1, true, '2024-05-06 07:08:09.123456+02', '2024-05-06', '["x", {"a": 1}]', 'ab'),
			(2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`)
	db.Exec(`UPDATE item SET data = '["x", 1]'`)
	o := options(db.DSN)
	multiple := func(c field.Column) field.Column { c.Field.Multiple = true; return c }
	o.Columns = []field.Column{
		column("name", catalog.Text), multiple(column("tags", catalog.String)), column("n", catalog.Number), column("r", catalog.Number),
		column("ok", catalog.Bool), column("at", catalog.Time), column("day", catalog.Time), multiple(column("data", catalog.String)), column("c", catalog.Text),
	}
	ok := column("ok", catalog.Text)
	ok.Field.Name = "ok_text"
	o.Columns = append(o.Columns, ok)
	s := open(t, o)
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
	m := load(t, s)
	want := m.docs["1"]
	f := follow(t, s, m)
	f.beat(1)
	m.mu.Lock()
	m.docs = map[string]catalog.Document{"2": m.docs["2"]}
	m.mu.Unlock()
	db.Exec("UPDATE item SET id = 1 WHERE id = 1")
	f.until("1=tab\there\\ and \\N\nline", "2=")
	m.mu.Lock()
	defer m.mu.Unlock()
	if diff := diffDocuments(want, m.docs["1"]); diff != "" {
		t.Errorf("documents differ (-snapshot +followed):\n%s", diff)
	}
	wantValues := []catalog.Value{
		catalog.TextValue("tab\there\\ and \\N\nline"), catalog.TextValue("a", "b,c"), catalog.NumberValue(1.5), catalog.NumberValue(0.1),
		catalog.NumberValue(1), catalog.NumberValue(1714972089.123456), catalog.NumberValue(1714953600), catalog.TextValue("x", "1"), catalog.TextValue("ab   "), catalog.TextValue("t"),
	}
	if diff := diffDocuments(catalog.Document{ID: "1", Values: wantValues}, want); diff != "" {
		t.Errorf("document differs (-want +got):\n%s", diff)
	}
}
