// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/replication"
)

const (
	// slowAfter is when a wait for other transactions is told.
	slowAfter = 10 * time.Second
	// leastPause and longestPause bound the time between two looks whether a
	// transaction can be seen.
	leastPause, longestPause = time.Millisecond, 50 * time.Millisecond
	// answerTime is how long the server has for an answer before a sign of life is
	// given without it.
	answerTime = 500 * time.Millisecond
	// silentTime is how long the server may send nothing. It does so while it decodes a
	// large transaction of other tables.
	silentTime = 2 * time.Minute
	// moveBytes of log that were read move the position on before moveEvery.
	moveBytes = 16 << 20
)

// A logicalPosition is how far a replication slot was read: all transactions whose
// commit is before LSN, and of the one that is committed at Tx the first Seen changes
// besides.
type logicalPosition struct {
	Slot string `json:"slot"`
	LSN  string `json:"lsn"`
	Tx   string `json:"tx,omitempty"`
	Seen int64  `json:"seen,omitempty"`
	// Publication and File are other ones when what is published, or all rows of the
	// table, may have changed without being told.
	Publication string `json:"publication"`
	File        string `json:"file"`
}

// A place is a logicalPosition's place.
type place struct {
	lsn, tx replication.LSN
	seen    int64
}

// A tail follows a replication slot.
type tail struct {
	*session
	stream *replication.Stream
	yield  func(catalog.Batch) error
	from   position // whose place is left out

	resume  place // of the first transaction, how much is known
	waiting waiting
	read    place // behind what is waiting
	safe    place // behind what was handed over
	fresh   freshness
	beaten  time.Time // when a batch was handed over
	moved   time.Time // when the position was
	heard   time.Time // when the server said something by the stream
	looked  time.Time // when the database was asked, with changes or without
	slotsAt time.Time // when slots were looked at
	asked   bool      // the server wants to know at once how much is safe
	pulse   time.Time // when a sign of life was begun; zero where none is
}

// Waiting are keys that changed, whose rows are to be read.
type waiting struct {
	keys  [][]string
	known map[string]bool
	xids  map[uint32]bool // transactions that changed them
	since time.Time
	// retry is when to look again whether the transactions can be seen, and pause how
	// long after that.
	retry time.Time
	pause time.Duration
	told  bool
}

// followLogical hands over what comes behind a position until something fails.
func (e *session) followLogical(ctx context.Context, from position, yield func(catalog.Batch) error) error {
	t := &tail{session: e, yield: yield, from: from, moved: time.Now(), heard: time.Now()}
	if from.Logical == nil {
		return fmt.Errorf("%w: the position is of no replication slot", catalog.ErrStale)
	}
	if err := within(ctx, openTime, func(ctx context.Context) error {
		if err := e.checkSlot(ctx, *from.Logical); err != nil {
			return err
		}
		return t.open(ctx)
	}); err != nil {
		return e.failed(ctx, "read replication slot "+e.slotName(), err)
	}
	defer t.stream.Close()
	err := t.follow(ctx)
	return e.failed(ctx, "follow replication slot "+e.slotName(), err)
}

// gone makes errors stale that tell that the slot, or what it needs, is no more.
func gone(err error) error {
	switch stateOf(err) {
	case "42704", // the slot is gone, or there was no publication then
		"55000", // it was invalidated
		"58P01": // its log was removed
		return fmt.Errorf("%w: %w", catalog.ErrStale, err)
	}
	if errors.Is(err, replication.ErrKey) {
		return fmt.Errorf("%w: %w", errRedefined, err)
	}
	return err
}

// open begins to read the slot.
func (t *tail) open(ctx context.Context) (err error) {
	if t.safe, err = t.from.Logical.place(); err != nil {
		return err
	}
	t.resume, t.read = t.safe, place{lsn: t.safe.lsn}
	return gone(released(ctx, func() error {
		conn, err := t.connectReplication(ctx)
		if err != nil {
			return err
		}
		t.stream, err = replication.Open(ctx, conn, replication.Options{
			Slot: t.slotName(), Publication: t.publication(), Start: t.safe.lsn, Table: t.relation.changes, Key: t.o.ChangesKey,
		})
		return err
	}))
}

func (p logicalPosition) place() (at place, err error) {
	if at.lsn, err = replication.ParseLSN(p.LSN); err != nil || p.Tx == "" {
		return at, err
	}
	at.tx, err = replication.ParseLSN(p.Tx)
	at.seen = p.Seen
	return at, err
}

// at is the position of a place.
func (t *tail) at(p place) string {
	whole, at := t.from, *t.from.Logical
	at.LSN, at.Tx, at.Seen = p.lsn.String(), "", p.seen
	if p.tx != 0 {
		at.Tx = p.tx.String()
	}
	whole.Logical = &at
	return whole.String()
}

// follow takes what the stream gives, and hands it over, until something fails.
func (t *tail) follow(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		events := t.stream.Events()
		if len(t.waiting.keys) >= t.most {
			events = nil
		}
		timer.Reset(time.Until(t.due()))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case event, ok := <-events:
			if err := t.take(event, ok); err != nil {
				return err
			}
		}
		if err := t.drain(events); err != nil {
			return err
		}
		if err := t.step(ctx); err != nil {
			return err
		}
	}
}

