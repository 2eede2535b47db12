// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package daemon joins the parts into the running service.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
	"github.com/lupasearch/lupa/services/lupa/internal/refresh"
	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

// Times that bound a connection, and the end.
const (
	readHeaderTime = 5 * time.Second
	readTime       = 10 * time.Second
	idleTime       = time.Minute
	shutdownTime   = 10 * time.Second
	maxHeaderBytes = 16 << 10
	progressEvery  = time.Second
	retryFirst     = time.Second
	retryMost      = time.Minute
)

// Run serves until ctx ends, then finishes what is under way. With index it
// brings the collections up to date first and from time to time; what the cache
// has is served meanwhile.
func Run(ctx context.Context, c config.Config, index bool, log *slog.Logger) (err error) {
	store, err := sqlitestore.Open(sqlitestore.Options{Dir: c.Cache, Collections: collections(c), Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := checkFilled(store, index, c.Cache); err != nil {
		return err
	}
	listener, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	handler, err := web.New(web.Options{
		Store: store, Limits: c.Limits, Title: c.Title, Assets: c.Assets, Origins: c.Origins, Version: revision(), Log: log,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{
		Handler: handler, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: readHeaderTime, ReadTimeout: readTime, IdleTimeout: idleTime,
		WriteTimeout: writeTime(c), MaxHeaderBytes: maxHeaderBytes,
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var work sync.WaitGroup
	defer work.Wait()
	log.Info("serving", "address", listener.Addr().String())
	if index {
		work.Go(func() { keepFresh(ctx, c, store, log, func() { announce(log, listener.Addr()) }) })
	} else {
		announce(log, listener.Addr())
	}
	return serve(ctx, cancel, server, listener, handler, log)
}

// writeTime is enough for the longest request: a multi-search.
func writeTime(c config.Config) time.Duration { return web.MaxSearches*c.Limits.QueryTime + readTime }

// serve answers until ctx ends; then new connections are refused, and those under
// way have a while.
func serve(ctx context.Context, cancel func(), server *http.Server, listener net.Listener, handler *web.Server, log *slog.Logger) error {
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		cancel()
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	handler.Drain()
	limit, done := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer done()
	if err := server.Shutdown(limit); err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	log.Info("stopped")
	return nil
}

func collections(c config.Config) []catalog.Collection {
	all := make([]catalog.Collection, 0, len(c.Collections))
	for _, collection := range c.Collections {
		all = append(all, collection.Collection)
	}
	return all
}

// checkFilled refuses to serve empty collections that nobody will fill.
func checkFilled(store catalog.Store, index bool, cache string) error {
	for _, status := range store.Status() {
		if !index && status.State == catalog.StateEmpty {
			return fmt.Errorf("the cache folder %s has no index of collection %q; start with -index=true to make it", cache, status.Collection.Name)
		}
	}
	return nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("address %s is taken by another program: stop that, or set another address with 'listen' in the configuration or -listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

// announce says where to look, in words a person can click on.
func announce(log *slog.Logger, address net.Addr) {
	host, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	url := "http://" + net.JoinHostPort(host, port)
	log.Info("ready: search at "+url, "page", url+"/", "api", url+"/v1/search?q=")
}

// keepFresh brings every collection up to date, calls ready once, and goes on
// doing it. What fails is tried again, later and later.
func keepFresh(ctx context.Context, c config.Config, store catalog.Store, log *slog.Logger, ready func()) {
	refreshers := make([]*refresh.Refresher, 0, len(c.Collections))
	for _, collection := range c.Collections {
		options := collection.Source
		options.Log = log
		refreshers = append(refreshers, &refresh.Refresher{
			Store: store, Source: filesource.New(options), Collection: collection.Collection,
			Definition: definition(options), Log: log, Every: progressEvery,
		})
	}
	wait := retryFirst
	for first := true; ; {
		ok := refreshAll(ctx, refreshers, log)
		switch {
		case ctx.Err() != nil:
			return
		case ok && first:
			first = false
			ready()
			fallthrough
		case ok:
			wait = retryFirst
			if c.Refresh == 0 || !sleep(ctx, c.Refresh) {
				return
			}
		default:
			log.Info("trying again", "seconds", wait.Seconds())
			if !sleep(ctx, wait) {
				return
			}
			wait = min(2*wait, retryMost)
		}
	}
}

func refreshAll(ctx context.Context, refreshers []*refresh.Refresher, log *slog.Logger) bool {
	ok := true
	for _, r := range refreshers {
		if _, err := r.Refresh(ctx); err != nil && ctx.Err() == nil {
			log.Error("collection is not up to date", "collection", r.Collection.Name, "error", err)
			ok = false
		}
	}
	return ok
}

// definition tells apart ways of reading the same files.
func definition(o filesource.Options) string {
	parts := []string{string(o.Format), o.ID, string(o.OnError)}
	for _, c := range o.Columns {
		parts = append(parts, c.From, c.Split)
	}
	return strings.Join(parts, "\x00")
}

// sleep waits; false when ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
