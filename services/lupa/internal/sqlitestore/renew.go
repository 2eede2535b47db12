// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A generation is renewed when it has too much beside what its file was built
// with: a new one is built of its documents while it goes on being served and
// changed. What was changed meanwhile is done again in the new one.

// wornLeast is from how much on a generation may be renewed, and wornPart from what
// part of its documents.
const (
	wornLeast = 100_000
	wornPart  = 0.5
)

// A renewal is under way for one shelf.
type renewal struct {
	touched map[string]bool // documents that changed since it began, or since they were looked at last
}

// touch notes which documents changed. The shelf's writing must be locked.
func (sh *shelf) touch(changes []catalog.Change) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.renewing == nil {
		return
	}
	for _, c := range changes {
		sh.renewing.touched[c.ID] = true
	}
}

// takeTouched gives the documents that changed, and begins a new list.
func (sh *shelf) takeTouched() []string {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	ids := make([]string, 0, len(sh.renewing.touched))
	for id := range sh.renewing.touched {
		ids = append(ids, id)
	}
	sh.renewing.touched = make(map[string]bool)
	return ids
}

// renewWorn begins to renew a generation where that pays. The shelf's writing must
// be locked.
func (s *Store) renewWorn(sh *shelf, g *generation) {
	v := g.current.Load()
	if worn := v.worn(); worn < s.wornLeast || float64(worn) < wornPart*float64(v.documents) {
		return
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.renewing != nil || sh.current != g {
		return
	}
	sh.renewing = &renewal{touched: make(map[string]bool)}
	g.users.Add(1)
	s.retired.Go(func() {
		err := s.renew(s.ctx, sh, g)
		g.users.Done()
		sh.mu.Lock()
		sh.renewing = nil
		sh.mu.Unlock()
		if err != nil && s.ctx.Err() == nil {
			s.log.Warn("the index could not be renewed; it is tried again", "collection", sh.collection.Name, "error", err)
		}
	})
}

// renewStep is how many documents are copied at once, and up to how many changes
// are left to be done while nothing else can change.
const renewStep = 2000

// renew builds a generation of g's documents and serves it.
func (s *Store) renew(ctx context.Context, sh *shelf, g *generation) error {
	next, err := s.build(ctx, sh, g.current.Load().mark, func(add func(catalog.Document) error) error {
		return copyAll(ctx, g, add)
	})
	if err != nil {
		return err
	}
	served := false
	defer func() {
		if !served {
			s.retire(next)
		}
	}()
	sealed := next
	if next, err = sealed.enliven(s.readers); err != nil {
		next = sealed
		return err
	}
	if err := sealed.close(); err != nil {
		return err
	}
	for { // what changed meanwhile, then what changed meanwhile, until it is little
		ids := sh.takeTouched()
		if err := s.again(ctx, g, next, ids); err != nil {
			return err
		}
		if len(ids) < renewStep {
			break
		}
	}
	sh.writing.Lock()
	defer sh.writing.Unlock()
	if err := s.again(ctx, g, next, sh.takeTouched()); err != nil {
		return err
	}
	sh.mu.Lock()
	replaced := sh.current != g
	sh.mu.Unlock()
	if replaced {
		return nil // by what is newer
	}
	served = true
	if err := s.install(sh, next); err != nil {
		return err
	}
	s.log.Info("renewed the index", "collection", sh.collection.Name, "generation", next.name())
	return nil
}

// copyAll hands over the documents of a generation that goes on changing. A number
// never gets another document, and changed ones get numbers behind those copied, so
// each step may see another state: what changed is done again later.
func copyAll(ctx context.Context, g *generation, add func(catalog.Document) error) error {
	for from, most := 0, g.current.Load().most; from < most; from += renewStep {
		r, v, err := g.snapshot(ctx)
		if err != nil {
			return err
		}
		err = r.query(ctx, g.fetchFrom, func(row []driver.Value) error {
			_, d, err := g.scan(row, v.most)
			if err != nil {
				return err
			}
			return add(d)
		}, int64(from), int64(min(from+renewStep, most)))
		g.end(r)
		if err != nil {
			return fmt.Errorf("copy documents: %w", g.checked(err))
		}
	}
	return nil
}

// again brings some documents of the next generation to the state they have in g.
func (s *Store) again(ctx context.Context, g, next *generation, ids []string) error {
	for len(ids) > 0 {
		step := ids[:min(len(ids), renewStep)]
		ids = ids[len(step):]
		changes := make([]catalog.Change, 0, len(step))
		r, v, err := g.snapshot(ctx)
		if err != nil {
			return err
		}
		for _, id := range step {
			change := catalog.Change{ID: id}
			if _, d, found, err := g.held(r, id, v.most); err != nil {
				g.end(r)
				return err
			} else if found {
				change.Document = &d
			}
			changes = append(changes, change)
		}
		g.end(r)
		if err := next.apply(ctx, changes, v.mark.Position); err != nil {
			return err
		}
		if err := next.live.tidy(next.file); err != nil {
			return err
		}
	}
	// The position counts once nothing can change any more.
	return next.apply(ctx, nil, g.current.Load().mark.Position)
}
