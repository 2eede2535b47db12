// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package model compares lupa with the database it copies, while writers change
// that and everything breaks: lupa is killed, connections are cut, notifications
// are lost, PostgreSQL is restarted and fails over. Whenever all is quiet, the
// index must be equal to the table.
//
// What happens follows from a seed, but for what the machine's timing adds:
// MODEL_SEED sets it, and MODEL_TIME how long each mode is tried.
package model

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/libs/pgtest"
)

// patience bounds every wait.
const patience = time.Minute

// A world is a database, its writers, and lupa.
type world struct {
	t      *testing.T
	random *rand.Rand
	mode   string
	name   string // of the database

	serverMu sync.Mutex
	server   *pgtest.Server

	proxy  *proxy
	lupa   *lupa
	faults map[string]int
	quiets int
	rows   int // compared in the end

	columns int // that were added
}

func TestModel(t *testing.T) {
	for i, mode := range []string{"changefeed", "poll", "logical"} {
		t.Run(mode, func(t *testing.T) {
			seed := setting(t, "MODEL_SEED", uint64(time.Now().UnixNano()), func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) })
			length := setting(t, "MODEL_TIME", 10*time.Second, time.ParseDuration)
			t.Logf("MODEL_SEED=%d", seed)
			w := newWorld(t, mode, rand.New(rand.NewPCG(seed, uint64(i))))
			w.run(length)
			t.Logf("%s: %d faults %v, compared %d times, %d rows in all, 0 differences", mode, sum(w.faults), w.faults, w.quiets, w.rows)
		})
	}
}

func sum(counts map[string]int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}

func setting[T any](t *testing.T, name string, otherwise T, parse func(string) (T, error)) T {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	value, err := parse(text)
	if err != nil {
		t.Fatalf("%s=%s: %v", name, text, err)
	}
	return value
}

const configuration = `cache: cache
log: {format: json}
collections:
  - name: items
    source:
      postgres:
        dsn_env: DSN
        table: item
        key: [id]
        replica: model
        changes: {mode: %s}
    fields:
      - name: body
      - {name: tag, type: string}
      - {name: size, type: number}
`

// modes are the ways in which changes are noticed, and what the configuration has
// for them.
var modes = map[string]string{"changefeed": "changefeed", "logical": "logical", "poll": "poll, compare: 1s"}

func newWorld(t *testing.T, mode string, random *rand.Rand) *world {
	t.Helper()
	folder, err := os.MkdirTemp("", "model") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	server := pgtest.Start(t, pgtest.WAL("logical"), pgtest.Settings(map[string]string{"log_min_messages": "fatal", "log_min_error_statement": "panic"}))
	db := server.Database(t)
	db.Exec("CREATE TABLE item (id text PRIMARY KEY, body text, tag text, size double precision)")
	w := &world{t: t, random: random, mode: mode, server: server, name: db.Name, faults: make(map[string]int)}
	w.proxy = newProxy(t, folder, w.socket())
	config := filepath.Join(folder, "lupa.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, configuration, modes[mode]), 0o600); err != nil {
		t.Fatal(err)
	}
	w.lupa = &lupa{t: t, program: program(t), config: config, env: append(os.Environ(), "DSN="+w.proxied())}
	w.install()
	w.lupa.start()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("lupa's log ends with\n%s", w.lupa.log())
		}
		w.lupa.end(syscall.SIGKILL)
	})
	return w
}

// parsed is the address of the database as it is now.
func (w *world) parsed() *pgx.ConnConfig {
	c, err := pgx.ParseConfig(w.server.DSN(w.name))
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) socket() string {
	return filepath.Join(w.parsed().Host, fmt.Sprintf(".s.PGSQL.%d", w.parsed().Port))
}

// proxied is the address that lupa is given.
func (w *world) proxied() string {
	return fmt.Sprintf("host=%s user=%s dbname=%s", w.proxy.folder, w.parsed().User, w.name)
}

