// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package daemon

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
	"github.com/lupasearch/lupa/services/lupa/internal/refresh"
	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

// How often progress is logged, and what is waited for between attempts.
const (
	progressEvery = time.Second
	retryFirst    = time.Second
	retryMost     = time.Minute
)

// A keeper keeps all collections equal to their sources.
type keeper struct {
	c       config.Config
	store   *sqlitestore.Store
	getenv  func(string) string
	log     *slog.Logger
	records map[string]*refresh.Record
}

func newKeeper(c config.Config, store *sqlitestore.Store, getenv func(string) string, log *slog.Logger) *keeper {
	k := &keeper{c: c, store: store, getenv: getenv, log: log, records: make(map[string]*refresh.Record)}
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
	for _, c := range k.c.Collections {
		first.Add(1)
		keep := k.reload
		if c.Postgres != nil {
			keep = k.follow
		}
		work.Go(func() { keep(ctx, c, first.Done) })
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

// follow keeps one collection equal to a database.
func (k *keeper) follow(ctx context.Context, c config.Collection, ready func()) {
	options := *c.Postgres
	options.Log, options.Getenv = k.log, k.getenv
	record := k.records[c.Name]
	source, err := pgsource.New(options)
	if err != nil { // the configuration was checked
		k.log.Error("collection cannot be followed", "collection", c.Name, "error", err)
		return
	}
	f := refresh.Follower{
		Store: k.store, Feed: source, Collection: c.Collection, Definition: options.Definition(), Log: k.log, Every: progressEvery, Record: record,
	}
	if k.c.Seed != "" {
		f.Seed = func(ctx context.Context) error {
			return web.Fetch(ctx, k.c.Seed, k.c.Token, c.Name, func(r io.Reader) error { return k.store.Import(ctx, c.Name, r) })
		}
	}
	f.Run(ctx, ready)
}

// reload brings one collection up to date, calls ready once, and goes on looking
// for changes. What fails is tried again, later and later.
func (k *keeper) reload(ctx context.Context, c config.Collection, ready func()) {
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
			if k.c.Refresh == 0 || !refresh.Sleep(ctx, k.c.Refresh) {
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
