// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

// limits are generous, so that no test depends on time.
var limits = config.Limits{QueryTime: time.Minute, QueryBytes: 4096, BodyBytes: 4096, Searches: 8}

// fixture is a server over a store.
type fixture struct {
	server *web.Server
	store  catalog.Store
	log    *log
}

// A log may be read while it is written.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func serve(t testing.TB, store catalog.Store, change func(*web.Options)) fixture {
	t.Helper()
	f := fixture{store: store, log: new(log)}
	o := web.Options{
		Store: store, Limits: limits, Title: "Lupa", Version: "test",
		Log: slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&o)
	}
	var err error
	if f.server, err = web.New(o); err != nil {
		t.Fatal(err)
	}
	return f
}

// open has SQLite files with the animals and the books, and an empty collection.
func open(t testing.TB, collections ...catalog.Collection) catalog.Store {
	t.Helper()
	if collections == nil {
		collections = catalogtest.Collections
	}
	store, err := sqlitestore.Open(sqlitestore.Options{Dir: t.TempDir(), Collections: collections, Readers: 2, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, documents := range map[string][]catalog.Document{"animals": catalogtest.Animals, "books": catalogtest.Library} {
		for _, c := range collections {
			if c.Name == name {
				fill(t, store, name, documents)
			}
		}
	}
	return store
}

func fill(t testing.TB, store catalog.Store, collection string, documents []catalog.Document) {
	t.Helper()
	if err := store.Replace(context.Background(), collection, catalog.Mark{Fingerprint: "f"}, catalogtest.Fill(documents)); err != nil {
		t.Fatal(err)
	}
}

func filled(t testing.TB) fixture {
	t.Helper()
	return serve(t, open(t), nil)
}

func (f fixture) get(target string) *http.Response {
	return f.do(httptest.NewRequest(http.MethodGet, target, nil))
}

func (f fixture) do(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	f.server.ServeHTTP(recorder, r)
	return recorder.Result()
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// ask gets JSON and wants it to be there.
func ask[T any](t testing.TB, f fixture, target string) T {
	t.Helper()
	r := f.get(target)
	text := body(t, r)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d: %s", target, r.StatusCode, text)
	}
	var out T
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v in %s", target, err, text)
	}
	return out
}

// answer is what tests look at in an answer.
type answer struct {
	Collection, Query, Match, Cursor, Generation string
	DidYouMean                                   string `json:"did_you_mean"`
	Corrected                                    string `json:"corrected_query"`
	TotalRelation                                string `json:"total_relation"`
	TimedOut                                     bool   `json:"timed_out"`
	Truncated                                    bool
	Total, Limit, Offset                         int
	TookMS                                       *float64 `json:"took_ms"`
	Hits                                         []struct {
		Collection, ID string
		Score          float64
		Partial        bool
		Fields         map[string]any
		Snippets       map[string]string
		Explanation    map[string]any
	}
	Facets map[string]struct {
		Values []struct {
			Value any
			Count int
		}
		Other int
	}
}

// ids lists the hits.
func (a answer) ids() string {
	out := ""
	for _, h := range a.Hits {
		out += " " + h.ID
	}
	return out
}
