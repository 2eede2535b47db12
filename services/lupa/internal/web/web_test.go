// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

// fixture is a server over a store in memory.
type fixture struct {
	server *web.Server
	store  catalog.Store
	log    *bytes.Buffer
}

func newFixture(t *testing.T, store catalog.Store) fixture {
	t.Helper()
	log := new(bytes.Buffer)
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return fixture{web.New(web.Options{Store: store, QueryTime: time.Minute, Log: logger}), store, log}
}

// filled has the animals in its first collection, and an empty second one.
func filled(t *testing.T) fixture {
	t.Helper()
	store := catalogtest.NewMemory(catalogtest.Collections)
	if err := store.Replace(t.Context(), "animals", "f", catalogtest.Fill(catalogtest.Animals)); err != nil {
		t.Fatal(err)
	}
	return newFixture(t, store)
}

func (f fixture) get(t *testing.T, target string) *http.Response {
	t.Helper()
	return f.do(httptest.NewRequest(http.MethodGet, target, nil))
}

func (f fixture) do(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	f.server.ServeHTTP(recorder, r)
	return recorder.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSearch(t *testing.T) {
	f := filled(t)
	r := f.get(t, "/v1/search?q=song&limit=5")
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, type %q", r.StatusCode, r.Header.Get("Content-Type"))
	}
	var got map[string]any
	text := body(t, r)
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if took, ok := got["took_ms"].(float64); !ok || took < 0 {
		t.Errorf("took_ms = %v", got["took_ms"])
	}
	delete(got, "took_ms")
	want := map[string]any{
		"collection": "animals", "query": "song", "total": 1.0, "limit": 5.0, "offset": 0.0, "match": "all",
		"hits": []any{map[string]any{
			"id": "4", "score": 1.0,
			"fields":   map[string]any{"name": "canción", "about": "Spanish for <song> & not an animal"},
			"snippets": map[string]any{"name": "canción", "about": "Spanish for &lt;<mark>song</mark>&gt; &amp; not an animal"},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer differs (-want +got):\n%s", diff)
	}
}

func TestSearchParameters(t *testing.T) {
	f := filled(t)
	tests := []struct {
		target string
		status int
		code   string
		detail string // part of it
	}{
		{"/v1/search", 400, "invalid", "parameter q is missing"},
		{"/v1/search?q=dog&qq=1", 400, "invalid", `"qq"; known are q, collection, limit, offset`},
		{"/v1/search?q=dog&q=cat", 400, "invalid", "2 times"},
		{"/v1/search?q=dog&limit=101", 400, "invalid", "0 to 100"},
		{"/v1/search?q=dog&limit=-1", 400, "invalid", "0 to 100"},
		{"/v1/search?q=dog&limit=1e1", 400, "invalid", "0 to 100"},
		{"/v1/search?q=dog&offset=9991", 400, "invalid", "0 to 9990"},
		{"/v1/search?q=%zz", 400, "invalid", "escaped"},
		{"/v1/search?q=dog&collection=plants", 404, "not_found", `"plants"`},
		{"/v1/search?q=dog&collection=empty-yet", 503, "unavailable", "empty"},
		{"/v1/collections?x=1", 400, "invalid", "no parameters"},
		{"/?nope=1", 400, "invalid", `"nope"`},
		{"/nowhere", 404, "not_found", "nothing at this address"},
		{"/static/none.css", 404, "not_found", "none.css"},
		{"/v1/search?q=dog", 200, "", ""},
		{"/v1/search?q=", 200, "", ""},
		{"/v1/search?q=dog&limit=0", 200, "", ""},
		{"/v1/search?q=dog&limit=10&offset=9990", 200, "", ""},
		{"/v1/search?q=%ff%00", 200, "", ""},
	}
	for _, test := range tests {
		r := f.get(t, test.target)
		text := body(t, r)
		if r.StatusCode != test.status {
			t.Errorf("%s: status %d, want %d: %s", test.target, r.StatusCode, test.status, text)
			continue
		}
		if test.status == http.StatusOK {
			continue
		}
		var problem struct{ Type, Title, Detail, Code, RequestID string }
		if err := json.Unmarshal([]byte(strings.ReplaceAll(text, "request_id", "RequestID")), &problem); err != nil {
			t.Errorf("%s: %v in %s", test.target, err, text)
			continue
		}
		if r.Header.Get("Content-Type") != "application/problem+json" || problem.Code != test.code ||
			problem.Type != "urn:lupa:problem:"+test.code || !strings.Contains(problem.Detail, test.detail) ||
			problem.RequestID != r.Header.Get("X-Request-Id") {
			t.Errorf("%s: %s", test.target, text)
		}
		if (r.Header.Get("Retry-After") != "") != (test.status == http.StatusServiceUnavailable) {
			t.Errorf("%s: Retry-After %q", test.target, r.Header.Get("Retry-After"))
		}
	}
}

func TestCollections(t *testing.T) {
	var got struct {
		Collections []struct {
			Name, State, Generation string
			Documents               int
			Fields                  []struct {
				Name   string
				Weight float64
			}
		}
	}
	if err := json.Unmarshal([]byte(body(t, filled(t).get(t, "/v1/collections"))), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Collections
	if len(c) != 2 || c[0].Name != "animals" || c[0].State != "ready" || c[0].Documents != len(catalogtest.Animals) ||
		c[0].Fields[0].Weight != 4 || c[1].State != "empty" || c[1].Generation != "" {
		t.Errorf("collections = %+v", got)
	}
}

func TestMethods(t *testing.T) {
	f := filled(t)
	r := f.do(httptest.NewRequest(http.MethodPost, "/v1/search?q=dog", nil))
	if r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: status %d, Allow %q", r.StatusCode, r.Header.Get("Allow"))
	}
	head := f.do(httptest.NewRequest(http.MethodHead, "/v1/search?q=dog", nil))
	if text := body(t, head); head.StatusCode != http.StatusOK || text != "" || head.ContentLength <= 0 {
		t.Errorf("HEAD: status %d, %d bytes, body %q", head.StatusCode, head.ContentLength, text)
	}
}

func TestReadiness(t *testing.T) {
	f := filled(t)
	if r := f.get(t, "/readyz"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz with an empty collection: %d", r.StatusCode)
	}
	if r := f.get(t, "/livez"); r.StatusCode != http.StatusOK {
		t.Errorf("livez: %d", r.StatusCode)
	}
	if err := f.store.Replace(t.Context(), "empty-yet", "f", catalogtest.Fill(nil)); err != nil {
		t.Fatal(err)
	}
	if r := f.get(t, "/readyz"); r.StatusCode != http.StatusOK || body(t, r) != "ok\n" {
		t.Errorf("readyz: %d", r.StatusCode)
	}
	f.server.Drain()
	if r := f.get(t, "/readyz"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz while draining: %d", r.StatusCode)
	}
	if r := f.get(t, "/v1/search?q=dog"); r.StatusCode != http.StatusOK {
		t.Errorf("search while draining: %d", r.StatusCode)
	}
}

func TestPage(t *testing.T) {
	f := filled(t)
	tests := []struct {
		target string
		want   []string
		absent []string
	}{
		{"/", []string{"<title>Lupa</title>", " autofocus>", `class="welcome"`, `<option selected>animals</option>`}, []string{"Nothing found"}},
		{"/?q=dog", []string{"<title>dog – Lupa</title>", `value="dog"`, "1–2 of 2", "<h2><mark>dog</mark></h2>"}, []string{"welcome", "<nav"}},
		{"/?q=barks+purrs", []string{"No document has all the words"}, nil},
		{"/?q=nowhere", []string{"Nothing found"}, nil},
		{"/?q=animal&limit=1", []string{"1–1 of 4", `<a rel="next" href="/?collection=animals&amp;limit=1&amp;offset=1&amp;q=animal">`}, []string{`rel="prev"`}},
		{"/?q=animal&limit=1&offset=3", []string{"4–4 of 4", `rel="prev"`}, []string{`rel="next"`}},
		{"/?q=animal&offset=50", []string{"4 found, none on this page", `rel="prev"`}, nil},
		{"/?q=dog&collection=empty-yet", []string{`role="alert"`, "empty"}, nil},
		{"/?q=song", []string{"&lt;<mark>song</mark>&gt; &amp; not"}, []string{"<song>"}},
		{
			`/?q=` + url.QueryEscape(`"><script>alert(1)</script>`),
			[]string{"&#34;&gt;&lt;script&gt;", "<title>&#34;&gt;"},
			[]string{"<script"},
		},
		{"/?q=" + strings.Repeat("x+y", 1000), []string{"The query is too long"}, nil},
	}
	for _, test := range tests {
		r := f.get(t, test.target)
		text := body(t, r)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%.60s: status %d, type %q", test.target, r.StatusCode, r.Header.Get("Content-Type"))
		}
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%.60s lacks %q:\n%s", test.target, want, text)
			}
		}
		for _, absent := range test.absent {
			if strings.Contains(text, absent) {
				t.Errorf("%.60s has %q:\n%s", test.target, absent, text)
			}
		}
	}
}

