// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package web serves searches over HTTP: a JSON API below /v1, a page for people
// at /, and what an orchestrator asks. openapi.yaml describes all of it.
package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"
	"github.com/klauspost/compress/gzhttp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
)

// Options say what a Server serves.
type Options struct {
	Store   catalog.Store
	Limits  config.Limits
	Title   string   // of the page
	Assets  string   // folder with files that replace the page's own; "" for none
	Origins []string // whose pages may ask the API; "*" for all
	Version string   // of the program, so that tags change with it
	// Freshness tells how far a collection follows its source; nil where nobody
	// brings it up to date.
	Freshness func(collection string) catalog.Freshness
	Staleness config.Freshness
	// Copier hands out copies of collections to who has the Token; nil or "" for
	// nobody.
	Copier catalog.Copier
	Token  string
	Log    *slog.Logger
}

// A Server is an http.Handler. It is safe for concurrent use.
type Server struct {
	store     catalog.Store
	limits    config.Limits
	title     string
	assets    string
	origins   []string
	version   string
	staleness config.Freshness
	freshness func(collection string) catalog.Freshness
	log       *slog.Logger
	router    *mux.Router
	handler   http.Handler
	metrics   *metrics
	places    chan struct{} // searches under way
	draining  atomic.Bool
	copier    catalog.Copier
	token     string
	copying   chan struct{} // a copy being handed out
	openAPI   []byte
	schema    []byte
}

// New makes a Server.
func New(o Options) (*Server, error) {
	if o.Limits.Searches == 0 {
		o.Limits.Searches = 2 * runtime.GOMAXPROCS(0)
	}
	if o.Freshness == nil {
		o.Freshness = func(string) catalog.Freshness { return catalog.Freshness{} }
	}
	s := &Server{
		store: o.Store, limits: o.Limits, title: o.Title, assets: o.Assets, origins: o.Origins, version: o.Version, log: o.Log,
		router: mux.NewRouter(), places: make(chan struct{}, o.Limits.Searches), metrics: newMetrics(o.Store, o.Freshness), freshness: o.Freshness, staleness: o.Staleness,
		copier: o.Copier, token: o.Token, copying: make(chan struct{}, 1),
	}
	var err error
	if s.openAPI, err = openAPI(); err != nil {
		return nil, err
	}
	if s.schema, err = config.JSONSchema(); err != nil {
		return nil, err
	}
	s.routes()
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(minCompressed), gzhttp.ContentTypes(compressed), gzhttp.EnableZstd(true))
	if err != nil {
		return nil, err
	}
	s.handler = s.allowOrigins(compress(s.router))
	return s, nil
}

// minCompressed is the length from which answers are compressed: what fits into one
// packet is not worth it.
const minCompressed = 1024

var compressed = []string{
	"application/json", "application/problem+json", "application/schema+json", "text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml",
}

func (s *Server) routes() {
	s.router.UseEncodedPath() // an id may have a slash
	for path, handle := range map[string]handler{
		"/":                                    s.page,
		"/livez":                               s.live,
		"/readyz":                              s.ready,
		"/metrics":                             s.metrics.page,
		"/openapi.json":                        s.fixed("application/json", &s.openAPI),
		"/config.schema.json":                  s.fixed("application/schema+json", &s.schema),
		"/v1/collections":                      s.collections,
		"/v1/collections/{collection}":         s.collection,
		"/v1/collections/{collection}/search":  s.searchCollection,
		"/v1/collections/{collection}/suggest": s.suggest,
		"/v1/collections/{collection}/documents/{id}": s.document,
		snapshotPath:     s.snapshot,
		"/v1/search":     s.searchAll,
		"/static/{name}": s.static,
	} {
		s.router.Handle(path, s.route(path, handle)).Methods(http.MethodGet, http.MethodHead)
	}
	const multi = "/v1/multi-search"
	s.router.Handle(multi, s.route(multi, s.multiSearch)).Methods(http.MethodPost)
	s.router.NotFoundHandler = s.route("none", func(*http.Request) (response, error) {
		return response{}, catalog.Errorf(catalog.CodeNotFound, "there is nothing at this address")
	})
	s.router.MethodNotAllowedHandler = s.route("none", func(r *http.Request) (response, error) {
		return response{}, catalog.Errorf(codeMethod, "this address answers %s only", s.allowed(r))
	})
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// allowOrigins lets pages of some other origins ask the API, as the Fetch standard
// has it.
func (s *Server) allowOrigins(next http.Handler) http.Handler {
	if len(s.origins) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if origin == "" || !slices.Contains(s.origins, origin) && !slices.Contains(s.origins, "*") {
			next.ServeHTTP(w, r)
			return
		}
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
			header.Set("Access-Control-Allow-Headers", "Content-Type, If-None-Match, X-Request-Id")
			header.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Drain makes /readyz fail from now on, so that no new requests are sent here
// while those under way are answered.
func (s *Server) Drain() { s.draining.Store(true) }

// live says that the process answers. It looks at nothing else: a restart would
// mend nothing else.
func (s *Server) live(*http.Request) (response, error) { return plain("ok\n"), nil }

// ready says whether every collection can be searched, and is fresh where that
// counts.
func (s *Server) ready(*http.Request) (response, error) {
	if s.draining.Load() {
		return response{}, catalog.Errorf(catalog.CodeUnavailable, "shutting down")
	}
	text := "ok\n"
	now := time.Now()
	for _, status := range s.store.Status() {
		name := status.Collection.Name
		if status.State != catalog.StateReady {
			return response{}, catalog.Errorf(catalog.CodeUnavailable, "collection %q is being indexed for the first time", name)
		}
		f := s.freshness(name)
		if !s.stale(f, now) {
			continue
		}
		if s.staleness.Fail {
			return response{}, catalog.Errorf(catalog.CodeUnavailable, "collection %q is not fresh: %s", name, behind(f, now))
		}
		text += fmt.Sprintf("stale: %s: %s\n", name, behind(f, now))
	}
	return plain(text), nil
}

// stale tells whether a copy may be further behind its source than it should be.
func (s *Server) stale(f catalog.Freshness, now time.Time) bool {
	if f.Mode == "" || s.staleness.Limit == 0 {
		return false
	}
	lag, known := f.Lag(now)
	return !known || lag > s.staleness.Limit
}

// behind says how old a copy may be.
func behind(f catalog.Freshness, now time.Time) string {
	lag, known := f.Lag(now)
	if !known {
		return "its source was not reached since the start"
	}
	return fmt.Sprintf("it is as the source was %s ago", lag.Round(time.Second))
}

// fixed answers with what never changes.
func (s *Server) fixed(kind string, data *[]byte) handler {
	return func(r *http.Request) (response, error) {
		if err := newParameters(r.URL.RawQuery).done(); err != nil {
			return response{}, err
		}
		return response{kind: kind, data: *data}, nil
	}
}

// Routes lists what the Server answers, as METHOD path; HEAD goes with GET.
func (s *Server) Routes() []string {
	var all []string
	err := s.router.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := route.GetMethods()
		for _, method := range methods {
			if method != http.MethodHead {
				all = append(all, method+" "+path)
			}
		}
		return err
	})
	if err != nil {
		panic(err) // every route has a path and methods
	}
	return all
}
