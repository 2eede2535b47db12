// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

// A description is the API's, as it is served.
type description struct {
	Paths map[string]map[string]operation
	raw   any
}

type operation struct {
	OperationID string `json:"operationId"`
	Parameters  []struct {
		Name, In string
		Required bool
	}
	RequestBody any
	Responses   map[string]struct {
		Content map[string]struct{ Schema any }
		Headers map[string]any
	}
}

func describe(t *testing.T, f fixture) description {
	t.Helper()
	text := body(t, f.get("/openapi.json"))
	var d description
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	raw, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	d.raw = raw
	return d
}

// TestRoutesAreDescribed wants each route in the description and the other way
// round, with the parameters that the handler knows.
func TestRoutesAreDescribed(t *testing.T) {
	f := copier(t, open(t))
	d := describe(t, f)
	var described []string
	for path, operations := range d.Paths {
		for method := range operations {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(described)
	routes := f.server.Routes()
	slices.Sort(routes)
	if diff := cmp.Diff(routes, described); diff != "" {
		t.Errorf("routes and description differ (-routes +described):\n%s", diff)
	}
	for path, operations := range d.Paths {
		get, ok := operations["get"]
		if !ok || strings.HasPrefix(path, "/static") || strings.HasSuffix(path, "z") || path == "/metrics" {
			continue
		}
		// A parameter that no handler knows makes it list those that it knows.
		target := strings.NewReplacer("{collection}", "animals", "{id}", "1").Replace(path) + "?q=a&no_such_parameter=1"
		var problem struct{ Detail string }
		if err := json.Unmarshal([]byte(body(t, f.do(authorized("GET", target, token)))), &problem); err != nil {
			t.Fatal(err)
		}
		_, list, _ := strings.Cut(problem.Detail, "known are ")
		known := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
		var want []string
		for _, p := range get.Parameters {
			if p.In == "query" {
				want = append(want, p.Name)
			}
		}
		slices.Sort(known)
		slices.Sort(want)
		if !slices.Equal(known, want) {
			t.Errorf("%s knows the parameters %v, described are %v", path, known, want)
		}
	}
}

// A broken store answers nothing.
type broken struct{ catalog.Store }

var errBroken = errors.New("broken")

func (broken) Search(context.Context, string, catalog.Request) (catalog.Answer, error) {
	return catalog.Answer{}, errBroken
}

func (broken) Suggest(context.Context, string, string, int) ([]catalog.Suggestion, error) {
	return nil, errBroken
}

func (broken) Document(context.Context, string, string) (catalog.Document, error) {
	return catalog.Document{}, errBroken
}

// TestDescriptionHolds asks every operation for every status it has, and compares
// the answers with their schemas.
func TestDescriptionHolds(t *testing.T) {
	good := filled(t)
	d := describe(t, good)
	stale := ask[answer](t, good, "/v1/collections/books/search?q=mar&limit=1").Cursor
	fill(t, good.store, "books", catalogtest.Library)
	ready := serve(t, open(t, catalogtest.Collections[0], catalogtest.Books), nil)
	bad := serve(t, broken{open(t, catalogtest.Collections[0])}, nil)
	copying := copier(t, open(t))
	panicking := serve(t, noStatus{open(t)}, nil)
	searching := func(path string) []exchange {
		sep := "?q=mar"
		return []exchange{
			{ready, "GET", path + sep + "&explain=true", "", 200},
			{good, "GET", path + sep + "&limit=x", "", 400},
			{good, "GET", strings.ReplaceAll(path, "books", "plants") + sep + "&collection=plants", "", 0},
			{bad, "GET", strings.ReplaceAll(path, "books", "animals") + sep, "", 500},
			{good, "GET", strings.ReplaceAll(path, "books", "empty-yet") + sep, "", 503},
		}
	}
	exchanges := slices.Concat(
		searching("/v1/search"), searching("/v1/collections/books/search"),
		[]exchange{
			{good, "GET", "/v1/search?q=a&collection=plants", "", 404},
			{good, "GET", "/v1/search?q=mar&limit=1&collection=books&cursor=" + url.QueryEscape(stale), "", 410},
			{good, "GET", "/v1/collections/plants/search?q=mar", "", 404},
			{good, "GET", "/v1/collections/books/search?q=mar&limit=1&cursor=" + url.QueryEscape(stale), "", 410},
			{good, "GET", "/v1/collections/books/search?q=mar+nada&facets=tags,pages,lent,printed&sort=pages:desc&limit=1", "", 200},
			{good, "GET", "/v1/collections/books/search?q=marinreo+novela", "", 200},
			{good, "GET", "/v1/collections/books/search?q=marinreo", "", 200},
			{good, "GET", "/", "", 200},
			{good, "GET", "/?q=mar&collection=books", "", 200},
			{good, "GET", "/?limit=x", "", 400},
			{good, "GET", "/?collection=plants", "", 404},
			{bad, "GET", "/?q=a", "", 500},
			{good, "GET", "/?q=mar&limit=1&collection=books&cursor=" + url.QueryEscape(stale), "", 410},
			{good, "GET", "/v1/collections/books/suggest?q=ca", "", 200},
			{good, "GET", "/v1/collections/books/suggest?limit=x", "", 400},
			{good, "GET", "/v1/collections/plants/suggest?q=ca", "", 404},
			{bad, "GET", "/v1/collections/animals/suggest?q=ca", "", 500},
			{good, "GET", "/v1/collections/empty-yet/suggest?q=ca", "", 503},
			{good, "GET", "/v1/collections/books/documents/a", "", 200},
			{good, "GET", "/v1/collections/books/documents/a?x=1", "", 400},
			{good, "GET", "/v1/collections/books/documents/z", "", 404},
			{bad, "GET", "/v1/collections/animals/documents/1", "", 500},
			{good, "GET", "/v1/collections/empty-yet/documents/1", "", 503},
			{good, "GET", "/v1/collections", "", 200},
			{good, "GET", "/v1/collections?x=1", "", 400},
			{panicking, "GET", "/v1/collections", "", 500},
			{good, "GET", "/v1/collections/books", "", 200},
			{following(t, late, config.Freshness{Limit: time.Minute}), "GET", "/v1/collections/animals", "", 200},
			{good, "GET", "/v1/collections/books?x=1", "", 400},
			{good, "GET", "/v1/collections/plants", "", 404},
			{panicking, "GET", "/v1/collections/books", "", 500},
			{good, "POST", "/v1/multi-search", `{"searches":[{"collection":"books","q":"mar"},{"collection":"plants"}]}`, 200},
			{good, "POST", "/v1/multi-search", `{}`, 400},
			{good, "POST", "/v1/multi-search", strings.Repeat(" ", 5000), 413},
			{good, "POST", "/v1/multi-search", "no JSON", 415},
			{bad, "POST", "/v1/multi-search", `{"searches":[{"q":"a"}]}`, 500},
			{copying, "GET", "/v1/admin/snapshot?collection=books", token, 200},
			{copying, "GET", "/v1/admin/snapshot?x=1", token, 400},
			{copying, "GET", "/v1/admin/snapshot", "", 401},
			{copying, "GET", "/v1/admin/snapshot?collection=plants", token, 404},
			{copying, "GET", "/v1/admin/snapshot?collection=empty-yet", token, 503},
			{serve(t, open(t), func(o *web.Options) { o.Copier, o.Token = brokenCopier{}, token }), "GET", "/v1/admin/snapshot", token, 500},
			{good, "GET", "/livez", "", 200},
			{ready, "GET", "/readyz", "", 200},
			{good, "GET", "/readyz", "", 503},
			{good, "GET", "/metrics", "", 200},
			{panicking, "GET", "/metrics", "", 500},
			{good, "GET", "/openapi.json", "", 200},
			{good, "GET", "/openapi.json?x=1", "", 400},
			{good, "GET", "/config.schema.json", "", 200},
			{good, "GET", "/config.schema.json?x=1", "", 400},
			{good, "GET", "/static/style.css", "", 200},
			{good, "GET", "/static/app.js", "", 200},
			{good, "GET", "/static/icon.svg", "", 200},
			{good, "GET", "/static/none.css", "", 404},
			{serve(t, open(t), func(o *web.Options) { o.Assets = "/dev/null" }), "GET", "/static/style.css", "", 500},
		},
	)
	for _, target := range []string{"/?q=mar&collection=books", "/v1/search?q=mar", "/v1/collections/books/search?q=mar", "/v1/collections/books/suggest?q=ca", "/v1/collections/books/documents/a", "/static/style.css"} {
		exchanges = append(exchanges, exchange{ready, "GET", target, "", 304})
	}
	c := &checker{t: t, d: d, seen: make(map[string]bool)}
	c.compiler = jsonschema.NewCompiler()
	if err := c.compiler.AddResource("urn:openapi", d.raw); err != nil {
		t.Fatal(err)
	}
	for _, e := range exchanges {
		c.check(e)
	}
	c.wantAll()
}

// A brokenCopier cannot copy.
type brokenCopier struct{ catalog.Copier }

func (brokenCopier) Export(context.Context, string) (catalog.Copy, error) {
	return nil, errors.New("disk gone")
}

// A noStatus store panics when it is asked how it is, after the server started.
type noStatus struct{ catalog.Store }

func (noStatus) Status() []catalog.Status { panic("no status") }

// An exchange is one request and the status it is answered with; 0 for any.
type exchange struct {
	f                    fixture
	method, target, text string
	status               int
}

// A checker compares answers with the description.
type checker struct {
	t        *testing.T
	d        description
	compiler *jsonschema.Compiler
	seen     map[string]bool // operation, status and content type
}

func (c *checker) check(e exchange) {
	c.t.Helper()
	r := httptest.NewRequest(e.method, e.target, strings.NewReader(e.text))
	if e.text != "no JSON" {
		r.Header.Set("Content-Type", "application/json")
	}
	if e.text == token {
		r = authorized(e.method, e.target, token)
	}
	if e.status == http.StatusNotModified {
		r.Header.Set("If-None-Match", e.f.get(e.target).Header.Get("ETag"))
	}
	answer := e.f.do(r)
	text := body(c.t, answer)
	name := fmt.Sprintf("%s %.80s", e.method, e.target)
	if e.status != 0 && answer.StatusCode != e.status {
		c.t.Errorf("%s: status %d, want %d: %.300s", name, answer.StatusCode, e.status, text)
		return
	}
	path, op, ok := c.operation(r)
	if !ok {
		c.t.Errorf("%s: no operation is described", name)
		return
	}
	status := strconv.Itoa(answer.StatusCode)
	response, ok := op.Responses[status]
	if !ok {
		c.t.Errorf("%s: status %s is not described: %.300s", name, status, text)
		return
	}
	for header := range response.Headers {
		if answer.Header.Get(header) == "" {
			c.t.Errorf("%s: the answer has no %s", name, header)
		}
	}
	kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
	c.seen[op.OperationID+" "+status+" "+kind] = true
	if len(response.Content) == 0 && text == "" {
		return
	}
	if _, ok := response.Content[kind]; !ok {
		c.t.Errorf("%s: status %s has content %q, described are %v", name, status, kind, slices.Collect(maps.Keys(response.Content)))
		return
	}
	pointer := "urn:openapi#/paths/" + escape(path) + "/" + strings.ToLower(e.method) + "/responses/" + status + "/content/" + escape(kind) + "/schema"
	schema, err := c.compiler.Compile(pointer)
	if err != nil {
		c.t.Fatal(err)
	}
	var value any = text
	if strings.HasSuffix(kind, "json") {
		if value, err = jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text))); err != nil {
			c.t.Errorf("%s: %v", name, err)
		}
	}
	if err := schema.Validate(value); err != nil {
		c.t.Errorf("%s: the answer does not fit its schema: %v\n%.500s", name, err, text)
	}
}

