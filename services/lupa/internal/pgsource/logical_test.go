// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// slotOfTest is the replication slot of options.
const slotOfTest = "lupa_items__test"

func logicalServer(t *testing.T) *pgtest.Server {
	t.Helper()
	return pgtest.Start(t, pgtest.WAL("logical"))
}

// logicalOptions are options of mode logical.
func logicalOptions(dsn string) pgsource.Options {
	o := options(dsn)
	o.Mode = pgsource.Logical
	return o
}

// published makes a source of table item with a publication.
func published(t *testing.T, db *pgtest.Database, table string) *pgsource.Source {
	t.Helper()
	db.Exec(table)
	s := open(t, logicalOptions(db.DSN))
	install(t, s)
	return s
}

func install(t *testing.T, s *pgsource.Source) {
	t.Helper()
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
}

func TestLogical(t *testing.T) {
	server := logicalServer(t)
	t.Run("changes of all kinds", func(t *testing.T) {
		db := server.Database(t)
		s := published(t, db, itemTable)
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
		if s.Mode() != "logical" {
			t.Errorf("mode is %s", s.Mode())
		}
	})
	t.Run("from a position on", func(t *testing.T) {
		db := server.Database(t)
		s := published(t, db, itemTable)
		m := load(t, s)
		db.Exec("INSERT INTO item VALUES (1, 'one')")
		f := follow(t, s, m)
		f.until("1=one")
		f.end()
		db.Exec("UPDATE item SET name = 'eins'; INSERT INTO item VALUES (2, 'two')")
		f = follow(t, open(t, logicalOptions(db.DSN)), m)
		f.until("1=eins", "2=two")
		f.end()
	})
	t.Run("truncate", func(t *testing.T) {
		db := server.Database(t)
		s := published(t, db, itemTable)
		m := load(t, s)
		f := follow(t, s, m)
		f.beat(1)
		db.Exec("TRUNCATE item")
		f.stale("TRUNCATE")
		m = load(t, s)
		f = follow(t, s, m)
		db.Exec("INSERT INTO item VALUES (1, 'one')")
		f.until("1=one")
		f.end()
	})
	t.Run("values that are long and not changed", func(t *testing.T) {
		db := server.Database(t)
		s := published(t, db, "CREATE TABLE item (id text PRIMARY KEY, name text, n int); ALTER TABLE item ALTER id SET STORAGE EXTERNAL")
		m := load(t, s)
		f := follow(t, s, m)
		db.Exec("INSERT INTO item SELECT repeat(md5(n::text), 70), 'x', 1 FROM generate_series(1, 2) n; INSERT INTO item VALUES ('k', 'y')")
		id := func(n int) string {
			var id string
			if err := db.Connect().QueryRow(t.Context(), "SELECT repeat(md5($1::text), 70)", fmt.Sprint(n)).Scan(&id); err != nil {
				t.Fatal(err)
			}
			return id
		}
		f.until(id(1)+"=x", id(2)+"=x", "k=y")
		db.Exec("UPDATE item SET name = 'z', n = 2 WHERE name = 'x'; DELETE FROM item WHERE id = 'k'")
		f.until(id(1)+"=z", id(2)+"=z")
		f.end()
	})
}

// TestLogicalTransactions has transactions that end in another order than the one
// in which they began and wrote.
func TestLogicalTransactions(t *testing.T) {
	server := logicalServer(t)
	db := server.Database(t)
	s := published(t, db, itemTable)
	m := load(t, s)
	early, rolledBack, long := begin(t, db), begin(t, db), begin(t, db)
	exec(t, early, "INSERT INTO item VALUES (1, 'early')")
	exec(t, rolledBack, "INSERT INTO item VALUES (2, 'never')")
	exec(t, long, "INSERT INTO item VALUES (9, 'long'); SAVEPOINT a; INSERT INTO item VALUES (8, 'sub'); ROLLBACK TO a; SAVEPOINT b; INSERT INTO item VALUES (7, 'sub')")
	db.Exec("INSERT INTO item VALUES (3, 'late')")
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
	f.end()
	f = follow(t, s, m)
	commit(t, long)
	f.until("1=early", "3=late", "4=later", "7=sub", "9=long")
	f.end()
	sum := 0
	for _, n := range m.batches {
		sum += n
	}
	if sum != 5 {
		t.Errorf("%d changes were handed over, want 5", sum)
	}
}