// query runs SQL on a connection of its own, and gives rows as texts.
func (w *world) query(sql string, args ...any) ([][]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, w.server.DSN(w.name))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql, append([]any{pgx.QueryExecModeSimpleProtocol}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]string, error) {
		var texts []string
		for _, raw := range row.RawValues() {
			texts = append(texts, string(raw))
		}
		return texts, nil
	})
}

func (w *world) exec(sql string) {
	w.t.Helper()
	if _, err := w.query(sql); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// run lets writers and faults loose, again and again, and compares when they rest.
func (w *world) run(length time.Duration) {
	until := time.Now().Add(length)
	for time.Now().Before(until) && !w.t.Failed() {
		stop := w.write(3 + w.random.IntN(4))
		for range 3 + w.random.IntN(6) {
			w.fault()
		}
		w.proxy.lose(false)
		stop()
		w.compare()
	}
}

// compare waits until lupa has what was written last, and compares everything.
func (w *world) compare() {
	w.t.Helper()
	w.quiets++
	// A transaction that was being committed when its writer stopped may still be.
	if !w.eventually(func() bool {
		left, err := w.query("SELECT pid FROM pg_stat_activity WHERE application_name = '" + writer + "'")
		return err == nil && len(left) == 0
	}) {
		w.t.Fatal("writers do not end")
	}
	marker := fmt.Sprint("marker", w.quiets)
	w.exec("INSERT INTO item VALUES ('" + marker + "', 'marker', 'marker', 0)")
	if !w.await(marker) {
		w.t.Fatalf("%s does not come; lupa's log ends with\n%s", marker, w.lupa.log())
	}
	w.exec("DELETE FROM item WHERE id = '" + marker + "'")
	if !w.awaitGone(marker) {
		w.t.Fatalf("%s does not go", marker)
	}
	rows, err := w.query("SELECT id, coalesce(nullif(body, ''), '<null>'), coalesce(tag, '<null>'), coalesce(size::text, '<null>') FROM item")
	if err != nil {
		w.t.Fatal(err)
	}
	got, err := w.lupa.all("")
	if err != nil {
		w.t.Fatal(err)
	}
	want := make(map[string]map[string]any)
	byWord := make(map[string]map[string]map[string]any)
	for _, row := range rows {
		fields := make(map[string]any)
		if row[1] != "<null>" {
			fields["body"] = row[1]
		}
		if row[2] != "<null>" {
			fields["tag"] = row[2]
		}
		if row[3] != "<null>" {
			size, err := strconv.ParseFloat(row[3], 64)
			if err != nil {
				w.t.Fatal(err)
			}
			fields["size"] = size
		}
		want[row[0]] = fields
		for _, word := range words(row[1]) {
			if byWord[word] == nil {
				byWord[word] = make(map[string]map[string]any)
			}
			byWord[word][row[0]] = fields
		}
	}
	w.rows += len(rows)
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Fatalf("the index is not the table (-table +index):\n%s", diff)
	}
	for _, word := range vocabulary {
		found, err := w.lupa.all("&match=all&q=" + word)
		if err != nil {
			w.t.Fatal(err)
		}
		if diff := cmp.Diff(byWord[word], found); diff != "" && len(byWord[word])+len(found) > 0 {
			w.t.Fatalf("who has %q differs (-table +index):\n%s", word, diff)
		}
	}
}

// await waits until a document is there.
func (w *world) await(id string) bool {
	return w.eventually(func() bool {
		var d any
		return w.lupa.get("/v1/collections/items/documents/"+id, &d) == 200
	})
}

func (w *world) awaitGone(id string) bool {
	return w.eventually(func() bool {
		var d any
		return w.lupa.get("/v1/collections/items/documents/"+id, &d) == 404
	})
}

// eventually asks again and again.
func (w *world) eventually(is func() bool) bool {
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			return false
		}
	}
	return true
}
