// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/libs/pgtest"
)

// vocabulary is what writers write with.
var vocabulary = strings.Fields("ash beech birch cedar elm fir hazel larch maple oak pine poplar rowan spruce willow yew")

// write starts writers; the result stops them and waits.
func (w *world) write(writers int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	for range writers {
		random := rand.New(rand.NewPCG(w.random.Uint64(), 1))
		work.Go(func() {
			for ctx.Err() == nil {
				// The server goes away now and then; what counts is what it has in the end.
				w.session(ctx, random)
			}
		})
	}
	return func() {
		cancel()
		work.Wait()
	}
}

// writer is how writers' sessions are called.
const writer = "writer"

// session writes until the connection is lost.
func (w *world) session(ctx context.Context, random *rand.Rand) {
	limit, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(limit, w.dsn()+"&application_name="+writer)
	if err != nil {
		return
	}
	defer conn.Close(context.WithoutCancel(limit))
	for ctx.Err() == nil {
		if err := transaction(limit, conn, random); err != nil {
			return
		}
	}
}

// errRefused ends a transaction that is to change nothing.
var errRefused = errors.New("rolled back")

// transaction makes some changes at once, or none; sometimes it takes its time.
func transaction(ctx context.Context, conn *pgx.Conn, random *rand.Rand) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for range 1 + random.IntN(6) {
			sql := statement(random)
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		switch random.IntN(12) {
		case 0:
			return errRefused
		case 1, 2:
			_, err := tx.Exec(ctx, fmt.Sprintf("SELECT pg_sleep(%f)", random.Float64()/5))
			return err
		}
		return nil
	})
	// Writers are in each other's way: a key is there already, or two wait for one
	// another. That is the database's business.
	if conn.IsClosed() {
		return err
	}
	return ctx.Err()
}

// statement changes one row, or a few.
func statement(random *rand.Rand) string {
	id := func() string { return fmt.Sprintf("'r%d'", random.IntN(300)) }
	body := func() string {
		if random.IntN(20) == 0 {
			return "NULL"
		}
		var all []string
		for range random.IntN(8) {
			all = append(all, vocabulary[random.IntN(len(vocabulary))])
		}
		return "'" + strings.Join(all, " ") + "'"
	}
	switch random.IntN(12) {
	case 0, 1, 2:
		return fmt.Sprintf("INSERT INTO item VALUES (%s, %s, 't%d', %d) ON CONFLICT (id) DO NOTHING", id(), body(), random.IntN(9), random.IntN(1000))
	case 3:
		return fmt.Sprintf("INSERT INTO item VALUES (%s, %s, NULL, NULL) ON CONFLICT (id) DO UPDATE SET body = excluded.body, size = NULL", id(), body())
	case 4, 5, 6:
		return fmt.Sprintf("UPDATE item SET body = %s WHERE id = %s", body(), id())
	case 7:
		return fmt.Sprintf("UPDATE item SET size = size + 1, tag = 't%d' WHERE id IN (%s, %s, %s)", random.IntN(9), id(), id(), id())
	case 8:
		return fmt.Sprintf("UPDATE item SET id = %s WHERE id = %s AND NOT EXISTS (SELECT FROM item WHERE id = %[1]s)", id(), id())
	case 9:
		return fmt.Sprintf("DELETE FROM item WHERE id IN (%s, %s)", id(), id())
	case 10:
		return fmt.Sprintf("DELETE FROM item WHERE size::int %% 7 = %d AND id > %s", random.IntN(7), id())
	}
	return fmt.Sprintf("DELETE FROM item WHERE id = %s", id())
}

// dsn is the database's address, which failing over changes.
func (w *world) dsn() string {
	w.serverMu.Lock()
	defer w.serverMu.Unlock()
	return w.server.DSN(w.name)
}

// fault breaks something, after a while.
func (w *world) fault() {
	w.pause(10, 120)
	faults := []struct {
		name   string
		weight int
		do     func()
	}{
		{"kill", 8, func() { w.lupa.end(syscall.SIGKILL); w.lupa.start() }},
		{"stop", 2, func() { w.lupa.end(syscall.SIGTERM); w.lupa.start() }},
		{"freeze", 4, w.freeze},
		{"cut", 10, w.proxy.cut},
		{"pause", 6, func() { w.proxy.pause(true); w.pause(20, 300); w.proxy.pause(false) }},
		{"lose notifications", 6, func() { w.proxy.lose(true) }},
		{"hear notifications", 6, func() { w.proxy.lose(false) }},
		{"terminate backends", 6, w.terminate},
		{"truncate", 1, func() { _, _ = w.query("TRUNCATE item") }}, //nolint:errcheck // writers may be in the way
		{"add a column", 1, w.addColumn},
		{"restart", 2, func() { w.server.Restart(pgtest.Fast) }},
		{"crash", 2, func() { w.server.Restart(pgtest.Immediate) }},
		{"fail over", 1, w.failOver},
	}
	total := 0
	for _, f := range faults {
		total += f.weight
	}
	at := w.random.IntN(total)
	for _, f := range faults {
		if at -= f.weight; at < 0 {
			w.faults[f.name]++
			f.do()
			return
		}
	}
}

// pause lets some milliseconds pass, in which the others work.
func (w *world) pause(least, most int) {
	<-time.After(time.Duration(least+w.random.IntN(most-least)) * time.Millisecond)
}

// freeze stops lupa's process for a moment.
func (w *world) freeze() {
	signal := func(s syscall.Signal) {
		if err := w.lupa.command.Process.Signal(s); err != nil {
			w.t.Errorf("lupa ended by itself: %v", err)
		}
	}
	signal(syscall.SIGSTOP)
	w.pause(20, 300)
	signal(syscall.SIGCONT)
}

// terminate ends the sessions that lupa has on the server.
func (w *world) terminate() {
	_, err := w.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lupa%' AND pid <> pg_backend_pid()")
	if err != nil {
		w.t.Error(err)
	}
}

func (w *world) addColumn() {
	w.columns++
	_, _ = w.query(fmt.Sprintf("ALTER TABLE item ADD COLUMN other%d text", w.columns)) //nolint:errcheck // it may time out behind writers
}

// failOver makes a standby, promotes it, and leaves the old server behind.
func (w *world) failOver() {
	standby := w.server.Standby(w.t)
	old := w.server
	old.Stop(pgtest.Immediate)
	standby.Promote()
	w.serverMu.Lock()
	w.server = standby
	w.serverMu.Unlock()
	w.proxy.turn(w.socket())
	if w.mode == "logical" { // slots stay behind
		w.install()
	}
}

// install makes what the mode needs in the database.
func (w *world) install() {
	if w.mode == "poll" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, w.lupa.program, "changefeed", "install", "-config="+w.lupa.config)
	command.Env = w.lupa.env
	if out, err := command.CombinedOutput(); err != nil {
		w.t.Fatalf("install: %v\n%s", err, out)
	}
}