func TestStaticFilesAndHeaders(t *testing.T) {
	f := filled(t)
	for target, kind := range map[string]string{"/static/style.css": "text/css; charset=utf-8", "/static/icon.svg": "image/svg+xml"} {
		r := f.get(t, target)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != kind || len(body(t, r)) < 100 {
			t.Errorf("%s: status %d, type %q", target, r.StatusCode, r.Header.Get("Content-Type"))
		}
	}
	header := f.get(t, "/").Header
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
		if got := header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if policy := header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy = %q", policy)
	}
}

// A failing store has Search replaced.
type failing struct {
	catalog.Store
	search func(context.Context) (catalog.Answer, error)
}

func (f failing) Search(ctx context.Context, _ string, _ catalog.Request) (catalog.Answer, error) {
	return f.search(ctx)
}

func TestFailures(t *testing.T) {
	tests := map[string]struct {
		search func(context.Context) (catalog.Answer, error)
		status int
		logged string
	}{
		"error": {func(context.Context) (catalog.Answer, error) { return catalog.Answer{}, errors.New("secret path") }, 500, "secret path"},
		"panic": {func(context.Context) (catalog.Answer, error) { panic("secret panic") }, 500, "secret panic"},
		"timeout": {func(context.Context) (catalog.Answer, error) {
			return catalog.Answer{}, catalog.Errorf(catalog.CodeTimeout, "too slow")
		}, 503, "too slow"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, failing{catalogtest.NewMemory(catalogtest.Collections), test.search})
			r := f.get(t, "/v1/search?q=very+private")
			text := body(t, r)
			if r.StatusCode != test.status || strings.Contains(text, "secret") {
				t.Errorf("status %d: %s", r.StatusCode, text)
			}
			if log := f.log.String(); !strings.Contains(log, test.logged) || strings.Contains(log, "private") {
				t.Errorf("log = %s, want the cause and not what was searched for", log)
			}
		})
	}
}

func TestSearchHasATimeLimit(t *testing.T) {
	var remaining time.Duration
	store := failing{catalogtest.NewMemory(catalogtest.Collections), func(ctx context.Context) (catalog.Answer, error) {
		deadline, ok := ctx.Deadline()
		if !ok {
			return catalog.Answer{}, errors.New("no deadline")
		}
		remaining = time.Until(deadline)
		return catalog.Answer{}, nil
	}}
	if r := newFixture(t, store).get(t, "/v1/search?q=x"); r.StatusCode != http.StatusOK {
		t.Fatalf("status %d", r.StatusCode)
	}
	if remaining <= 0 || remaining > time.Minute {
		t.Errorf("time left = %v, want up to a minute", remaining)
	}
}
