// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

const token = "open sesame"

// copier is a fixture that hands out copies.
func copier(t *testing.T, store catalog.Store) fixture {
	t.Helper()
	return serve(t, store, func(o *web.Options) {
		var ok bool
		if o.Copier, ok = store.(catalog.Copier); !ok {
			t.Fatalf("a %T is no Copier", store)
		}
		o.Token = token
	})
}

func authorized(method, target, token string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

func TestSnapshotNeedsAToken(t *testing.T) {
	f := copier(t, open(t))
	const path = "/v1/admin/snapshot"
	wantProblem := func(what string, r *http.Response, status int, code string) {
		t.Helper()
		if text := body(t, r); r.StatusCode != status || !strings.Contains(text, `"code":"`+code+`"`) {
			t.Errorf("%s: status %d: %s", what, r.StatusCode, text)
		}
	}
	wantProblem("no token", f.get(path), 401, "unauthorized")
	for _, wrong := range []string{"", "open", token + "x"} {
		r := f.do(authorized("GET", path, wrong))
		if r.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("headers %v", r.Header)
		}
		wantProblem("token "+wrong, r, 401, "unauthorized")
	}
	wantProblem("another collection", f.do(authorized("GET", path+"?collection=plants", token)), 404, "not_found")
	wantProblem("an empty one", f.do(authorized("GET", path+"?collection=empty-yet", token)), 503, "unavailable")
	wantProblem("not handed out", serve(t, open(t), nil).do(authorized("GET", path, token)), 404, "not_found")
	r := f.do(authorized("HEAD", path, token))
	if text := body(t, r); r.StatusCode != 200 || text != "" || r.Header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: status %d, %v", r.StatusCode, r.Header)
	}
	for range 3 { // one after the other
		if r := f.do(authorized("GET", path+"?collection=books", token)); !strings.HasPrefix(body(t, r), "SQLite format 3\x00") {
			t.Errorf("status %d, no SQLite file", r.StatusCode)
		}
	}
}

func TestFetch(t *testing.T) {
	from, to := open(t), open(t, catalogtest.Collections[1], catalogtest.Books)
	server := httptest.NewServer(copier(t, from).server)
	defer server.Close()
	if err := from.Apply(t.Context(), "books", []catalog.Change{{ID: "a"}}, "here"); err != nil {
		t.Fatal(err)
	}
	target, ok := to.(catalog.Copier)
	if !ok {
		t.Fatal("no Copier")
	}
	take := func(r io.Reader) error { return target.Import(t.Context(), "books", r) }
	if err := web.Fetch(t.Context(), server.URL, "wrong", "books", take); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("with a wrong token: %v", err)
	}
	if err := web.Fetch(t.Context(), server.URL+"/", token, "books", take); err != nil {
		t.Fatal(err)
	}
	if status := to.Status()[1]; status.Mark.Position != "here" || status.Documents != len(catalogtest.Library)-1 {
		t.Errorf("status = %+v", status)
	}
	broken := errors.New("no room")
	if err := web.Fetch(t.Context(), server.URL, token, "books", func(io.Reader) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("where taking fails: %v", err)
	}
	server.Close()
	if err := web.Fetch(t.Context(), server.URL, token, "books", take); err == nil {
		t.Error("from nowhere: no error")
	}
}
