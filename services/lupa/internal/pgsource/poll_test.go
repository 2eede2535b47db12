// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

func TestPoll(t *testing.T) {
	server := pgtest.Start(t)
	const shown = "SELECT * FROM item WHERE other IS DISTINCT FROM 'hidden'"
	for name, edit := range map[string]func(*pgsource.Options){
		"table": func(*pgsource.Options) {},
		"view":  func(o *pgsource.Options) { o.Table = "shown" },
		"query": func(o *pgsource.Options) {
			o.Table, o.Query = "", "SELECT * FROM item WHERE other IS DISTINCT FROM 'hidden'"
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := server.Database(t)
			db.Exec(itemTable + "; INSERT INTO item SELECT n, 'row ' || n FROM generate_series(1, 9999) n; CREATE VIEW shown AS " + shown)
			o := options(db.DSN)
			o.Mode, o.Compare = pgsource.Poll, 100*time.Millisecond
			edit(&o)
			s := open(t, o)
			m := load(t, s)
			f := follow(t, s, m)
			f.beat(1)
			if len(m.batches) > 0 {
				t.Errorf("changes are found where there are none: %v", m.batches)
			}
			// More than a batch of each, at both ends and in between.
			db.Exec("DELETE FROM item WHERE id % 3 = 0; UPDATE item SET name = 'even' WHERE id % 2 = 0; INSERT INTO item SELECT -n FROM generate_series(1, 3000) n; UPDATE item SET other = 'hidden' WHERE id = -1")
			var want []string
			for n := 1; n <= 9999; n++ {
				switch {
				case n%3 == 0:
				case n%2 == 0:
					want = append(want, fmt.Sprintf("%d=even", n))
				default:
					want = append(want, fmt.Sprintf("%d=row %d", n, n))
				}
			}
			for n := 1; n <= 3000; n++ {
				if n > 1 || name == "table" {
					want = append(want, fmt.Sprintf("-%d=", n))
				}
			}
			f.until(want...)
			for _, n := range m.batches {
				if n > 2000 {
					t.Errorf("a batch has %d changes", n)
				}
			}
			f.end()
			db.Exec("TRUNCATE item")
			f = follow(t, s, m)
			f.until()
			f.end()
		})
	}
}

// TestPollCursor has a column that says what is new.
func TestPollCursor(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec("CREATE TABLE item (id text PRIMARY KEY, name text, changed timestamptz DEFAULT clock_timestamp())")
	o := options(db.DSN)
	o.Mode, o.Cursor, o.Interval, o.Compare = pgsource.Poll, "changed", 20*time.Millisecond, time.Hour
	s := open(t, o)
	m := load(t, s)
	f := follow(t, s, m)
	f.beat(1)
	db.Exec("INSERT INTO item VALUES ('a', 'one')")
	f.until("a=one")
	// A transaction that ends after a later one, within the overlap.
	tx := begin(t, db)
	exec(t, tx, "INSERT INTO item VALUES ('b', 'early')")
	db.Exec("INSERT INTO item VALUES ('c', 'late')")
	f.until("a=one", "c=late")
	commit(t, tx)
	f.until("a=one", "b=early", "c=late")
	total := 0
	for _, n := range m.batches {
		total += n
	}
	if total != 3 {
		t.Errorf("%d changes were handed over, want 3", total)
	}
	// Deletes show when all is compared, as at the beginning.
	db.Exec("DELETE FROM item WHERE id = 'a'; UPDATE item SET name = 'no trace' WHERE id = 'b'")
	f.end()
	f = follow(t, s, m)
	f.until("b=no trace", "c=late")
	f.end()
}

// TestPollOrder has ids whose order differs between collations.
func TestPollOrder(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec(`CREATE TABLE item (id text COLLATE "und-x-icu" PRIMARY KEY, name text); INSERT INTO item SELECT unnest('{a,B,é,z,Z,10,9,_,ß,😀,"a b",ab}'::text[]), 'x'`)
	o := options(db.DSN)
	o.Mode, o.Compare = pgsource.Poll, 50*time.Millisecond
	s := open(t, o)
	m := load(t, s)
	m.docs["nothing"] = catalog.Document{ID: "nothing", Values: make([]catalog.Value, 1)}
	f := follow(t, s, m)
	f.until("a=x", "B=x", "é=x", "z=x", "Z=x", "10=x", "9=x", "_=x", "ß=x", "😀=x", "a b=x", "ab=x")
	f.beat(1)
	if len(m.batches) != 1 || m.batches[0] != 1 {
		t.Errorf("batches of %v changes, want one of one", m.batches)
	}
	f.end()
}

// TestPollUntilInstalled wants a changefeed to be taken as soon as there is one.
func TestPollUntilInstalled(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec(itemTable)
	o := options(db.DSN)
	o.Compare = 50 * time.Millisecond
	s := open(t, o)
	m := load(t, s)
	f := follow(t, s, m)
	f.beat(1)
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
	f.stale("changes come by changefeed instead of poll")
}
