// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package refresh

import (
	"sync"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A Record keeps a collection's Freshness. The zero value is ready for use, and
// safe for concurrent use.
type Record struct {
	mu sync.Mutex
	f  catalog.Freshness
}

// Freshness is what is known now.
func (r *Record) Freshness() catalog.Freshness {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.f
}

func (r *Record) begin(mode string) {
	r.change(func(f *catalog.Freshness) { f.Mode, f.Phase, f.Behind = mode, catalog.PhaseWaiting, -1 })
}

func (r *Record) loading() {
	r.change(func(f *catalog.Freshness) { f.Phase = catalog.PhaseLoading })
}

// loaded notes that all of the source is here as it was at a moment.
func (r *Record) loaded(through time.Time) {
	r.change(func(f *catalog.Freshness) {
		f.Loads++
		f.Success = time.Now()
		f.Current = later(f.Current, through)
	})
}

// followed notes that what was committed until a moment is here.
func (r *Record) followed(through time.Time, applied int, behind int64) {
	r.change(func(f *catalog.Freshness) {
		f.Phase, f.Success = catalog.PhaseFollowing, time.Now()
		f.Applied += int64(applied)
		f.Behind = behind
		f.Current = later(f.Current, through)
	})
}

func (r *Record) failed(err error) {
	r.change(func(f *catalog.Freshness) {
		f.Phase, f.Error, f.Failed = catalog.PhaseRetrying, err.Error(), time.Now()
		f.Errors++
	})
}

func (r *Record) change(do func(*catalog.Freshness)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	do(&r.f)
}

// later is the later moment; a clock may have been set back.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
