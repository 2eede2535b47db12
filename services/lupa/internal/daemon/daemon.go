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
	"sync"
	"syscall"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
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
)

// Run serves until ctx ends, then finishes what is under way. With index it
// brings the collections up to date first and from time to time; what the cache
// has is served meanwhile. getenv gives environment variables.
func Run(ctx context.Context, c config.Config, index bool, getenv func(string) string, log *slog.Logger) (err error) {
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
	keeper := newKeeper(c, store, getenv, log)
	handler, err := web.New(web.Options{
		Store: store, Limits: c.Limits, Title: c.Title, Assets: c.Assets, Origins: c.Origins, Version: revision(), Log: log,
		Staleness: c.Freshness, Freshness: keeper.freshness, Copier: store, Token: c.Token,
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
		work.Go(func() { keeper.run(ctx, func() { announce(log, listener.Addr()) }) })
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
