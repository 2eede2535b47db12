// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// TestReplicas has five instances on one table, and bounds what they cost the
// database while nothing changes.
func TestReplicas(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	s := watched(t, db)
	o := options(db.DSN)
	o.Interval = pgsource.DefaultInterval
	var all []*following
	for n := range 5 {
		o.Replica = fmt.Sprint("replica-", n)
		replica := open(t, o)
		all = append(all, follow(t, replica, load(t, replica)))
	}
	db.Exec("INSERT INTO item SELECT n, 'x' FROM generate_series(1, 3) n")
	for _, f := range all {
		f.until("1=x", "2=x", "3=x")
	}
	conn := db.Connect()
	count := func() (transactions, connections int) {
		t.Helper()
		// Each backend tells its numbers when it is idle, at most every second.
		if err := conn.QueryRow(t.Context(), `SELECT xact_commit + xact_rollback, (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lupa items')
			FROM pg_stat_database WHERE datname = current_database()`).Scan(&transactions, &connections); err != nil {
			t.Fatal(err)
		}
		return transactions, connections
	}
	beats := func(n int) {
		t.Helper()
		for range n {
			for _, f := range all {
				f.beat(1)
			}
		}
	}
	beats(2) // what went before is told by then
	before, _ := count()
	began := time.Now()
	beats(3)
	after, connections := count()
	seconds := time.Since(began).Seconds()
	each := float64(after-before) / seconds / 5
	t.Logf("idle: %.2f transactions a second and %d connections for five replicas", each*5, connections)
	if connections != 5 || each > 2 {
		t.Errorf("%d connections and %.1f transactions a second for each, want 5 and about one in two seconds", connections, each)
	}
	status, err := s.FeedStatus(t.Context())
	if err != nil || len(status.Replicas) != 5 {
		t.Errorf("status has %d replicas, %v", len(status.Replicas), err)
	}
	for _, f := range all {
		f.end()
	}
}
