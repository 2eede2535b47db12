// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/field"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// contents is a table like Debian's list of contents: a path and the packages that
// have it.
const contents = `CREATE TABLE item (id bigint PRIMARY KEY, path text, package text);
	INSERT INTO item SELECT n, 'usr/share/doc/package-' || n % 50000 || '/examples/file-' || md5(n::text) || '.html', 'section/package-' || n % 50000
	FROM generate_series(1, 1600000) n; ANALYZE item`

func benchOptions(dsn string) pgsource.Options {
	o := options(dsn)
	o.Columns = []field.Column{column("path", catalog.Text), column("package", catalog.String)}
	return o
}

// peak is the most memory that the process had resident, in MiB.
func peak(b *testing.B) float64 {
	b.Helper()
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	var kib float64
	for line := range strings.Lines(string(data)) {
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			break
		}
	}
	return kib / 1024
}

// BenchmarkSnapshot reads 1.6 million small rows, and hands them to nobody.
func BenchmarkSnapshot(b *testing.B) {
	db := pgtest.Start(b).Database(b)
	db.Exec(contents)
	s, err := pgsource.New(benchOptions(db.DSN))
	if err != nil {
		b.Fatal(err)
	}
	before := peak(b)
	rows := 0
	for b.Loop() {
		snapshot, err := s.Snapshot(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if err := snapshot.Documents(b.Context(), func(catalog.Document) error { rows++; return nil }); err != nil {
			b.Fatal(err)
		}
		snapshot.Close()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(before, "MiB-before")
	b.ReportMetric(peak(b), "MiB-peak")
}

// A tail follows the changefeed of table item, and calls each for each change.
type tail struct {
	stop context.CancelFunc
	done chan error
}

func startTail(b *testing.B, db *pgtest.Database, each func(catalog.Change)) *tail {
	b.Helper()
	db.Exec(contents)
	s, err := pgsource.New(benchOptions(db.DSN))
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Install(b.Context(), pgsource.Installation{}); err != nil {
		b.Fatal(err)
	}
	snapshot, err := s.Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	snapshot.Close()
	ctx, cancel := context.WithCancel(b.Context())
	t := &tail{cancel, make(chan error, 1)}
	go func() {
		t.done <- s.Follow(ctx, snapshot.Position(), nil, func(batch catalog.Batch) error {
			for _, c := range batch.Changes {
				each(c)
			}
			return nil
		})
	}()
	return t
}

func (t *tail) end() {
	t.stop()
	<-t.done
}

// BenchmarkLatency commits 100 changes a second, and measures from before each
// until it is handed over.
func BenchmarkLatency(b *testing.B) {
	db := pgtest.Start(b).Database(b)
	var mu sync.Mutex
	begun := make(map[string]time.Time)
	var took []time.Duration
	all := make(chan struct{}, 1)
	const changes = 2000
	t := startTail(b, db, func(c catalog.Change) {
		mu.Lock()
		defer mu.Unlock()
		took = append(took, time.Since(begun[c.ID]))
		if len(took)%changes == 0 {
			all <- struct{}{}
		}
	})
	conn := db.Connect()
	for b.Loop() {
		tick := time.NewTicker(10 * time.Millisecond)
		for n := range changes {
			<-tick.C
			mu.Lock()
			begun[fmt.Sprint(n+1)] = time.Now()
			mu.Unlock()
			if _, err := conn.Exec(b.Context(), "UPDATE item SET path = $1 WHERE id = $2", fmt.Sprint("change ", n), n+1); err != nil {
				b.Fatal(err)
			}
		}
		tick.Stop()
		<-all
	}
	t.end()
	slices.Sort(took)
	for _, p := range []int{50, 99, 100} {
		at := min(len(took)*p/100, len(took)-1)
		b.ReportMetric(float64(took[at].Microseconds())/1000, fmt.Sprintf("ms-p%d", p))
	}
}

// BenchmarkDrain has four clients change rows one by one as fast as they can, and
// then one that changes many at once.
func BenchmarkDrain(b *testing.B) {
	for name, statement := range map[string]func(b *testing.B, db *pgtest.Database, changes int){"singles": singles, "bulk": bulk} {
		b.Run(name, func(b *testing.B) {
			db := pgtest.Start(b).Database(b)
			const changes = 100_000
			all := make(chan struct{}, 1)
			seen := make(map[string]bool)
			t := startTail(b, db, func(c catalog.Change) {
				if seen[c.ID] = true; len(seen) == changes {
					clear(seen)
					all <- struct{}{}
				}
			})
			n := 0
			for b.Loop() {
				statement(b, db, changes)
				<-all
				n += changes
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "changes/s")
			t.end()
		})
	}
}

func bulk(b *testing.B, db *pgtest.Database, changes int) {
	b.Helper()
	db.Exec(fmt.Sprintf("UPDATE item SET package = 'p' WHERE id <= %d", changes))
}

func singles(b *testing.B, db *pgtest.Database, changes int) {
	b.Helper()
	const clients = 4
	var work sync.WaitGroup
	for client := range clients {
		conn := db.Connect()
		work.Go(func() {
			for n := client; n < changes; n += clients {
				if _, err := conn.Exec(context.Background(), "UPDATE item SET package = 'p' WHERE id = $1", n+1); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
}
