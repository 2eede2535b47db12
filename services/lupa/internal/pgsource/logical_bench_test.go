// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// publishedItems makes a source over table item, and a position behind it.
func publishedItems(b *testing.B, fill string) (*pgtest.Database, *pgsource.Source, string) {
	b.Helper()
	db := pgtest.Start(b, pgtest.WAL("logical")).Database(b)
	db.Exec(itemTable + "; " + fill)
	s, err := pgsource.New(logicalOptions(db.DSN))
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
	defer snapshot.Close()
	return db, s, snapshot.Position()
}

// BenchmarkLogicalLatency commits 100 changes a second, and measures from each
// commit to the batch that has it.
func BenchmarkLogicalLatency(b *testing.B) {
	db, s, position := publishedItems(b, "")
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	seen := make(chan string, 1000)
	ended := make(chan error, 1)
	go func() {
		ended <- s.Follow(ctx, position, nil, func(batch catalog.Batch) error {
			for _, c := range batch.Changes {
				seen <- c.Document.Values[0].Texts[0]
			}
			return nil
		})
	}()
	conn := db.Connect()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	committed := make(map[string]time.Time)
	var took []time.Duration
	b.ResetTimer()
	for n := 0; len(took) < b.N; {
		select {
		case <-ticker.C:
			if n == b.N {
				continue
			}
			n++
			name := fmt.Sprint("name ", n)
			if _, err := conn.Exec(ctx, "INSERT INTO item VALUES ($1, $2)", n, name); err != nil {
				b.Fatal(err)
			}
			committed[name] = time.Now()
		case name := <-seen:
			took = append(took, time.Since(committed[name]))
		case err := <-ended:
			b.Fatal(err)
		}
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkLogicalDrain reads what waits in a slot: one large transaction, or as
// many as there are changes.
func BenchmarkLogicalDrain(b *testing.B) {
	const rows = 200_000
	for _, c := range []struct{ name, change string }{
		{"one transaction", fmt.Sprintf("INSERT INTO item SELECT n, repeat('x', 100), repeat('y', 200) FROM generate_series(1, %d) n", rows)},
		{"many transactions", fmt.Sprintf("CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN FOR n IN 1..%d LOOP INSERT INTO item VALUES (n, repeat('x', 100), repeat('y', 200)); COMMIT; END LOOP; END $$", rows)},
	} {
		b.Run(c.name, func(b *testing.B) {
			most := uint64(0)
			for range b.N {
				b.StopTimer() // what was confirmed is gone: each round has a slot of its own
				db, s, position := publishedItems(b, "")
				db.Exec("ALTER SYSTEM SET synchronous_commit = off")
				db.Exec("SELECT pg_reload_conf()")
				db.Exec(c.change)
				if c.name == "many transactions" {
					db.Exec("CALL fill()")
				}
				b.StartTimer()
				most = max(most, followed(b, s, position, rows))
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "changes/s")
			b.ReportMetric(float64(most)/(1<<20), "heap-MB")
		})
	}
}

// followed follows until so many changes have come, and gives the most bytes of heap
// in use meanwhile.
func followed(b *testing.B, s *pgsource.Source, position string, rows int) (most uint64) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var memory runtime.MemStats
	got := 0
	err := s.Follow(ctx, position, nil, func(batch catalog.Batch) error {
		if got += len(batch.Changes); got >= rows {
			cancel()
			return context.Canceled // the slot stays where it is
		}
		runtime.ReadMemStats(&memory)
		most = max(most, memory.HeapInuse)
		return nil
	})
	if got < rows {
		b.Fatal(err)
	}
	return most
}
