// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

func TestSnapshot(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec(itemTable + "; INSERT INTO item SELECT n, 'row ' || n FROM generate_series(1, 3000) n; ANALYZE item")
	s := open(t, options(db.DSN))
	snapshot, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	if done, total := snapshot.Progress(); done != 0 || total != 3000 {
		t.Errorf("progress is %d of %d, want 0 of 3000", done, total)
	}
	// What happens from here on is not seen, and held up neither.
	db.Exec("DELETE FROM item WHERE id > 10; INSERT INTO item VALUES (5000)")
	n := 0
	if err := snapshot.Documents(t.Context(), func(d catalog.Document) error {
		n++
		if d.ID == "5000" {
			t.Error("a later row is seen")
		}
		return nil
	}); err != nil || n != 3000 {
		t.Errorf("%d documents, %v", n, err)
	}
	// Nobody waits for the view any more.
	db.Exec("SET lock_timeout = '5s'; ALTER TABLE item ADD later int")
	if err := snapshot.Documents(t.Context(), func(catalog.Document) error { return nil }); err == nil {
		t.Error("a snapshot is read twice")
	}
	if done, total := snapshot.Progress(); done != 3000 || total != 3000 {
		t.Errorf("progress is %d of %d, want 3000 of 3000", done, total)
	}
}

// TestSnapshotStops wants an error of the consumer back at once.
func TestSnapshotStops(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	o := options(db.DSN)
	o.Table, o.Query = "", "SELECT n AS id, 'x' AS name FROM generate_series(1, 3000000) n"
	snapshot, err := open(t, o).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	want := catalog.Errorf(catalog.CodeInternal, "the disk is full")
	if err := snapshot.Documents(t.Context(), func(catalog.Document) error { return want }); err == nil || !strings.Contains(err.Error(), want.Message) {
		t.Errorf("error %v, want that of the consumer", err)
	}
}

// TestBadRows has rows that are no documents, in a snapshot and among changes.
func TestBadRows(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec(`CREATE TABLE item (id text, name text, n numeric, at timestamptz);
		INSERT INTO item VALUES ('good', 'a', 1, now()), ('nan', 'b', 'NaN', NULL), (NULL, 'c', 1, NULL), ('', 'd', 1, NULL),
			('digits', 'e', 0.12345678901234567890, NULL), ('inf', 'f', NULL, 'infinity'), ('long', repeat('g', 2000), NULL, NULL)`)
	var log bytes.Buffer
	o := options(db.DSN)
	o.MaxRow, o.Log = 1000, slog.New(slog.NewTextHandler(&log, nil))
	o.Columns = append(o.Columns, column("n", catalog.Number), column("at", catalog.Time))
	snapshot, err := open(t, o).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = snapshot.Documents(t.Context(), func(catalog.Document) error { return nil })
	snapshot.Close()
	if err == nil || !strings.Contains(err.Error(), `table item, key "nan": column "n" is "NaN"`) {
		t.Errorf("error %v, want one that names table, key and column", err)
	}
	o.OnError = pgsource.Skip
	s := open(t, o)
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
	m := load(t, s)
	f := follow(t, s, m)
	f.until("good=a")
	for _, want := range []string{`key NULL`, `key \"digits\"`, "infinity", "max_row_bytes is 1000", "rows=6"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
	// A document that becomes bad goes; one that becomes good comes.
	db.Exec("UPDATE item SET n = 'NaN' WHERE id = 'good'; UPDATE item SET n = 2 WHERE id = 'nan'")
	f.until("nan=b")
	f.end()

	db.Exec("TRUNCATE item")
	o.OnError = pgsource.Fail
	s = open(t, o)
	m = load(t, s)
	f = follow(t, s, m)
	db.Exec("INSERT INTO item VALUES ('x', 'y', 'Infinity')")
	f.broken(`table item, key "x": column "n"`)
}

// TestForeignEncoding reads text of a database that does not say what it is.
func TestForeignEncoding(t *testing.T) {
	server := pgtest.Start(t)
	server.Exec("CREATE DATABASE ascii ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
	conn := connect(t, server.DSN("ascii"))
	if _, err := conn.Exec(t.Context(), itemTable+`; INSERT INTO item VALUES (1, convert_from('\xe9', 'SQL_ASCII')), (2, 'fine')`); err != nil {
		t.Fatal(err)
	}
	o := options(server.DSN("ascii"))
	o.OnError = pgsource.Skip
	if got := load(t, open(t, o)).names(); len(got) != 1 || got[0] != "2=fine" {
		t.Errorf("documents are %q", got)
	}
}
