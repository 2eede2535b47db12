// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package web serves searches over HTTP: a JSON API below /v1, a page for people
// at /, and what an orchestrator asks.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// Options say what a Server serves. All are required.
type Options struct {
	Store     catalog.Store
	QueryTime time.Duration // what one search may take
	Log       *slog.Logger
}

// A Server is an http.Handler. It is safe for concurrent use.
type Server struct {
	store     catalog.Store
	queryTime time.Duration
	log       *slog.Logger
	router    *mux.Router
	draining  atomic.Bool
}

// New makes a Server.
func New(o Options) *Server {
	s := &Server{store: o.Store, queryTime: o.QueryTime, log: o.Log, router: mux.NewRouter()}
	for path, handle := range map[string]handler{
		"/":               s.page,
		"/livez":          s.live,
		"/readyz":         s.ready,
		"/v1/collections": s.collections,
		"/v1/search":      s.search,
		"/static/{name}":  s.static,
	} {
		s.router.Handle(path, s.wrap(handle)).Methods(http.MethodGet, http.MethodHead)
	}
	s.router.NotFoundHandler = s.wrap(func(*http.Request) (response, error) {
		return nil, catalog.Errorf(catalog.CodeNotFound, "there is nothing at this address")
	})
	s.router.MethodNotAllowedHandler = s.wrap(func(*http.Request) (response, error) {
		return nil, errMethod
	})
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.router.ServeHTTP(w, r) }

// Drain makes /readyz fail from now on, so that no new requests are sent here
// while those under way are answered.
func (s *Server) Drain() { s.draining.Store(true) }

// live says that the process answers. It looks at nothing else: a restart would
// mend nothing else.
func (s *Server) live(*http.Request) (response, error) { return plain("ok\n"), nil }

// ready says whether every collection can be searched.
func (s *Server) ready(*http.Request) (response, error) {
	if s.draining.Load() {
		return nil, catalog.Errorf(catalog.CodeUnavailable, "shutting down")
	}
	for _, status := range s.store.Status() {
		if status.State != catalog.StateReady {
			return nil, catalog.Errorf(catalog.CodeUnavailable, "collection %q is being indexed for the first time", status.Collection.Name)
		}
	}
	return plain("ok\n"), nil
}

// find runs one search within its time.
func (s *Server) find(ctx context.Context, collection string, r catalog.Request) (catalog.Answer, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, s.queryTime)
	defer cancel()
	started := time.Now()
	answer, err := s.store.Search(ctx, collection, r)
	return answer, time.Since(started), err
}
