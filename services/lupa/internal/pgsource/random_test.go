// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// TestRandomTransactions has several clients write at random while a copy follows
// and is cut off at random; whenever they rest, the copy must be the table.
func TestRandomTransactions(t *testing.T) {
	const clients, rounds, transactions = 4, 8, 60
	server := pgtest.Start(t, pgtest.WAL("logical"), pgtest.Settings(map[string]string{"deadlock_timeout": "5ms"}))
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			db := server.Database(t)
			var s *pgsource.Source
			if seed%2 == 0 {
				s = watched(t, db)
			} else {
				s = published(t, db, itemTable)
				t.Cleanup(func() {
					db.Exec("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()")
				})
			}
			m := load(t, s)
			var conns []*pgx.Conn
			for range clients {
				conns = append(conns, db.Connect())
			}
			for round := range rounds {
				ctx, stop := context.WithCancel(t.Context())
				following := make(chan error, 1)
				go func() { following <- followCutOff(ctx, s, m, rand.New(rand.NewPCG(seed, uint64(round)))) }()
				var work sync.WaitGroup
				for client, conn := range conns {
					random := rand.New(rand.NewPCG(seed, uint64(round*clients+client+1000)))
					work.Go(func() {
						for range transactions {
							if err := tryTransaction(t.Context(), conn, randomTransaction(random)); err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
				work.Wait()
				stop()
				if err := <-following; err != nil {
					t.Fatal(err)
				}
				var want []string
				rows, err := conns[0].Query(t.Context(), `SELECT id || '=' || coalesce(name, '') FROM item ORDER BY (id || '=' || coalesce(name, '')) COLLATE "C"`)
				if err == nil {
					want, err = pgx.CollectRows(rows, pgx.RowTo[string])
				}
				if err != nil {
					t.Fatal(err)
				}
				// All has been committed: the first batches that come must bring all of it.
				catchUp(t, s, m)
				if diff := cmp.Diff(want, m.names()); diff != "" {
					t.Fatalf("round %d: the copy differs (-table +copy):\n%s", round, diff)
				}
			}
		})
	}
}

var errCut = errors.New("cut off")

// followCutOff follows until ctx ends, and is cut off before or after some batches:
// then nothing or all of them is kept.
func followCutOff(ctx context.Context, s *pgsource.Source, m *mirror, random *rand.Rand) error {
	for {
		left := random.IntN(20)
		err := s.Follow(ctx, m.position, m, func(b catalog.Batch) error {
			if left--; left < 0 {
				return errCut
			}
			if err := m.apply(b); err != nil {
				return err
			}
			if left == 0 {
				return errCut
			}
			return nil
		})
		switch {
		case ctx.Err() != nil:
			return nil
		case !errors.Is(err, errCut):
			return err
		}
	}
}

// catchUp follows until all that is committed has come.
func catchUp(t *testing.T, s *pgsource.Source, m *mirror) {
	t.Helper()
	err := s.Follow(t.Context(), m.position, m, func(b catalog.Batch) error {
		if err := m.apply(b); err != nil {
			return err
		}
		if b.Behind == 0 {
			return errCut
		}
		return nil
	})
	if !errors.Is(err, errCut) {
		t.Fatal(err)
	}
}

// randomTransaction gives statements on few rows, so that clients meet.
func randomTransaction(random *rand.Rand) string {
	statements := []string{"BEGIN"}
	for range 1 + random.IntN(4) {
		id, other, value := random.IntN(40), random.IntN(40), random.IntN(1000)
		statements = append(statements, []string{
			fmt.Sprintf("INSERT INTO item VALUES (%d, 'v%d') ON CONFLICT (id) DO UPDATE SET name = excluded.name", id, value),
			fmt.Sprintf("UPDATE item SET name = 'v%d' WHERE id BETWEEN %d AND %d", value, min(id, other), max(id, other)),
			fmt.Sprintf("DELETE FROM item WHERE id = %d", id),
			fmt.Sprintf("UPDATE item SET id = %d WHERE id = %d AND NOT EXISTS (SELECT FROM item WHERE id = %d)", other, id, other),
			fmt.Sprintf("SAVEPOINT s; DELETE FROM item WHERE id < %d; ROLLBACK TO s", id),
			fmt.Sprintf("SAVEPOINT s; UPDATE item SET name = 'sub%d' WHERE id = %d; RELEASE s", value, id),
			"SELECT pg_sleep(0.002)",
		}[random.IntN(7)])
	}
	end := "COMMIT"
	if random.IntN(5) == 0 {
		end = "ROLLBACK"
	}
	return strings.Join(append(statements, end), "; ")
}

// tryTransaction runs a transaction. One that meets another may fail.
func tryTransaction(ctx context.Context, conn *pgx.Conn, sql string) error {
	_, err := conn.Exec(ctx, sql)
	if err == nil {
		return nil
	}
	if !strings.Contains(err.Error(), "40P01") && !strings.Contains(err.Error(), "23505") {
		return err
	}
	_, err = conn.Exec(ctx, "ROLLBACK")
	return err
}
