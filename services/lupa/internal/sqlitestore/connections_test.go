// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEveryConnection opens all connections of a pool at once: each must have
// FTS5 and our settings, not only the first.
func TestEveryConnection(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	writer := openWriter(file)
	defer writer.Close()
	if _, err := writer.Exec("CREATE VIRTUAL TABLE fts USING fts5(text); INSERT INTO fts VALUES('word')"); err != nil {
		t.Fatal(err)
	}
	checkSettings(t, writer, 1, map[string]string{"journal_mode": "off", "synchronous": "0", "temp_store": "2", "cache_size": "-4096"})
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	const readers = 8
	db := sql.OpenDB(sealedConnector(file))
	defer db.Close()
	checkSettings(t, db, readers, map[string]string{"query_only": "1", "temp_store": "2", "cache_size": "-16384", "trusted_schema": "0"})
	if live, err := isLive(file); live || err != nil {
		t.Errorf("a sealed file is live: %v, %v", live, err)
	}
	changing := sql.OpenDB(writeConnector(file))
	defer changing.Close()
	checkSettings(t, changing, 1, map[string]string{"journal_mode": "wal", "synchronous": "2", "temp_store": "2", "wal_autocheckpoint": "0"})
	live := sql.OpenDB(liveConnector(file))
	defer live.Close()
	checkSettings(t, live, readers, map[string]string{"query_only": "1", "temp_store": "2", "journal_mode": "wal", "trusted_schema": "0"})
	if live, err := isLive(file); !live || err != nil {
		t.Errorf("a live file is live: %v, %v", live, err)
	}
}

func checkSettings(t *testing.T, db *sql.DB, connections int, want map[string]string) {
	t.Helper()
	for i := range connections {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // only now, so that the next is another one
		got := make(map[string]string)
		for name := range want {
			var value string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&value); err != nil {
				t.Fatal(err)
			}
			got[name] = value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("settings of connection %d differ (-want +got):\n%s", i, diff)
		}
		if n, err := matches(t.Context(), conn); err != nil || n != 1 {
			t.Errorf("FTS5 on connection %d: %d matches, %v", i, n, err)
		}
	}
}

func matches(ctx context.Context, conn *sql.Conn) (n int, err error) {
	err = conn.QueryRowContext(ctx, "SELECT count(*) FROM fts WHERE fts MATCH 'word'").Scan(&n)
	return n, err
}

func TestReadersCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file? with #odd & name%.db")
	writer := openWriter(file)
	if _, err := writer.Exec("CREATE TABLE t(x)"); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(sealedConnector(file))
	defer db.Close()
	if _, err := db.Exec("INSERT INTO t VALUES(1)"); err == nil {
		t.Error("a reader could write")
	}
}

func TestGenerationNumber(t *testing.T) {
	for name, want := range map[string]int{
		"gen-000001.db": 1, "gen-1234567.db": 1234567, "gen-000000.db": 0, "gen--1.db": 0, "gen-x.db": 0,
		"gen-000001.db.partial": 0, "CURRENT": 0, "": 0, "../gen-000001.db": 0,
	} {
		if got := generationNumber(name); got != want {
			t.Errorf("generationNumber(%q) = %d, want %d", name, got, want)
		}
	}
	if got := fmt.Sprintf(generationFmt, 7); generationNumber(got) != 7 {
		t.Errorf("%s is not read back", got)
	}
}
