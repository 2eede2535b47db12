// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package refresh keeps a Store's collections equal to their Sources and Feeds.
package refresh

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A Refresher brings one collection up to date. It is for one goroutine.
type Refresher struct {
	Store      catalog.Store
	Source     catalog.Source
	Collection catalog.Collection
	// Definition tells apart configurations that make different documents of the
	// same content, such as other columns.
	Definition string
	Log        *slog.Logger
	// Every is how often progress is logged; 0 means never.
	Every  time.Duration
	Record *Record // nil to keep none
}

// attempts bounds how often a source is read that changes meanwhile.
const attempts = 3

// Refresh reads the source where it differs from what the store holds, and tells
// whether it did. Nothing changes for searches until all is read.
func (r *Refresher) Refresh(ctx context.Context) (changed bool, err error) {
	if r.Record == nil {
		r.Record = new(Record)
	}
	if r.Record.Freshness().Mode == "" {
		r.Record.begin("reload")
	}
	looked := time.Now()
	changed, err = r.refresh(ctx)
	if err != nil {
		r.Record.failed(err)
		return changed, err
	}
	r.Record.followed(looked, 0, 0)
	return changed, nil
}

func (r *Refresher) refresh(ctx context.Context) (changed bool, err error) {
	for range attempts {
		content, err := r.Source.Fingerprint(ctx)
		if err != nil {
			return changed, err
		}
		want := fingerprint(content, r.Definition, r.Collection)
		if r.held() == want {
			return changed, nil
		}
		r.Record.loading()
		log := r.Log.With("collection", r.Collection.Name)
		log.Info("indexing")
		read := time.Now()
		if err := fill(ctx, r.Store, r.Collection.Name, catalog.Mark{Fingerprint: want}, r.Source, log, r.Every); err != nil {
			return changed, fmt.Errorf("index collection %s: %w", r.Collection.Name, err)
		}
		r.Record.loaded(read)
		changed = true
	}
	return changed, fmt.Errorf("index collection %s: the source changed %d times while it was read", r.Collection.Name, attempts)
}

// held is the fingerprint of what the store serves; "" where it serves nothing.
func (r *Refresher) held() string {
	for _, status := range r.Store.Status() {
		if status.Collection.Name == r.Collection.Name && status.State == catalog.StateReady {
			return status.Mark.Fingerprint
		}
	}
	return ""
}

// fingerprint joins the source's with what is made of it.
func fingerprint(content, definition string, c catalog.Collection) string {
	parts := []string{definition}
	for _, f := range c.Fields {
		parts = append(parts, f.Name, string(f.Kind), fmt.Sprint(f.Multiple))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return content + "-" + hex.EncodeToString(sum[:8])
}

// Fingerprint is what a Feed's collection is marked with: equal for equal
// definitions.
func Fingerprint(definition string, c catalog.Collection) string {
	return fingerprint("", definition, c)
}

// A reading gives documents and tells how far it is: in bytes, or in documents.
type reading interface {
	Documents(ctx context.Context, yield func(catalog.Document) error) error
	Progress() (done, total int64)
}

// fill replaces a collection by what is read.
func fill(ctx context.Context, store catalog.Store, collection string, mark catalog.Mark, from reading, log *slog.Logger, every time.Duration) error {
	started := time.Now()
	progress := progress{log: log, source: from, started: started, every: every, next: started.Add(every)}
	err := store.Replace(ctx, collection, mark, func(add func(catalog.Document) error) error {
		err := from.Documents(ctx, func(d catalog.Document) error {
			progress.step()
			return add(d)
		})
		if err == nil && every > 0 {
			log.Info("building the index", "documents", progress.documents)
		}
		return err
	})
	if err != nil {
		return err
	}
	took := time.Since(started)
	log.Info("indexed", "documents", progress.documents, "seconds", round(took.Seconds()),
		"documents_per_second", int(float64(progress.documents)/took.Seconds()))
	return nil
}

// progress logs how far reading is, from time to time.
type progress struct {
	log       *slog.Logger
	source    reading
	started   time.Time
	every     time.Duration
	next      time.Time
	documents int
}

// step counts a document. The clock is looked at once in many.
func (p *progress) step() {
	p.documents++
	if p.every == 0 || p.documents%1024 != 0 {
		return
	}
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(p.every)
	elapsed := now.Sub(p.started).Seconds()
	done, total := p.source.Progress()
	args := []any{"documents", p.documents, "documents_per_second", int(float64(p.documents) / elapsed)}
	if total > 0 && done > 0 {
		args = append(args, "percent", int(100*done/total), "seconds_left", round(elapsed*float64(total-done)/float64(done)))
	}
	p.log.Info("reading", args...)
}

// round keeps milliseconds.
func round(seconds float64) float64 { return float64(int(seconds*1000)) / 1000 }