// operation finds the description of a request.
func (c *checker) operation(r *http.Request) (string, operation, bool) {
	got := strings.Split(r.URL.Path, "/")
	for path, operations := range c.d.Paths {
		want := strings.Split(path, "/")
		if len(want) != len(got) {
			continue
		}
		same := true
		for i := range want {
			same = same && (want[i] == got[i] || strings.HasPrefix(want[i], "{"))
		}
		if op, ok := operations[strings.ToLower(r.Method)]; same && ok {
			return path, op, true
		}
	}
	return "", operation{}, false
}

// escape writes a key for a JSON pointer in an address.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(key)
}

// wantAll complains of what is described and was not seen.
func (c *checker) wantAll() {
	operations, statuses := 0, 0
	for _, methods := range c.d.Paths {
		for _, op := range methods {
			operations++
			for status, response := range op.Responses {
				statuses++
				kinds := slices.Collect(maps.Keys(response.Content))
				if len(kinds) == 0 {
					kinds = []string{""}
				}
				for _, kind := range kinds {
					if !c.seen[op.OperationID+" "+status+" "+kind] {
						c.t.Errorf("%s: status %s with %q is described and was not seen", op.OperationID, status, kind)
					}
				}
			}
		}
	}
	c.t.Logf("%d operations with %d statuses", operations, statuses)
}
