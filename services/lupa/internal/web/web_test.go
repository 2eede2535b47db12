// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

func TestSearch(t *testing.T) {
	f := filled(t)
	r := f.get("/v1/collections/animals/search?q=song&limit=5")
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, type %q", r.StatusCode, r.Header.Get("Content-Type"))
	}
	var got map[string]any
	text := body(t, r)
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	hit := got["hits"].([]any)[0].(map[string]any)
	if took, ok := got["took_ms"].(float64); !ok || took < 0 {
		t.Errorf("took_ms = %v", got["took_ms"])
	}
	if score, ok := hit["score"].(float64); !ok || score <= 0 {
		t.Errorf("score = %v", hit["score"])
	}
	delete(got, "took_ms")
	delete(hit, "score")
	want := map[string]any{
		"collection": "animals", "query": "song", "total": 1.0, "total_relation": "eq", "limit": 5.0, "offset": 0.0, "generation": "gen-000001.db",
		"hits": []any{map[string]any{
			"collection": "animals", "id": "4",
			"fields":   map[string]any{"name": "canción", "about": "Spanish for <song> & not an animal"},
			"snippets": map[string]any{"name": "canción", "about": "Spanish for &lt;<mark>song</mark>&gt; &amp; not an animal"},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer differs (-want +got):\n%s", diff)
	}
}

func TestSearchWithEverything(t *testing.T) {
	f := filled(t)
	a := ask[answer](t, f, "/v1/collections/books/search?q=mar&filter=pages:>=100&filter=-tags:novela&sort=pages:desc&facets=tags,lent&facet_limit=1&snippet_words=2&explain=true")
	if a.ids() != " b a" || a.Total != 2 {
		t.Errorf("hits are%s of %d", a.ids(), a.Total)
	}
	want := map[string]any{"title": "Otras canciones", "text": "muchas canciones del mar y de la tierra", "tags": []any{"poesía"}, "pages": 250.0, "lent": true, "printed": "1950-01-01T00:00:00Z"}
	if diff := cmp.Diff(want, a.Hits[0].Fields); diff != "" {
		t.Errorf("fields differ (-want +got):\n%s", diff)
	}
	if got := a.Hits[0].Snippets["text"]; got != "…del <mark>mar</mark>…" && got != "…<mark>mar</mark> y…" {
		t.Errorf("snippet is %q, want two words", got)
	}
	if tags := a.Facets["tags"]; len(tags.Values) != 1 || tags.Other != 2 || tags.Values[0].Value != "mar" {
		t.Errorf("facet tags is %+v", tags)
	}
	if lent := a.Facets["lent"]; len(lent.Values) != 1 || lent.Values[0].Value != false && lent.Values[0].Value != true {
		t.Errorf("facet lent is %+v", lent)
	}
	a = ask[answer](t, f, "/v1/collections/books/search?q=mar&explain=true&match=any&typing=true")
	if len(a.Hits) != 4 || a.Hits[0].Explanation["terms"] == nil {
		t.Errorf("%d hits, explanation %v", len(a.Hits), a.Hits[0].Explanation)
	}
}

func TestSearchAllCollections(t *testing.T) {
	f := serve(t, open(t, catalogtest.Collections[0], catalogtest.Books), nil)
	a := ask[answer](t, f, "/v1/search?q=cancion")
	if a.Collection != "" || a.Total != 3 || len(a.Hits) != 3 {
		t.Fatalf("%+v", a)
	}
	seen := map[string]int{}
	for i, h := range a.Hits {
		seen[h.Collection]++
		if i > 0 && h.Score > a.Hits[i-1].Score {
			t.Errorf("hit %d has a higher score than the one before", i)
		}
	}
	if seen["animals"] != 1 || seen["books"] != 2 {
		t.Errorf("hits are of %v", seen)
	}
	first := ask[answer](t, f, "/v1/search?q=cancion&limit=1")
	second := ask[answer](t, f, "/v1/search?q=cancion&limit=2&offset=1")
	if got := first.ids() + second.ids(); got != a.ids() || second.Total != 3 {
		t.Errorf("pages are%s, want%s", got, a.ids())
	}
	if one := ask[answer](t, f, "/v1/search?q=cancion&collection=books"); one.Collection != "books" || one.Total != 2 {
		t.Errorf("of one collection: %+v", one)
	}
}

func TestPagingByCursor(t *testing.T) {
	f := filled(t)
	whole := ask[answer](t, f, "/v1/collections/books/search?q=mar")
	got, cursor := "", ""
	for range 10 {
		a := ask[answer](t, f, "/v1/collections/books/search?q=mar&limit=1&cursor="+url.QueryEscape(cursor))
		got += a.ids()
		if cursor = a.Cursor; cursor == "" {
			break
		}
	}
	if got != whole.ids() {
		t.Errorf("pages are%s, want%s", got, whole.ids())
	}
}

func TestSpelling(t *testing.T) {
	f := filled(t)
	if a := ask[answer](t, f, "/v1/collections/books/search?q=novela+marinreo"); a.DidYouMean != "" || a.Corrected != "novela marinero" || a.Total != 2 {
		t.Errorf("%+v", a)
	}
	if a := ask[answer](t, f, "/v1/collections/books/search?q=marinreo,"); a.DidYouMean != "" || a.Corrected != "marinero," || a.Total != 1 {
		t.Errorf("%+v", a)
	}
}

func TestSuggest(t *testing.T) {
	f := filled(t)
	got := ask[map[string]any](t, f, "/v1/collections/books/suggest?q=una+cas&limit=3")
	want := map[string]any{"query": "una cas", "suggestions": []any{map[string]any{"text": "una casa", "documents": 1.0}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("suggestions differ (-want +got):\n%s", diff)
	}
	if got := ask[map[string]any](t, f, "/v1/collections/books/suggest"); len(got["suggestions"].([]any)) != 0 {
		t.Errorf("suggestions for nothing are %v", got)
	}
}

func TestDocument(t *testing.T) {
	store := open(t)
	id := "a/b c?%2F"
	fill(t, store, "empty-yet", []catalog.Document{{ID: id, Values: []catalog.Value{catalog.TextValue("x")}}})
	got := ask[map[string]any](t, serve(t, store, nil), "/v1/collections/empty-yet/documents/"+url.PathEscape(id))
	want := map[string]any{"collection": "empty-yet", "id": id, "fields": map[string]any{"text": "x"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document differs (-want +got):\n%s", diff)
	}
}

// post sends JSON.
func post(f fixture, target, kind, text string) *http.Response {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(text))
	r.Header.Set("Content-Type", kind)
	return f.do(r)
}

func TestMultiSearch(t *testing.T) {
	f := filled(t)
	r := post(f, "/v1/multi-search", "application/json; charset=utf-8", `{"searches":[
		{"collection":"animals","q":"song"}, {"collection":"books","q":"mar","filter":["lent:true"],"limit":1}, {"collection":"nowhere"},
		{"collection":"books","filter":["none:1"]}]}`)
	text := body(t, r)
	var out struct{ Results []map[string]any }
	if err := json.Unmarshal([]byte(text), &out); err != nil || r.StatusCode != http.StatusOK || len(out.Results) != 4 {
		t.Fatalf("status %d, %v: %s", r.StatusCode, err, text)
	}
	if out.Results[0]["total"] != 1.0 || out.Results[1]["total"] != 2.0 || out.Results[2]["status"] != 404.0 || out.Results[3]["code"] != "invalid" {
		t.Errorf("results are %v", out.Results)
	}
}

// TestErrors has what clients do wrong: each must be a problem that says what.
func TestErrors(t *testing.T) {
	f := filled(t)
	search := "/v1/collections/books/search?"
	tests := []struct {
		target string
		status int
		code   string
		detail string // part of it
	}{
		{"/v1/search", 400, "invalid", "parameter q is missing"},
		{"/v1/search?q=dog&qq=1", 400, "invalid", `"qq"; known are collection, q, match`},
		{"/v1/search?q=dog&q=cat", 400, "invalid", "2 times"},
		{search + "limit=1001", 400, "invalid", "0 to 1000"},
		{search + "limit=-1", 400, "invalid", "0 to 1000"},
		{search + "limit=1e1", 400, "invalid", "whole number"},
		{search + "offset=9991", 400, "invalid", "0 to 9990"},
		{search + "q=%zz", 400, "invalid", "escaped"},
		{search + "q=" + strings.Repeat("x", 4097), 400, "invalid", "4097 bytes; at most 4096"},
		{search + "match=some", 400, "invalid", "all or any"},
		{search + "explain=yes", 400, "invalid", "true or false"},
		{search + "snippet_words=0", 400, "invalid", "1 to 200"},
		{search + "facet_limit=1001", 400, "invalid", "0 to 1000"},
		{search + "cursor=x", 400, "invalid", "none that was handed out"},
		{search + "cursor=x&offset=1", 400, "invalid", "exclude each other"},
		{search + "filter=tags", 400, "invalid", "FIELD:VALUE"},
		{search + "filter=title:x", 400, "invalid", `no field "title" for that; there are tags, pages, lent, printed`},
		{search + "filter=pages:many", 400, "invalid", `"many" is no number`},
		{search + "filter=lent:perhaps", 400, "invalid", `"perhaps" is no bool`},
		{search + "filter=printed:yesterday", 400, "invalid", `"yesterday" is no time`},
		{search + "filter=tags:" + strings.Repeat("a,", 300), 400, "invalid", "256 are allowed"},
		{search + strings.Repeat("&filter=tags:a", 33), 400, "invalid", "at most 32"},
		{search + "sort=tags:up", 400, "invalid", "asc or desc"},
		{search + "facets=text", 400, "invalid", "facets"},
		{"/v1/search?q=a&filter=tags:a", 400, "invalid", "for one collection"},
		{"/v1/search?q=dog&collection=plants", 404, "not_found", `"plants"`},
		{"/v1/collections/plants/search", 404, "not_found", `"plants"`},
		{"/v1/collections/plants", 404, "not_found", `"plants"`},
		{"/v1/collections/plants/suggest?q=a", 404, "not_found", `"plants"`},
		{"/v1/collections/books/suggest?limit=33", 400, "invalid", "0 to 32"},
		{"/v1/collections/books/suggest?q=" + strings.Repeat("x", 5000), 400, "invalid", "at most"},
		{"/v1/collections/books/documents/none", 404, "not_found", `"none"`},
		{"/v1/collections/empty-yet/search?q=dog", 503, "unavailable", "first time"},
		{"/v1/collections/empty-yet/suggest?q=dog", 503, "unavailable", "first time"},
		{"/v1/collections/empty-yet/documents/1", 503, "unavailable", "first time"},
		{"/v1/search?q=dog", 503, "unavailable", "empty-yet"},
		{"/v1/collections?x=1", 400, "invalid", "no parameters"},
		{"/?nope=1", 400, "invalid", `"nope"`},
		{"/?collection=none", 404, "not_found", `"none"`},
		{"/nowhere", 404, "not_found", "nothing at this address"},
		{"/static/none.css", 404, "not_found", "none.css"},
		{"/static/..%2fui.go", 404, "not_found", "ui.go"},
	}
	for _, test := range tests {
		r := f.get(test.target)
		wantProblem(t, test.target, r, test.status, test.code, test.detail)
		if (r.Header.Get("Retry-After") != "") != (test.status == http.StatusServiceUnavailable) {
			t.Errorf("%.80s: Retry-After %q", test.target, r.Header.Get("Retry-After"))
		}
	}
	multi := "/v1/multi-search"
	for _, test := range []struct {
		kind, text string
		status     int
		code       string
		detail     string
	}{
		{"text/plain", `{}`, 415, "unsupported_media_type", "application/json"},
		{"application/json", `{`, 400, "invalid", "not the JSON"},
		{"application/json", `{"searches":[]}`, 400, "invalid", "1 to 20"},
		{"application/json", `{"searches":[` + strings.Repeat("{},", 20) + `{}]}`, 400, "invalid", "1 to 20"},
		{"application/json", `{"searches":[{"qq":""}]}`, 400, "invalid", `"qq"`},
		{"application/json", `{"searches":[{}]} {}`, 400, "invalid", "more follows"},
		{"application/json", `{"searches":[{"q":"` + strings.Repeat("x", 5000) + `"}]}`, 413, "too_large", "4096"},
	} {
		wantProblem(t, test.text, post(f, multi, test.kind, test.text), test.status, test.code, test.detail)
	}
	wantProblem(t, "parameters", post(f, multi+"?x=1", "application/json", "{}"), 400, "invalid", "no parameters")
}

func wantProblem(t *testing.T, what string, r *http.Response, status int, code, detail string) {
	t.Helper()
	text := body(t, r)
	var problem struct {
		Type, Title, Detail, Code string
		Status                    int
		RequestID                 string `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(text), &problem); err != nil {
		t.Errorf("%.80s: %v in %s", what, err, text)
		return
	}
	if r.StatusCode != status || problem.Status != status || r.Header.Get("Content-Type") != "application/problem+json" || problem.Code != code ||
		problem.Type != "urn:lupa:problem:"+code || !strings.Contains(problem.Detail, detail) ||
		problem.RequestID == "" || problem.RequestID != r.Header.Get("X-Request-Id") || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%.80s: status %d: %s; want %d, %q with %q", what, r.StatusCode, text, status, code, detail)
	}
}

// TestWorksInAnyCase has what must not be refused.
func TestWorksInAnyCase(t *testing.T) {
	f := filled(t)
	for _, target := range []string{
		"?q=dog", "?q=", "", "?q=dog&limit=0", "?q=dog&limit=10&offset=9990", "?q=%ff%00", "?filter=&sort=&facets=", "?limit=1000", "?q=a&match=all", "?typing=true&q=d",
	} {
		if r := f.get("/v1/collections/animals/search" + target); r.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d: %s", target, r.StatusCode, body(t, r))
		}
	}
}

func TestCollections(t *testing.T) {
	f := filled(t)
	var got struct {
		Collections []struct {
			Name, State, Generation, Language, Tokenizer string
			Documents                                    int
			AgeSeconds                                   *float64 `json:"age_seconds"`
			Fields                                       []struct {
				Name, Type string
				Weight     float64
				Searched   bool
			}
		}
	}
	if err := json.Unmarshal([]byte(body(t, f.get("/v1/collections"))), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Collections
	if len(c) != 3 || c[0].Name != "animals" || c[0].State != "ready" || c[0].Documents != len(catalogtest.Animals) || *c[0].AgeSeconds < 0 ||
		c[0].Fields[0].Weight != 4 || c[1].State != "empty" || c[1].Generation != "" || c[1].AgeSeconds != nil || c[2].Language != "es" || c[2].Tokenizer != "unicode61" {
		t.Errorf("collections = %+v", got)
	}
	if n := len(c[2].Fields); n != len(catalogtest.Books.Fields)-1 {
		t.Errorf("books show %d fields; the hidden one should be missing", n)
	}
	if one := ask[map[string]any](t, f, "/v1/collections/books"); one["name"] != "books" || one["documents"] != 4.0 {
		t.Errorf("books = %v", one)
	}
}

func TestMethods(t *testing.T) {
	f := filled(t)
	r := f.do(httptest.NewRequest(http.MethodPost, "/v1/search?q=dog", nil))
	if r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: Allow %q", r.Header.Get("Allow"))
	}
	wantProblem(t, "POST", r, http.StatusMethodNotAllowed, "method_not_allowed", "GET, HEAD")
	if r := f.get("/v1/multi-search"); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "POST" {
		t.Errorf("GET: status %d, Allow %q", r.StatusCode, r.Header.Get("Allow"))
	}
	head := f.do(httptest.NewRequest(http.MethodHead, "/v1/collections/animals/search?q=dog", nil))
	if text := body(t, head); head.StatusCode != http.StatusOK || text != "" || head.ContentLength <= 0 {
		t.Errorf("HEAD: status %d, %d bytes, body %q", head.StatusCode, head.ContentLength, text)
	}
}

func TestReadiness(t *testing.T) {
	f := filled(t)
	if r := f.get("/readyz"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz with an empty collection: %d", r.StatusCode)
	}
	if r := f.get("/livez"); r.StatusCode != http.StatusOK {
		t.Errorf("livez: %d", r.StatusCode)
	}
	fill(t, f.store, "empty-yet", nil)
	if r := f.get("/readyz"); r.StatusCode != http.StatusOK || body(t, r) != "ok\n" {
		t.Errorf("readyz: %d", r.StatusCode)
	}
	f.server.Drain()
	if r := f.get("/readyz"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz while draining: %d", r.StatusCode)
	}
	if r := f.get("/v1/search?q=dog"); r.StatusCode != http.StatusOK {
		t.Errorf("search while draining: %d", r.StatusCode)
	}
}

// TestTags wants an answer to be kept until the index changes.
func TestTags(t *testing.T) {
	f := filled(t)
	for _, target := range []string{"/v1/collections/animals/search?q=dog", "/v1/collections/animals/suggest?q=do", "/v1/collections/animals/documents/1", "/?q=dog", "/static/style.css"} {
		first := f.get(target)
		tag := first.Header.Get("ETag")
		if tag == "" || first.Header.Get("Cache-Control") != "private, max-age=0, must-revalidate" {
			t.Errorf("%s: ETag %q, Cache-Control %q", target, tag, first.Header.Get("Cache-Control"))
		}
		again := func() *http.Response {
			r := httptest.NewRequest(http.MethodGet, target, nil)
			r.Header.Set("If-None-Match", `"other", `+tag)
			return f.do(r)
		}
		if r := again(); r.StatusCode != http.StatusNotModified || body(t, r) != "" || r.Header.Get("ETag") != tag {
			t.Errorf("%s: status %d with a tag that holds", target, r.StatusCode)
		}
		if strings.HasPrefix(target, "/static") {
			continue
		}
		fill(t, f.store, "animals", catalogtest.Animals)
		if r := again(); r.StatusCode != http.StatusOK || r.Header.Get("ETag") == tag {
			t.Errorf("%s: status %d, tag %q after the index changed", target, r.StatusCode, r.Header.Get("ETag"))
		}
	}
	if f.get("/v1/collections/animals/search?q=dog").Header.Get("ETag") == f.get("/v1/collections/animals/search?q=cat").Header.Get("ETag") {
		t.Error("two searches have one tag")
	}
}

func TestCompression(t *testing.T) {
	f := filled(t)
	plain := body(t, f.get("/openapi.json"))
	for encoding, open := range map[string]func(io.Reader) (io.Reader, error){
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
	} {
		r := httptest.NewRequest(http.MethodGet, "/openapi.json", nil)
		r.Header.Set("Accept-Encoding", encoding)
		answer := f.do(r)
		if got := answer.Header.Get("Content-Encoding"); got != encoding {
			t.Errorf("encoding is %q, want %q", got, encoding)
			continue
		}
		packed := body(t, answer)
		reader, err := open(strings.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(reader)
		if err != nil || string(data) != plain || len(packed) > len(plain)/2 {
			t.Errorf("%s: %d bytes of %d, %v", encoding, len(packed), len(plain), err)
		}
		if !strings.Contains(strings.Join(answer.Header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: Vary is %q", encoding, answer.Header.Values("Vary"))
		}
	}
}

func TestOrigins(t *testing.T) {
	from := func(f fixture, method, origin string) http.Header {
		r := httptest.NewRequest(method, "/v1/collections/animals/search?q=dog", nil)
		r.Header.Set("Origin", origin)
		if method == http.MethodOptions {
			r.Header.Set("Access-Control-Request-Method", "GET")
		}
		return f.do(r).Header
	}
	const allow = "Access-Control-Allow-Origin"
	if got := from(filled(t), http.MethodGet, "https://a.example").Get(allow); got != "" {
		t.Errorf("by default %s is %q", allow, got)
	}
	some := serve(t, open(t), func(o *web.Options) { o.Origins = []string{"https://a.example"} })
	if got := from(some, http.MethodGet, "https://a.example"); got.Get(allow) != "https://a.example" || !strings.Contains(got.Get("Vary")+got.Values("Vary")[0], "Origin") {
		t.Errorf("headers for an allowed origin are %v", got)
	}
	if got := from(some, http.MethodGet, "https://b.example").Get(allow); got != "" {
		t.Errorf("another origin gets %q", got)
	}
	if got := from(some, http.MethodOptions, "https://a.example"); got.Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("headers of a preflight are %v", got)
	}
	all := serve(t, open(t), func(o *web.Options) { o.Origins = []string{"*"} })
	if got := from(all, http.MethodGet, "https://c.example").Get(allow); got != "https://c.example" {
		t.Errorf("with * an origin gets %q", got)
	}
}

func TestRequestID(t *testing.T) {
	f := filled(t)
	for given, kept := range map[string]bool{"0123abcd-ef.01_2": true, "short": false, "with space 12": false, strings.Repeat("x", 65): false, "": false} {
		r := httptest.NewRequest(http.MethodGet, "/livez", nil)
		r.Header.Set("X-Request-Id", given)
		got := f.do(r).Header.Get("X-Request-Id")
		if (got == given) != kept || len(got) < 8 {
			t.Errorf("request id %q becomes %q", given, got)
		}
	}
}

func TestMetrics(t *testing.T) {
	f := filled(t)
	f.get("/v1/collections/animals/search?q=dog")
	f.get("/v1/collections/animals/search?limit=x")
	f.get("/private%20words")
	text := body(t, f.get("/metrics"))
	for _, want := range []string{
		`lupa_http_request_duration_seconds_count{method="GET",route="/v1/collections/{collection}/search",status="200"} 1`,
		`lupa_http_request_duration_seconds_count{method="GET",route="/v1/collections/{collection}/search",status="400"} 1`,
		`lupa_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1`,
		`lupa_search_duration_seconds_count{collection="animals"} 1`, "lupa_searches_rejected_total 0",
		`lupa_collection_documents{collection="animals"} 5`, `lupa_collection_ready{collection="empty-yet"} 0`, "go_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(text, "private") {
		t.Error("metrics have what a user wrote")
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("Prometheus cannot read it: %v", err)
	}
	for name, family := range families {
		if strings.HasPrefix(name, "lupa_") && (family.GetHelp() == "" || family.GetType() == dto.MetricType_UNTYPED) {
			t.Errorf("%s has help %q and type %v", name, family.GetHelp(), family.GetType())
		}
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
	store := open(t)
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
			f := serve(t, failing{store, test.search}, nil)
			for _, r := range []*http.Response{
				f.get("/v1/collections/animals/search?q=very+private"),
				post(f, "/v1/multi-search", "application/json", `{"searches":[{"collection":"animals","q":"very private"}]}`),
			} {
				text := body(t, r)
				if r.StatusCode != test.status && !(test.status == 503 && strings.Contains(text, `"status":503`)) || strings.Contains(text, "secret") {
					t.Errorf("status %d: %s", r.StatusCode, text)
				}
			}
			if log := f.log.String(); !strings.Contains(log, test.logged) || strings.Contains(log, "private") {
				t.Errorf("log = %s, want the cause and not what was searched for", log)
			}
		})
	}
}

// TestSearchesAreLimited has one search waiting for ever: the next one is refused
// when its time is up.
func TestSearchesAreLimited(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	store := failing{open(t), func(ctx context.Context) (catalog.Answer, error) {
		if _, ok := ctx.Deadline(); !ok {
			return catalog.Answer{}, errors.New("no deadline")
		}
		started <- struct{}{}
		<-release
		return catalog.Answer{TimedOut: true, Relation: catalog.AtLeast}, nil
	}}
	f := serve(t, store, func(o *web.Options) {
		o.Limits.Searches, o.Limits.QueryTime, o.Limits.SlowQuery = 1, time.Millisecond, time.Nanosecond
	})
	done := make(chan *http.Response)
	go func() { done <- f.get("/v1/collections/animals/search?q=private") }()
	<-started
	wantProblem(t, "one too many", f.get("/v1/collections/animals/search?q=x"), 503, "unavailable", "1 searches are under way")
	close(release)
	r := <-done
	if text := body(t, r); r.StatusCode != http.StatusOK || !strings.Contains(text, `"timed_out":true`) || r.Header.Get("ETag") != "" || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a search that was cut off: %d %v %s", r.StatusCode, r.Header, text)
	}
	if log := f.log.String(); !strings.Contains(log, "slow search") || strings.Contains(log, "private") {
		t.Errorf("log = %s, want the slow search and not its words", log)
	}
}

func TestPage(t *testing.T) {
	f := filled(t)
	tests := []struct {
		target string
		want   []string
		absent []string
	}{
		{"/", []string{"<title>Lupa</title>", " autofocus", `class="welcome"`, `<option value="animals" selected>animals</option>`}, []string{"Nothing found"}},
		{"/?q=dog", []string{"<title>dog – Lupa</title>", `value="dog"`, "1–2 of 2", `<a href="/v1/collections/animals/documents/1"><mark>dog</mark></a>`}, []string{"welcome", `class="pages"`}},
		{"/?q=barks+purrs", []string{"Few documents have all the words"}, nil},
		{"/?q=nowhere", []string{"Nothing found"}, nil},
		{"/?q=animal&limit=1", []string{"1–1 of 4", `<a rel="next" href="/?limit=1&amp;offset=1&amp;q=animal">`}, []string{`rel="prev"`}},
		{"/?q=animal&limit=1&offset=3", []string{"4–4 of 4", `rel="prev"`}, []string{`rel="next"`}},
		{"/?q=animal&offset=50", []string{"4 found, none on this page", `rel="prev"`}, nil},
		{"/?q=dog&collection=empty-yet", []string{`role="alert"`, "first time"}, nil},
		{"/?q=song", []string{"&lt;", "<mark>song</mark>", "&gt; &amp; not"}, []string{"<song>"}},
		{
			"/?q=mar&collection=books&filter=tags:mar",
			[]string{`<h2>tags</h2>`, `aria-current="true"`, "collection=books&amp;filter=tags%3Anovela&amp;q=mar", "Clear filters", `name="filter" value="tags:mar"`, `<option value="pages:desc">`, "poesía"},
			[]string{"sold"},
		},
		{"/?collection=books&filter=lent:true", []string{"1–2 of 2"}, nil},
		{"/?q=novela+marinreo&collection=books", []string{"this is for <strong>novela marinero</strong>"}, nil},
		{"/?q=marinreo,&collection=books", []string{"this is for <strong>marinero,</strong>"}, nil},
		{
			`/?q=` + url.QueryEscape(`"><script>alert(1)</script>`),
			[]string{"&#34;&gt;&lt;script&gt;", "<title>&#34;&gt;"},
			[]string{"<script>"},
		},
		{"/?q=" + strings.Repeat("x+y", 1000), []string{"Nothing found"}, nil},
	}
	for _, test := range tests {
		r := f.get(test.target)
		text := strings.Join(strings.Fields(body(t, r)), " ")
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
	for target, kind := range map[string]string{
		"/static/style.css": "text/css; charset=utf-8", "/static/icon.svg": "image/svg+xml", "/static/app.js": "text/javascript; charset=utf-8", "/static/theme.css": "text/css; charset=utf-8",
	} {
		r := f.get(target)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != kind || len(body(t, r)) < 50 {
			t.Errorf("%s: status %d, type %q", target, r.StatusCode, r.Header.Get("Content-Type"))
		}
	}
	header := f.get("/").Header
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
		if got := header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if policy := header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy = %q", policy)
	}
}

func TestOwnAssets(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"theme.css": "body{color:red}", "logo.svg": "<svg/>", ".secret.css": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f := serve(t, open(t), func(o *web.Options) { o.Assets, o.Title = dir, "Find <it>" })
	for name, want := range map[string]string{"theme.css": "body{color:red}", "logo.svg": "<svg/>"} {
		if got := body(t, f.get("/static/"+name)); got != want {
			t.Errorf("%s is %q, want the folder's", name, got)
		}
	}
	if r := f.get("/static/style.css"); r.StatusCode != http.StatusOK {
		t.Errorf("style.css: status %d, want the built-in one", r.StatusCode)
	}
	if r := f.get("/static/.secret.css"); r.StatusCode != http.StatusNotFound {
		t.Errorf("a hidden file: status %d", r.StatusCode)
	}
	if text := body(t, f.get("/")); !strings.Contains(text, "Find &lt;it&gt;") {
		t.Errorf("the page has another title:\n%s", text)
	}
}

func TestConfigSchema(t *testing.T) {
	schema := ask[map[string]any](t, filled(t), "/config.schema.json")
	if schema["$schema"] == nil || schema["properties"] == nil {
		t.Errorf("schema is %v", schema)
	}
}

// TestAnswersAreOneLine keeps logs and pipes readable.
func TestAnswersAreOneLine(t *testing.T) {
	text := body(t, filled(t).get("/v1/collections"))
	if !strings.HasSuffix(text, "}\n") || bytes.Count([]byte(text), []byte("\n")) != 1 {
		t.Errorf("the answer is %q", fmt.Sprintf("%.100s", text))
	}
}
