// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// TestDefinitionChanges has tables that become something else while they are
// followed. Each case begins with item (1, one).
func TestDefinitionChanges(t *testing.T) {
	server := pgtest.Start(t)
	tests := []struct {
		name   string
		sql    []string // statements, each a transaction
		stale  string   // why a new snapshot is wanted
		broken []string // words of an error
	}{
		{"truncated", []string{"TRUNCATE item"}, "emptied by TRUNCATE", nil},
		{"truncated in a transaction with inserts", []string{"INSERT INTO item VALUES (2); TRUNCATE item; INSERT INTO item VALUES (3)"}, "TRUNCATE", nil},
		{"unused column added", []string{"ALTER TABLE item ADD extra int DEFAULT 5"}, "", nil},
		{"unused column dropped", []string{"ALTER TABLE item DROP other"}, "", nil},
		{"column dropped", []string{"ALTER TABLE item DROP name"}, "", []string{`no column "name"`, "there are id, other", "correct the configuration"}},
		{"column renamed", []string{"ALTER TABLE item RENAME name TO title"}, "", []string{`no column "name"`}},
		{"column replaced", []string{"ALTER TABLE item DROP name", "ALTER TABLE item ADD name text DEFAULT 'other'"}, "columns", nil},
		{"type changed", []string{"ALTER TABLE item ALTER name TYPE varchar USING name || '!'"}, "columns", nil},
		{"type that does not fit", []string{"ALTER TABLE item ALTER name TYPE bytea USING name::bytea"}, "", []string{"type bytea"}},
		{"key of another type", []string{"ALTER TABLE item ALTER id TYPE bigint"}, "columns", nil},
		{"table dropped", []string{"DROP TABLE item"}, "", []string{"there is no table item"}},
		{"table made anew", []string{"DROP TABLE item", itemTable}, "changes come by poll", nil},
		{"table renamed", []string{"ALTER TABLE item RENAME TO other"}, "", []string{"there is no table item"}},
		{"rewritten", []string{"ALTER TABLE item ALTER other SET DEFAULT 'x'", "VACUUM FULL item", "CLUSTER item USING item_pkey"}, "", nil},
		{"changefeed gone", []string{"DROP SCHEMA lupa CASCADE"}, "changes come by poll", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			db := server.Database(t)
			s := watched(t, db)
			db.Exec("INSERT INTO item VALUES (1, 'one')")
			m := load(t, s)
			f := follow(t, s, m)
			f.beat(1)
			for _, sql := range test.sql {
				db.Exec(sql)
			}
			switch {
			case test.stale != "":
				f.stale(test.stale)
			case test.broken != nil:
				f.broken(test.broken...)
			default:
				f.beat(2)
				db.Exec("INSERT INTO item VALUES (7, 'seven')")
				f.until("1=one", "7=seven")
				f.end()
			}
		})
	}
}

// TestConnectionLost cuts connections and stops the server; what follows again
// from the last position misses nothing.
func TestConnectionLost(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	s := watched(t, db)
	m := load(t, s)
	f := follow(t, s, m)
	db.Exec("INSERT INTO item VALUES (1, 'one')")
	f.until("1=one")
	db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lupa items'")
	f.broken("57P01", "the server ended the connection")
	db.Exec("INSERT INTO item VALUES (2, 'two')")
	f = follow(t, s, m)
	f.until("1=one", "2=two")
	server.Kill()
	f.broken(db.Name)
	follow(t, s, m).broken("connect")
	server.Start()
	db.Exec("INSERT INTO item VALUES (3, 'three')")
	f = follow(t, s, m)
	f.until("1=one", "2=two", "3=three")
	f.end()

	// In the middle of a snapshot.
	db.Exec("INSERT INTO item SELECT n, repeat('x', 1000) FROM generate_series(4, 50000) n")
	snapshot, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	n := 0
	err = snapshot.Documents(t.Context(), func(catalog.Document) error {
		if n++; n == 100 {
			db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lupa items'")
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "read table item") {
		t.Errorf("reading %d documents ended: %v", n, err)
	}
}

// TestSilence has a server that does not answer any more, with its connection
// open.
func TestSilence(t *testing.T) {
	port := pgtest.FreePort(t)
	db := pgtest.Start(t, pgtest.Port(port)).Database(t)
	watched(t, db)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	silent := make(chan struct{})
	go forward(listener, fmt.Sprintf("127.0.0.1:%d", port), silent)
	s := open(t, options(fmt.Sprintf("postgres://postgres@%s/%s", listener.Addr(), db.Name)))
	m := load(t, s)
	f := follow(t, s, m)
	db.Exec("INSERT INTO item VALUES (1, 'one')")
	f.until("1=one")
	close(silent)
	began := time.Now()
	f.broken("no answer")
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("that nobody answers was noticed after %v", took)
	}
}

// forward joins connections to an address, until silent is closed.
func forward(listener net.Listener, address string, silent <-chan struct{}) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", address)
		if err != nil {
			from.Close()
			return
		}
		pipe := func(to, from net.Conn) {
			buffer := make([]byte, 32<<10)
			for {
				n, err := from.Read(buffer)
				select {
				case <-silent:
					return
				default:
				}
				if err != nil {
					to.Close()
					return
				}
				if _, err := to.Write(buffer[:n]); err != nil {
					return
				}
			}
		}
		go pipe(to, from)
		go pipe(from, to)
	}
}

