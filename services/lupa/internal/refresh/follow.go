// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package refresh

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A Follower keeps one collection equal to a Feed. It is for one goroutine, but for
// its Record.
type Follower struct {
	Store      catalog.Store
	Feed       catalog.Feed
	Collection catalog.Collection
	// Definition tells apart configurations that make different documents of the
	// same rows.
	Definition string
	Log        *slog.Logger
	// Every is how often progress is logged; 0 means never.
	Every  time.Duration
	Record *Record
	// Seed copies the collection from elsewhere, to spare the source; nil for not.
	Seed func(ctx context.Context) error
	// Sleep waits, and is false when ctx ended before; nil is by the clock.
	Sleep func(ctx context.Context, d time.Duration) bool
}

// Waits between attempts: the first, and the longest. Each is up to half shorter by
// chance, so that replicas do not all come at once.
const (
	firstWait = 500 * time.Millisecond
	mostWait  = 30 * time.Second
)

// Run follows until ctx ends; what fails is tried again, later and later. ready is
// called once, when the collection is as the source was after Run began.
func (f *Follower) Run(ctx context.Context, ready func()) {
	f.Record.begin(f.Feed.Mode())
	sleep := f.Sleep
	if sleep == nil {
		sleep = Sleep
	}
	wait := firstWait
	called := false
	for ctx.Err() == nil {
		err := f.follow(ctx, func() {
			wait = firstWait
			if !called {
				called = true
				ready()
			}
		})
		if ctx.Err() != nil {
			return
		}
		f.Record.failed(err)
		pause := wait - rand.N(wait/2)
		f.Log.Error("collection is not up to date; trying again", "collection", f.Collection.Name, "error", err, "seconds", round(pause.Seconds()))
		if !sleep(ctx, pause) {
			return
		}
		wait = min(2*wait, mostWait)
	}
}

// Sleep waits; false when ctx ended before.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

var errDamaged = errors.New("the index is damaged")

// follow loads the collection where what it has cannot be gone on with, and applies
// changes until something fails. caught is called when the source's changes came.
func (f *Follower) follow(ctx context.Context, caught func()) error {
	mark, held := f.mark()
	if !held && f.Seed != nil {
		f.Record.loading()
		if err := f.Seed(ctx); err != nil {
			f.Log.Warn("the collection cannot be copied from elsewhere and is read from its source", "collection", f.Collection.Name, "error", err)
		}
		f.Seed = nil
		mark, held = f.mark()
	}
	if !held {
		var err error
		if mark, err = f.load(ctx); err != nil {
			return err
		}
	}
	err := f.apply(ctx, mark, caught)
	if !errors.Is(err, catalog.ErrStale) && !errors.Is(err, errDamaged) {
		return err
	}
	f.Log.Warn("reading the collection anew", "collection", f.Collection.Name, "reason", err)
	if mark, err = f.load(ctx); err != nil {
		return err
	}
	return f.apply(ctx, mark, caught)
}

// mark is what the store has of the source; held is false where that is nothing, or
// made of another definition.
func (f *Follower) mark() (mark catalog.Mark, held bool) {
	for _, status := range f.Store.Status() {
		if status.Collection.Name == f.Collection.Name && status.State == catalog.StateReady {
			mark = status.Mark
		}
	}
	return mark, mark.Position != "" && mark.Fingerprint == Fingerprint(f.Definition, f.Collection)
}

// apply makes the changes that come.
func (f *Follower) apply(ctx context.Context, mark catalog.Mark, caught func()) error {
	position := mark.Position
	held := versions{f.Store, f.Collection.Name}
	return f.Feed.Follow(ctx, position, held, func(b catalog.Batch) error {
		if len(b.Changes) > 0 || b.Position != position {
			if err := f.Store.Apply(ctx, f.Collection.Name, b.Changes, b.Position); err != nil {
				if now, _ := f.mark(); now.Position == "" {
					return fmt.Errorf("%w: %w", errDamaged, err)
				}
				return err
			}
			position = b.Position
		}
		if now, _ := f.mark(); now.Position == "" { // a search has found it broken
			return errDamaged
		}
		f.Record.followed(b.Through, len(b.Changes), b.Behind)
		if b.Behind <= 0 {
			caught()
		}
		return nil
	})
}

// load reads all of the source into a new generation.
func (f *Follower) load(ctx context.Context) (mark catalog.Mark, err error) {
	f.Record.loading()
	log := f.Log.With("collection", f.Collection.Name)
	log.Info("loading", "mode", f.Feed.Mode())
	snapshot, err := f.Feed.Snapshot(ctx)
	if err != nil {
		return mark, fmt.Errorf("load collection %s: %w", f.Collection.Name, err)
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	mark = catalog.Mark{Fingerprint: Fingerprint(f.Definition, f.Collection), Position: snapshot.Position()}
	if err := fill(ctx, f.Store, f.Collection.Name, mark, snapshot, log, f.Every); err != nil {
		return mark, fmt.Errorf("load collection %s: %w", f.Collection.Name, err)
	}
	f.Record.loaded(snapshot.Through())
	return mark, nil
}

// versions is the catalog.Held of one collection.
type versions struct {
	store      catalog.Store
	collection string
}

// Versions is Store.Versions.
func (v versions) Versions(ctx context.Context, after string, yield func(id, version string) error) error {
	return v.store.Versions(ctx, v.collection, after, yield)
}