// due is when there is something to do without another event.
func (t *tail) due() time.Time {
	next := t.beaten.Add(beat)
	if !t.pulse.IsZero() {
		next = t.pulse.Add(answerTime)
	}
	if len(t.waiting.keys) > 0 {
		ready := t.looked.Add(gap)
		if len(t.waiting.keys) >= t.most || t.waiting.retry.After(ready) {
			ready = t.waiting.retry
		}
		if ready.Before(next) {
			next = ready
		}
	}
	return next
}

// drain takes what is there already, up to a batch.
func (t *tail) drain(events <-chan replication.Event) error {
	for len(t.waiting.keys) < t.most {
		select {
		case event, ok := <-events:
			if err := t.take(event, ok); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// take notes an event.
func (t *tail) take(event replication.Event, ok bool) error {
	if !ok {
		return gone(t.stream.Err())
	}
	t.heard = time.Now()
	switch event.Kind {
	case replication.Change:
		t.change(event)
	case replication.Truncate:
		return fmt.Errorf("%w: the table was emptied by TRUNCATE", catalog.ErrStale)
	case replication.Commit:
		t.read = place{lsn: event.LSN}
	case replication.Alive:
		// Within a transaction it tells of what cannot be confirmed yet.
		if t.read.tx == 0 {
			t.read.lsn = max(t.read.lsn, event.LSN)
		}
		t.asked = t.asked || event.Asked
	}
	return nil
}

// change notes the keys of a changed row.
func (t *tail) change(event replication.Event) {
	if t.read.tx != event.LSN {
		t.read.tx, t.read.seen = event.LSN, 0
	}
	t.read.seen++
	if event.LSN == t.resume.tx && t.read.seen <= t.resume.seen {
		return
	}
	w := &t.waiting
	if len(w.keys) == 0 {
		*w = waiting{known: make(map[string]bool), xids: make(map[uint32]bool), since: time.Now()}
	}
	w.xids[event.XID] = true
	for _, key := range event.Keys {
		name := fmt.Sprintf("%q", key)
		if !w.known[name] {
			w.known[name] = true
			w.keys = append(w.keys, key)
		}
	}
}

// step hands over what waits when it is time for that, and else a sign of life.
func (t *tail) step(ctx context.Context) error {
	now := time.Now()
	full := len(t.waiting.keys) >= t.most
	switch {
	case len(t.waiting.keys) > 0 && !now.Before(t.waiting.retry) && (full || !now.Before(t.looked.Add(gap))):
		if err := t.apply(ctx); err != nil {
			return err
		}
	case len(t.waiting.keys) == 0 && t.asked:
		// The server is stopping, and waits for all to be safe.
		return t.hand(nil, true)
	}
	switch {
	case !t.pulse.IsZero() && (t.read.lsn >= t.fresh.last.lsn || time.Since(t.pulse) >= answerTime):
		return t.live()
	case t.pulse.IsZero() && time.Since(t.beaten) >= beat:
		return t.rest(ctx)
	}
	return nil
}

// apply reads the rows that changed, and hands them over; or not yet, where the
// changes cannot be seen yet.
func (t *tail) apply(ctx context.Context) error {
	changes, seen, err := t.look(ctx)
	if err != nil {
		return err
	}
	w := &t.waiting
	if !seen {
		w.pause = min(max(2*w.pause, leastPause), longestPause)
		w.retry = time.Now().Add(w.pause)
		if !w.told && time.Since(w.since) > slowAfter {
			w.told = true
			t.o.Log.Warn("a transaction was logged, but does not end; synchronous replication may wait for a standby that is away",
				"collection", t.o.Collection, "slot", t.slotName())
		}
		return nil
	}
	t.waiting = waiting{}
	return t.hand(changes, true)
}

// rest does what is due when nothing else is: it looks whether all is as it was, and
// asks how far the server is, so that a sign of life can be given.
func (t *tail) rest(ctx context.Context) error {
	if len(t.waiting.keys) == 0 {
		if _, _, err := t.look(ctx); err != nil {
			return err
		}
	}
	if err := within(ctx, lookTime, t.watchSlots); err != nil {
		return err
	}
	if silent := time.Since(t.heard); silent > silentTime {
		return fmt.Errorf("the server has sent nothing for %s", silent.Round(time.Second))
	}
	t.pulse = time.Now()
	return t.stream.Confirm(t.safe.lsn, true)
}

// live gives a sign of life, and now and then moves the position on.
func (t *tail) live() error {
	return t.hand(nil, len(t.waiting.keys) == 0 && (time.Since(t.moved) >= moveEvery || t.read.lsn > t.safe.lsn+moveBytes))
}

// hand hands changes over. With move the position goes behind all that was read;
// nothing may wait then.
func (t *tail) hand(changes []catalog.Change, move bool) error {
	to := t.safe
	if move {
		to = t.read
		t.moved = time.Now()
	}
	batch := catalog.Batch{Changes: changes, Position: t.at(to), Through: t.fresh.through(t.read.lsn, len(t.waiting.keys) == 0)}
	// What waited when following began is not known until a moment after that is reached.
	if waits := len(t.stream.Events()) + len(t.waiting.keys); waits > 0 || t.read.tx != 0 || batch.Through.IsZero() {
		batch.Behind = int64(max(1, waits)) // at the least
	}
	if err := t.yield(batch); err != nil {
		return err
	}
	t.safe, t.beaten, t.pulse = to, time.Now(), time.Time{}
	if !move {
		return nil
	}
	t.asked = false
	return t.stream.Confirm(t.safe.lsn, false)
}
