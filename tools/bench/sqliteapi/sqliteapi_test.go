// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqliteapi_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/tools/bench/sqliteapi"
)

func TestStatement(t *testing.T) {
	file := filepath.Join(t.TempDir(), "db")
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE VIRTUAL TABLE d USING fts5(a, b); INSERT INTO d VALUES('one cat', 'x'), ('two cats', 'yy'), ('a cat', NULL)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := sqliteapi.Open("file:"+file+"?immutable=1", "SELECT a, b, rowid FROM d WHERE d MATCH ?")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 2 { // it is reset after each
		e, err := s.Execute("cat")
		// "one cat", "x", "1", "a cat", "" and "3"
		if err != nil || e.Rows != 2 || e.Bytes != 15 || e.Time <= 0 {
			t.Errorf("execution %+v, %v; want 2 rows of 15 bytes and a time", e, err)
		}
	}
	if e, err := s.Execute("none"); err != nil || e.Rows != 0 {
		t.Errorf("without a match: %+v, %v", e, err)
	}
	if _, err := s.Execute(`"`); err == nil || !strings.Contains(err.Error(), `with "\""`) {
		t.Errorf("bad expression: error %v, want one with it", err)
	}
	if e, err := s.Execute("cat"); err != nil || e.Rows != 2 {
		t.Errorf("after an error: %+v, %v; want 2 rows", e, err)
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := sqliteapi.Open("file:/none/db", "SELECT 1"); err == nil || !strings.Contains(err.Error(), "unable to open") {
		t.Errorf("no file: error %v", err)
	}
	if _, err := sqliteapi.Open("file::memory:", "SELECT none"); err == nil || !strings.Contains(err.Error(), "no such column") {
		t.Errorf("bad statement: error %v", err)
	}
}