// TestFailover promotes a standby that lacks what the primary had last.
func TestFailover(t *testing.T) {
	primary := pgtest.Start(t, pgtest.WAL("replica"))
	db := primary.Database(t)
	s := watched(t, db)
	db.Exec("INSERT INTO item VALUES (1, 'one')")
	m := load(t, s)
	f := follow(t, s, m)
	f.beat(1)
	standby := primary.Standby(t)
	standby.CatchUp(primary)

	// A standby cannot be followed by its changes, but by comparing.
	o := options(standby.DSN(db.Name))
	o.Mode = pgsource.Changefeed
	if report := open(t, o).Check(t.Context()); len(report.Problems) != 1 || !strings.Contains(report.Problems[0].Message, "standby") {
		t.Errorf("checking a standby reports %+v", report)
	}
	o.Mode = pgsource.Auto
	onStandby := open(t, o)
	copied := load(t, onStandby)
	polling := follow(t, onStandby, copied)
	polling.until("1=one")
	polling.end()
	if onStandby.Mode() != "poll" {
		t.Errorf("mode on a standby is %s", onStandby.Mode())
	}

	primary.Kill()
	f.broken()
	standby.Promote()
	moved := open(t, options(standby.DSN(db.Name)))
	follow(t, moved, m).stale("timeline 2 instead of 1")
	m = load(t, moved)
	f = follow(t, moved, m)
	f.until("1=one")
	f.end()
}

// TestOtherCluster follows a database of the same name elsewhere.
func TestOtherCluster(t *testing.T) {
	first, second := pgtest.Start(t), pgtest.Start(t)
	db := first.Database(t)
	m := load(t, watched(t, db))
	follow(t, watched(t, second.Database(t)), m).stale("another database cluster")
	m.position = "{"
	follow(t, open(t, options(db.DSN)), m).stale("position")
}

// TestTimeouts has roles whose statements are cut off.
func TestTimeouts(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	watched(t, db)
	db.Exec("INSERT INTO item VALUES (1, 'one')")
	server.Exec("CREATE ROLE hasty SUPERUSER LOGIN; ALTER ROLE hasty SET statement_timeout = '300ms'; ALTER ROLE hasty SET lock_timeout = '100ms'")
	s := open(t, options(as(db.DSN, "hasty")))
	m := load(t, s)
	tx := begin(t, db)
	exec(t, tx, "LOCK TABLE item IN ACCESS EXCLUSIVE MODE")
	follow(t, s, m).broken("lock timeout", "what holds it shows in pg_locks")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A snapshot may take longer than other statements.
	o := options(as(db.DSN, "hasty"))
	o.Table, o.Query = "", "SELECT 1 AS id, 'slow' || pg_sleep(0.5) AS name"
	if got := load(t, open(t, o)).names(); len(got) != 1 || got[0] != "1=slow" {
		t.Errorf("a slow query gives %q", got)
	}
	o.Query, o.ChangesTable = "SELECT id, name || pg_sleep(0.5) AS name FROM item", "item"
	s = open(t, o)
	m = load(t, s)
	f := follow(t, s, m)
	f.beat(1)
	db.Exec("UPDATE item SET name = 'x'")
	f.broken("statement timeout", "ALTER ROLE")
}

// TestSecrets wants no password in any error.
func TestSecrets(t *testing.T) {
	for _, dsn := range []string{
		"host=/nowhere user=u password=s3cret dbname=d",
		"postgres://u:s3cret@127.0.0.1:1/d",
		"postgres://u:s3cret@host:x/d",
		"postgres://u:s3cr%et@host/d",
		"host=h password=s3cret port=s3cret",
		"s3cret",
		"host=127.0.0.1 user=u password=s3cret dbname=d sslmode=verify-full sslrootcert=/nowhere port=1",
	} {
		s := open(t, options(dsn))
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, err := s.Snapshot(ctx)
		cancel()
		if err == nil || strings.Contains(err.Error(), "s3cr") {
			t.Errorf("%s: error %v", dsn, err)
		}
	}
}

// TestWrongPassword asks a server that wants the right one, and encryption of one
// that has none.
func TestWrongPassword(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "pg_hba.conf")
	if err := os.WriteFile(rules, []byte("local all postgres trust\nlocal all u scram-sha-256\nhost all u 127.0.0.1/32 scram-sha-256\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	port := pgtest.FreePort(t)
	server := pgtest.Start(t, pgtest.Settings(map[string]string{"hba_file": rules}), pgtest.Port(port))
	db := server.Database(t)
	db.Exec(itemTable)
	server.Exec("CREATE ROLE u LOGIN PASSWORD 'right'; GRANT CONNECT ON DATABASE " + db.Name + " TO u")
	db.Exec("GRANT SELECT ON item TO u")
	tcp := fmt.Sprintf("host=127.0.0.1 port=%d user=u dbname=%s", port, db.Name)
	for dsn, want := range map[string]string{
		as(db.DSN, "u") + "&password=s3cret":                        "the user or the password is wrong; correct the connection string",
		tcp + " password=s3cret":                                    fmt.Sprintf("database %s on 127.0.0.1:%d as u", db.Name, port),
		tcp + " password=right sslmode=require":                     "TLS",
		strings.Replace(tcp, "user=u", "user=x password=s3cret", 1): "pg_hba.conf",
	} {
		_, err := open(t, options(dsn)).Snapshot(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("with %s the error is %v, want %q and no password", dsn, err, want)
		}
	}
	// A file is read again at each connect.
	file := filepath.Join(t.TempDir(), "dsn")
	o := options("")
	o.DSNEnv, o.DSNFile = "", file
	s := open(t, o)
	for _, password := range []string{"wrong", "right"} {
		if err := os.WriteFile(file, []byte(tcp+" password="+password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		snapshot, err := s.Snapshot(t.Context())
		if (err == nil) != (password == "right") {
			t.Errorf("with the %s password in the file: %v", password, err)
		}
		if err == nil {
			snapshot.Close()
		}
	}
}