// TestLogicalUnseen has a transaction that the server tells of before anyone can see
// what it did, as it waits for a standby.
func TestLogicalUnseen(t *testing.T) {
	server := logicalServer(t)
	db := server.Database(t)
	s := published(t, db, itemTable)
	db.Exec("INSERT INTO item VALUES (1, 'old')")
	m := load(t, s)
	f := follow(t, s, m)
	f.beat(1)
	server.Exec("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
	server.Exec("SELECT pg_reload_conf()")
	waiting := db.Connect()
	if _, err := waiting.Exec(t.Context(), "SET synchronous_commit = on"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := waiting.Exec(context.Background(), "UPDATE item SET name = 'new'")
		done <- err
	}()
	f.beat(3)
	select {
	case err := <-done:
		t.Fatalf("the transaction does not wait: %v", err)
	default:
	}
	f.until("1=old")
	server.Exec("ALTER SYSTEM RESET synchronous_standby_names")
	server.Exec("SELECT pg_reload_conf()")
	f.until("1=new")
	if err := <-done; err != nil {
		t.Error(err)
	}
	f.end()
	server.Exec("ALTER SYSTEM SET synchronous_standby_names = '*'")
	server.Exec("SELECT pg_reload_conf()")
	follow(t, s, m).broken("synchronous_standby_names")
}

// TestLogicalManyChanges wants large transactions in batches of a bounded size,
// each with a position from which the rest comes.
func TestLogicalManyChanges(t *testing.T) {
	server := logicalServer(t)
	db := server.Database(t)
	s := published(t, db, itemTable)
	m := load(t, s)
	db.Exec("INSERT INTO item SELECT n, 'x' FROM generate_series(1, 100000) n")
	given, follows := 0, 0
	for len(m.docs) < 100_000 {
		// Following is cut off after each tenth batch.
		ctx, cancel := context.WithCancel(t.Context())
		batches := 0
		err := s.Follow(ctx, m.position, m, func(b catalog.Batch) error {
			if len(b.Changes) > 2000 {
				t.Errorf("a batch has %d changes", len(b.Changes))
			}
			given += len(b.Changes)
			if batches++; batches == 10 {
				cancel()
			}
			return m.apply(b)
		})
		cancel()
		if ctx.Err() == nil {
			t.Fatal(err)
		}
		if follows++; follows > 20 {
			t.Fatalf("after %d changes there are %d documents", given, len(m.docs))
		}
	}
	if given != 100_000 {
		t.Errorf("%d changes were handed over, want 100000", given)
	}
	db.Exec("DELETE FROM item WHERE id > 3")
	f := follow(t, s, m)
	f.until("1=x", "2=x", "3=x")
	f.end()
}

// TestLogicalKeys has keys of several columns, and of types whose text in the log is
// not that of a cast, or depends on the session.
func TestLogicalKeys(t *testing.T) {
	db := logicalServer(t).Database(t)
	db.Exec(`CREATE TYPE mood AS ENUM ('good', 'bad, very'); CREATE DOMAIN five AS char(5);
		CREATE TABLE "Odd Name" ("a,B" mood, at timestamptz, n numeric, b bytea, t bool, i inet, c char(4), d five, name text, PRIMARY KEY ("a,B", at, n, b, t, i, c, d))`)
	o := logicalOptions(db.DSN)
	o.Table, o.Key = `"Odd Name"`, []string{"a,B", "at", "n", "b", "t", "i", "c", "d"}
	s := open(t, o)
	install(t, s)
	m := load(t, s)
	f := follow(t, s, m)
	db.Exec(`SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; SET bytea_output = 'escape';
		INSERT INTO "Odd Name" VALUES ('bad, very', '2024-01-01 00:00 UTC', 1.0, '\x2c5c', true, '10.0.0.1', 'ab', 'cd', 'x'), ('good', '2024-01-01', 1, '', false, '::1/64', '', 'abcde', 'y')`)
	x, y := `bad\, very,2024-01-01 00:00:00+00,%s,\\x2c5c,true,10.0.0.1/32,ab,cd`, `good,2023-12-31 15:00:00+00,1,\\x,false,::1/64,,abcde=y`
	f.until(fmt.Sprintf(x, "1.0")+"=x", y)
	// Another text of an equal key is another id.
	db.Exec(`UPDATE "Odd Name" SET n = 1.00 WHERE n = 1 AND name = 'x'`)
	f.until(fmt.Sprintf(x, "1.00")+"=x", y)
	db.Exec(`DELETE FROM "Odd Name" WHERE name = 'x'`)
	f.until(y)
	f.end()
	again := load(t, s)
	if diff := cmp.Diff(m.names(), again.names()); diff != "" {
		t.Errorf("a snapshot differs (-followed +snapshot):\n%s", diff)
	}
}

// TestLogicalQuery follows a query by the changes of one of its tables, whose key is
// no primary key.
func TestLogicalQuery(t *testing.T) {
	db := logicalServer(t).Database(t)
	db.Exec(`CREATE TABLE author (id int PRIMARY KEY, name text); CREATE TABLE book (n serial PRIMARY KEY, isbn text, author int, title text);
		ALTER TABLE book REPLICA IDENTITY FULL;
		INSERT INTO author VALUES (1, 'Le Guin'); INSERT INTO book (isbn, author, title) VALUES ('a', 1, 'The Dispossessed')`)
	o := logicalOptions(db.DSN)
	o.Table = ""
	o.Query = "SELECT b.isbn AS id, b.title || ' by ' || a.name AS name FROM book b JOIN author a ON a.id = b.author -- all of them"
	o.Key, o.ChangesTable, o.ChangesKey = []string{"id"}, "book", []string{"isbn"}
	s := open(t, o)
	install(t, s)
	m := load(t, s)
	f := follow(t, s, m)
	f.until("a=The Dispossessed by Le Guin")
	db.Exec("INSERT INTO book (isbn, author, title) VALUES ('b', 1, 'The Lathe of Heaven'), ('c', 2, 'by nobody'), (NULL, 1, 'no key')")
	f.until("a=The Dispossessed by Le Guin", "b=The Lathe of Heaven by Le Guin")
	db.Exec("UPDATE book SET author = NULL WHERE isbn = 'a'; UPDATE book SET isbn = 'd' WHERE isbn = 'b'")
	f.until("d=The Lathe of Heaven by Le Guin")
	// What no longer says which row was changed is told, before a change is lost.
	db.Exec("ALTER TABLE book REPLICA IDENTITY DEFAULT; DELETE FROM book WHERE isbn = 'd'")
	f.broken("replica identity", "REPLICA IDENTITY")
}

// TestLogicalPartitions has rows that are written past the partitioned table, and
// partitions that come and go.
func TestLogicalPartitions(t *testing.T) {
	db := logicalServer(t).Database(t)
	s := published(t, db, `CREATE TABLE item (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
		CREATE TABLE low PARTITION OF item FOR VALUES FROM (0) TO (10); INSERT INTO item VALUES (1, 'one')`)
	m := load(t, s)
	f := follow(t, s, m)
	db.Exec("INSERT INTO low VALUES (2, 'two'); UPDATE item SET name = 'eins' WHERE id = 1")
	f.until("1=eins", "2=two")
	db.Exec("CREATE TABLE high PARTITION OF item FOR VALUES FROM (10) TO (20)")
	f.stale("partitions")
	freed(t, db, slotOfTest)
	m = load(t, s)
	f = follow(t, s, m)
	db.Exec("INSERT INTO high VALUES (12, 'twelve'); UPDATE item SET id = 13 WHERE id = 2")
	f.until("1=eins", "12=twelve", "13=two")
	db.Exec("TRUNCATE low")
	f.stale("partitions")
	freed(t, db, slotOfTest)
	m = load(t, s)
	f = follow(t, s, m)
	f.until("12=twelve", "13=two")
	db.Exec("ALTER TABLE item DETACH PARTITION high")
	f.stale("partitions")
}
