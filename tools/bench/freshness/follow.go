// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package freshness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lupasearch/lupa/tools/bench/report"
	"github.com/lupasearch/lupa/tools/bench/timing"
)

// follow measures how soon changes can be found.
func (b *bench) follow(ctx context.Context, r *report.Report) (err error) {
	l, err := b.lupa(ctx, "follow")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	if err := b.latency(ctx, r, l); err != nil {
		return err
	}
	return b.sustained(ctx, r, l)
}

// word is in one row only. Its letters are in no word of the list.
func word(kind string, n int) string { return fmt.Sprintf("zq%sx%dzq", kind, n) }

// latency changes one row after the other.
func (b *bench) latency(ctx context.Context, r *report.Report, l *lupa) error {
	var mu sync.Mutex
	var samples timing.Samples
	var errs []error
	var waiting sync.WaitGroup
	ticker := time.NewTicker(time.Second / time.Duration(b.o.rate))
	defer ticker.Stop()
	for n := range int(b.o.length.Seconds() * float64(b.o.rate)) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		w := word("l", n)
		if err := b.exec(ctx, "UPDATE contents SET path = path || ' ' || $1 WHERE id = $2", w, 1+(n*7919)%b.rows); err != nil {
			return err
		}
		committed := time.Now()
		waiting.Go(func() {
			err := l.await(ctx, w)
			took := time.Since(committed)
			mu.Lock()
			defer mu.Unlock()
			samples.Add(took)
			errs = append(errs, err)
		})
	}
	waiting.Wait()
	r.Tables = append(r.Tables, report.Table{
		Title:   fmt.Sprintf("from commit to being found, at %d changes a second", b.o.rate),
		Columns: append([]report.Column{{Name: "changes"}}, timing.Columns()...),
		Rows:    [][]any{row("updates of one row", &samples)},
	})
	return errors.Join(errs...)
}

// askEvery is how often a change is looked for.
const askEvery = time.Millisecond

// findTime is when the search for a change is given up.
const findTime = 10 * time.Minute

// await asks until a word can be found.
func (l *lupa) await(ctx context.Context, word string) error {
	ctx, cancel := context.WithTimeout(ctx, findTime)
	defer cancel()
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for {
		found, err := l.finds(ctx, word)
		if err != nil || found {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%s is not found: %w", word, ctx.Err())
		}
	}
}

// transactionRows is how many rows a transaction of the burst changes.
const transactionRows = 100

// sustained changes many rows for a while.
func (b *bench) sustained(ctx context.Context, r *report.Report, l *lupa) error {
	table := report.Table{Title: "many changes", Columns: []report.Column{
		{Name: "asked for", Unit: "a second"},
		{Name: "changes"},
		{Name: "committed", Unit: "a second", Digits: 0},
		{Name: "found after the last commit", Unit: "s", Digits: 3},
		{Name: "memory at most", Unit: "MB", Digits: 0},
	}}
	for n, rate := range []int{b.o.burst, 0} {
		changes, took, err := b.burst(ctx, rate, n)
		if err != nil {
			return err
		}
		last := time.Now()
		if err := b.exec(ctx, "UPDATE contents SET path = path || ' ' || $1 WHERE id = 1", word("s", n)); err != nil {
			return err
		}
		if err := l.await(ctx, word("s", n)); err != nil {
			return err
		}
		drained := time.Since(last).Seconds()
		memory, err := l.memory()
		if err != nil {
			return err
		}
		var asked any = rate
		if rate == 0 {
			asked = "all there are"
		}
		table.Add(asked, changes, float64(changes)/took.Seconds(), drained, memory)
	}
	r.Tables = append(r.Tables, table)
	return nil
}

// burst changes rows at a rate, or as fast as the server can where that is 0.
func (b *bench) burst(ctx context.Context, rate, n int) (changes int, took time.Duration, err error) {
	started := time.Now()
	for took < b.o.length {
		first := 1 + (changes*31)%(b.rows-transactionRows)
		_, err := b.conn.Exec(ctx, "UPDATE contents SET package = $1 WHERE id >= $2 AND id < $3",
			fmt.Sprintf("burst/%d-%d", n, changes), first, first+transactionRows)
		if err != nil {
			return 0, 0, err
		}
		changes += transactionRows
		if rate > 0 {
			due := started.Add(time.Duration(float64(changes) / float64(rate) * float64(time.Second)))
			timer := time.NewTimer(time.Until(due))
			select {
			case <-timer.C:
			case <-ctx.Done():
				return 0, 0, ctx.Err()
			}
		}
		took = time.Since(started)
	}
	return changes, took, nil
}

// idle looks what instances cost that have nothing to do.
func (b *bench) idle(ctx context.Context, r *report.Report) (err error) {
	for n := range b.o.replicas {
		l, err := b.lupa(ctx, fmt.Sprint("replica", n))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, l.close()) }()
	}
	const sql = "SELECT xact_commit + xact_rollback, tup_returned + tup_fetched FROM pg_stat_database WHERE datname = current_database()"
	var before, after [2]int64
	read := func(into *[2]int64) error {
		if err := b.exec(ctx, "SELECT pg_stat_force_next_flush()"); err != nil {
			return err
		}
		return b.conn.QueryRow(ctx, sql).Scan(&into[0], &into[1])
	}
	if err := read(&before); err != nil {
		return err
	}
	timer := time.NewTimer(b.o.length)
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := read(&after); err != nil {
		return err
	}
	var sessions int
	err = b.conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('client backend', 'walsender') AND pid <> pg_backend_pid()").Scan(&sessions)
	if err != nil {
		return err
	}
	seconds := b.o.length.Seconds()
	table := report.Table{Title: fmt.Sprintf("%d instances while nothing changes", b.o.replicas), Columns: []report.Column{
		{Name: "sessions"}, {Name: "transactions", Unit: "a second", Digits: 2}, {Name: "rows read", Unit: "a second", Digits: 1},
	}}
	table.Add(sessions, float64(after[0]-before[0])/seconds, float64(after[1]-before[1])/seconds)
	r.Tables = append(r.Tables, table)
	return nil
}
