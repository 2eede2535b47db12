// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package daemon

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
	"github.com/lupasearch/lupa/services/lupa/internal/refresh"
)

// How often progress is logged, and what is waited for between attempts.
const (
	progressEvery = time.Second
	retryFirst    = time.Second
	retryMost     = time.Minute
)

// A keeper keeps all collections equal to their sources.
type keeper struct {
	collections []config.Collection
	refresh     time.Duration
	store       catalog.Store
	log         *slog.Logger
	records     map[string]*refresh.Record
}

func newKeeper(c config.Config, store catalog.Store, log *slog.Logger) *keeper {
	k := &keeper{collections: c.Collections, refresh: c.Refresh, store: store, log: log, records: make(map[string]*refresh.Record)}
	for _, collection := range c.Collections {
		k.records[collection.Name] = new(refresh.Record)
	}
	return k
}

// freshness tells how far a collection follows its source.
func (k *keeper) freshness(collection string) catalog.Freshness {
	if record := k.records[collection]; record != nil {
		return record.Freshness()
	}
	return catalog.Freshness{}
}

// run works until ctx ends, or there is nothing more to do. ready is called once,
// when every collection is as its source was after the start.
func (k *keeper) run(ctx context.Context, ready func()) {
	var work, first sync.WaitGroup
	for _, c := range k.collections {
		first.Add(1)
		work.Go(func() { k.keep(ctx, c, first.Done) })
	}
	all := make(chan struct{})
	go func() {
		first.Wait()
		close(all)
	}()
	select {
	case <-all:
		ready()
	case <-ctx.Done():
	}
	work.Wait()
}

// keep brings one collection up to date, calls ready once, and goes on doing it.
// What fails is tried again, later and later.
func (k *keeper) keep(ctx context.Context, c config.Collection, ready func()) {
	options := c.Source
	options.Log = k.log
	r := &refresh.Refresher{
		Store: k.store, Source: filesource.New(options), Collection: c.Collection,
		Definition: definition(options), Log: k.log, Every: progressEvery, Record: k.records[c.Name],
	}
	ready = sync.OnceFunc(ready)
	for wait := retryFirst; ; {
		_, err := r.Refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			ready()
			wait = retryFirst
			if k.refresh == 0 || !refresh.Sleep(ctx, k.refresh) {
				return
			}
		default:
			k.log.Error("collection is not up to date; trying again", "collection", c.Name, "error", err, "seconds", wait.Seconds())
			if !refresh.Sleep(ctx, wait) {
				return
			}
			wait = min(2*wait, retryMost)
		}
	}
}

// definition tells apart ways of reading the same files.
func definition(o filesource.Options) string {
	parts := []string{string(o.Format), o.ID, string(o.OnError)}
	for _, c := range o.Columns {
		parts = append(parts, c.From, c.Split)
	}
	return strings.Join(parts, "\x00")
}
