// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package refresh_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/refresh"
)

// A feed is a list of changes; a position is how many of them came before.
type feed struct {
	changes   []catalog.Change
	forgotten int // changes before are not known any more
	snapshots int
	fail      []error // given by Follow one after the other, before anything else
	stop      func()  // called when there is nothing more to follow
}

func (f *feed) Mode() string { return "list" }

func (f *feed) Snapshot(context.Context) (catalog.Snapshot, error) {
	f.snapshots++
	s := &snapshot{position: len(f.changes), held: make(map[string]catalog.Document)}
	for _, c := range f.changes {
		if delete(s.held, c.ID); c.Document != nil {
			s.held[c.ID] = *c.Document
		}
	}
	return s, nil
}

func (f *feed) Follow(ctx context.Context, position string, _ catalog.Held, yield func(catalog.Batch) error) error {
	if len(f.fail) > 0 {
		err := f.fail[0]
		f.fail = f.fail[1:]
		return err
	}
	at, err := strconv.Atoi(position)
	if err != nil || at < f.forgotten {
		return fmt.Errorf("position %q: %w", position, catalog.ErrStale)
	}
	for _, c := range f.changes[at:] {
		at++
		b := catalog.Batch{Changes: []catalog.Change{c}, Position: strconv.Itoa(at), Through: time.Unix(int64(at), 0), Behind: int64(len(f.changes) - at)}
		if err := yield(b); err != nil {
			return err
		}
	}
	if err := yield(catalog.Batch{Position: strconv.Itoa(at), Through: time.Unix(int64(at), 0)}); err != nil {
		return err
	}
	f.stop()
	<-ctx.Done()
	return ctx.Err()
}

type snapshot struct {
	position int
	held     map[string]catalog.Document
	closed   bool
}

func (s *snapshot) Documents(_ context.Context, yield func(catalog.Document) error) error {
	for _, d := range s.held {
		if err := yield(d); err != nil {
			return err
		}
	}
	return nil
}
func (s *snapshot) Position() string              { return strconv.Itoa(s.position) }
func (s *snapshot) Through() time.Time            { return time.Unix(int64(s.position), 0) }
func (s *snapshot) Progress() (done, total int64) { return 0, 0 }
func (s *snapshot) Close() error                  { s.closed = true; return nil }

func put(i int) catalog.Change {
	d := catalogtest.Animals[i]
	return catalog.Change{ID: d.ID, Document: &d}
}

// run follows the feed until it has nothing more, and gives the waits in between.
func run(t *testing.T, store catalog.Store, f *feed, definition string) (record catalog.Freshness, waits []time.Duration, ready int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	f.stop = cancel
	follower := refresh.Follower{
		Store: store, Feed: f, Collection: catalogtest.Collections[0], Definition: definition, Log: slog.New(slog.DiscardHandler),
		Record: new(refresh.Record), Sleep: func(_ context.Context, d time.Duration) bool {
			waits = append(waits, d)
			return true
		},
	}
	follower.Run(ctx, func() { ready++ })
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Fatal("the feed was not followed to its end")
	}
	return follower.Record.Freshness(), waits, ready
}

func wantHeld(t *testing.T, store catalog.Store, position string, documents int) {
	t.Helper()
	if s := store.Status()[0]; s.Mark.Position != position || s.Documents != documents {
		t.Errorf("%d documents at position %q, want %d at %q", s.Documents, s.Mark.Position, documents, position)
	}
}

func TestFollow(t *testing.T) {
	_, store := newRefresher(t, &source{})
	f := &feed{changes: []catalog.Change{put(0), put(1), put(2)}}
	record, waits, ready := run(t, store, f, "d")
	if f.snapshots != 1 || record.Loads != 1 || record.Applied != 0 || len(waits) != 0 || ready != 1 || record.Current != time.Unix(3, 0) {
		t.Errorf("first run: %d snapshots, %+v, waits %v, ready %d times", f.snapshots, record, waits, ready)
	}
	wantHeld(t, store, "3", 3)
	// Later starts go on where the store is.
	f.changes = append(f.changes, put(3), catalog.Change{ID: "1"}, catalog.Change{ID: "none"})
	record, _, ready = run(t, store, f, "d")
	if f.snapshots != 1 || record.Applied != 3 || record.Phase != catalog.PhaseFollowing || ready != 1 || record.Mode != "list" || record.Behind != 0 {
		t.Errorf("second run: %d snapshots, %+v", f.snapshots, record)
	}
	wantHeld(t, store, "6", 3)
	// What is made of the rows in another way is read anew.
	run(t, store, f, "another")
	if f.snapshots != 2 {
		t.Errorf("%d snapshots after another definition", f.snapshots)
	}
	// So is what cannot be followed.
	f.changes, f.forgotten = append(f.changes, put(4), put(0)), 7
	record, waits, _ = run(t, store, f, "another")
	if f.snapshots != 3 || record.Loads != 1 || record.Errors != 0 || len(waits) != 0 {
		t.Errorf("%d snapshots after changes were forgotten, %+v", f.snapshots, record)
	}
	wantHeld(t, store, "8", 5)
}

func TestFollowTriesAgain(t *testing.T) {
	_, store := newRefresher(t, &source{})
	broken := errors.New("connection cut")
	f := &feed{changes: []catalog.Change{put(0)}, fail: []error{broken, broken, broken, broken, broken, broken, broken, broken, broken}}
	record, waits, ready := run(t, store, f, "d")
	if record.Errors != 9 || record.Error != "connection cut" || record.Phase != catalog.PhaseFollowing || ready != 1 || f.snapshots != 1 {
		t.Errorf("%+v, ready %d times, %d snapshots", record, ready, f.snapshots)
	}
	want := 500 * time.Millisecond
	for i, wait := range waits {
		if wait > want || wait < want/2 {
			t.Errorf("wait %d is %v, want up to %v", i, wait, want)
		}
		want = min(2*want, 30*time.Second)
	}
	wantHeld(t, store, "1", 1)
}

func TestFollowFromASeed(t *testing.T) {
	for name, test := range map[string]struct {
		fail      error
		position  string
		snapshots int
	}{
		"a copy":     {nil, "1", 0},
		"no copy":    {errors.New("not there"), "", 1},
		"too old":    {nil, "0", 1},
		"of no feed": {nil, "", 1},
	} {
		_, store := newRefresher(t, &source{})
		f := &feed{changes: []catalog.Change{put(0), put(1), put(2)}, forgotten: 1}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		f.stop = cancel
		follower := refresh.Follower{
			Store: store, Feed: f, Collection: catalogtest.Collections[0], Definition: "d", Log: slog.New(slog.DiscardHandler), Record: new(refresh.Record),
			Seed: func(context.Context) error {
				if test.fail != nil {
					return test.fail
				}
				mark := catalog.Mark{Fingerprint: refresh.Fingerprint("d", catalogtest.Collections[0]), Position: test.position}
				return store.Replace(t.Context(), "animals", mark, catalogtest.Fill(catalogtest.Animals[:1]))
			},
		}
		follower.Run(ctx, func() {})
		if f.snapshots != test.snapshots || follower.Record.Freshness().Errors != 0 {
			t.Errorf("%s: %d snapshots, want %d; %+v", name, f.snapshots, test.snapshots, follower.Record.Freshness())
		}
		wantHeld(t, store, "3", 3)
	}
}
