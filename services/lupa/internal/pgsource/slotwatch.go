// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// slotsEvery is how often a reader looks how much the server retains for slots, and
// remindEvery how often it tells of what it found.
const (
	slotsEvery  = 30 * time.Second
	remindEvery = time.Hour
)

// A slotWatch is what a Source remembers of slots.
type slotWatch struct {
	retained atomic.Int64         // plus 1; 0 is unknown
	told     map[string]time.Time // by slot
}

// Retained is how many bytes of its log the server kept for this replica's slot,
// when Follow looked last; below 0 where that is unknown. It may be called at any
// time.
func (s *Source) Retained() int64 { return s.slot.retained.Load() - 1 }

// watchSlots looks now and then how much the server retains for slots: this
// replica's own, and those of others that may be gone for good.
func (t *tail) watchSlots(ctx context.Context) error {
	if time.Since(t.slotsAt) < slotsEvery {
		return nil
	}
	t.slotsAt = time.Now()
	slots, err := t.slots(ctx, t.conn)
	if err != nil {
		return err
	}
	for _, slot := range slots {
		if slot.Own {
			t.slot.retained.Store(slot.Retained + 1)
		}
		if err := t.judge(ctx, slot); err != nil {
			return err
		}
	}
	return nil
}

// judge tells of a slot that retains much, or drops it.
func (t *tail) judge(ctx context.Context, slot SlotStatus) error {
	limit := t.o.SlotLimit
	if slot.Own {
		limit /= 2
	}
	idle := !slot.Own && !slot.Active && (slot.Retained > limit || slot.State == "lost")
	switch {
	case idle && t.o.DropIdle:
		err := t.dropSlot(ctx, slot.Name)
		if stateOf(err) == "55006" {
			return nil // it has a reader again
		}
		if err == nil {
			t.o.Log.Warn("a replication slot that nobody reads was dropped", "collection", t.o.Collection, "slot", slot.Name, "retained", slot.Retained)
		}
		return err
	case !idle && slot.Retained <= limit:
		return nil
	}
	if t.slot.told == nil {
		t.slot.told = make(map[string]time.Time)
	}
	if time.Since(t.slot.told[slot.Name]) < remindEvery {
		return nil
	}
	t.slot.told[slot.Name] = time.Now()
	log := t.o.Log.With("collection", t.o.Collection, "slot", slot.Name, "retained", slot.Retained, "slot_limit", t.o.SlotLimit, "safe", slot.Safe)
	switch {
	case slot.Own:
		log.Warn("the server retains more of its log for this replica than half of the limit: changes come faster than they are taken, or a transaction is long under way")
	case idle:
		log.Warn("the server retains its log for a replication slot that nobody reads; where its replica is gone for good, SELECT pg_drop_replication_slot('" + slot.Name + "')")
	default:
		log.Warn("the server retains more of its log for another replica than the limit")
	}
	return nil
}

// A PublicationStatus is what is known of a publication and of its replicas' slots.
type PublicationStatus struct {
	Name     string
	Problems []Problem // that keep it from being read
	Slots    []SlotStatus
	Limit    int64 // see Options.SlotLimit
}

// PublicationStatus asks for the state of what Logical needs.
func (s *Source) PublicationStatus(ctx context.Context) (PublicationStatus, error) {
	status := PublicationStatus{Name: s.publication(), Limit: s.o.SlotLimit}
	conn, err := s.connect(ctx)
	if err != nil {
		return status, err
	}
	defer disconnect(conn)
	r, problems, err := s.describe(ctx, conn)
	if err != nil || problems != nil {
		status.Problems = problems
		return status, err
	}
	id, err := identify(ctx, conn)
	if err != nil {
		return status, s.scrub("identify the server", err)
	}
	choice, err := s.chooseLogical(ctx, conn, id, r)
	if err != nil {
		return status, err
	}
	status.Problems = choice.problems
	slots, err := s.slots(ctx, conn)
	status.Slots = s.ofCollection(slots)
	return status, s.scrub("ask for the replication slots", err)
}

// ofCollection keeps the slots of the collection's replicas.
func (s *Source) ofCollection(slots []SlotStatus) []SlotStatus {
	return slices.DeleteFunc(slots, func(slot SlotStatus) bool { return !strings.HasPrefix(slot.Name, s.slotsPrefix()) })
}

// removePublication drops the publication and the slots of the collection.
func (s *Source) removePublication(ctx context.Context) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer disconnect(conn)
	e := &session{Source: s, conn: conn}
	slots, err := s.slots(ctx, conn)
	if err != nil {
		return s.scrub("ask for the replication slots", err)
	}
	for _, slot := range s.ofCollection(slots) {
		if slot.Active {
			return fmt.Errorf("replication slot %s is being read; stop its replica first", slot.Name)
		}
		if err := e.dropSlot(ctx, slot.Name); err != nil {
			return s.scrub("drop replication slot "+slot.Name, err)
		}
	}
	if s.o.Publication != "" {
		return nil // it is somebody else's
	}
	_, err = conn.Exec(ctx, "DROP PUBLICATION IF EXISTS "+pgx.Identifier{s.publication()}.Sanitize())
	return s.scrub("drop the publication", err)
}
