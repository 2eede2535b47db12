// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
)

// FuzzSearch sends any text through the handler to real FTS5, with each tokenizer:
// it must be answered, by a page and by the API.
func FuzzSearch(f *testing.F) {
	for _, text := range catalogtest.HostileTexts {
		f.Add(text)
	}
	trigram := catalogtest.Collections[0]
	trigram.Name, trigram.Tokenizer = "parts", "trigram"
	store := open(f, catalogtest.Collections[0], catalogtest.Books, trigram)
	fill(f, store, "parts", catalogtest.Animals)
	fixture := serve(f, store, nil)
	f.Fuzz(func(t *testing.T, text string) {
		q := url.Values{"q": {text[:min(len(text), 4096)]}}.Encode()
		for _, path := range []string{
			"/v1/collections/animals/search?explain=true&", "/v1/collections/books/search?typing=true&explain=true&facets=tags&", "/v1/collections/parts/search?",
			"/v1/collections/books/suggest?", "/?collection=books&",
		} {
			if r := fixture.get(path + q); r.StatusCode != http.StatusOK {
				t.Errorf("%s%q: status %d: %s", path, text, r.StatusCode, body(t, r))
			}
		}
	})
}

// FuzzFilter sends any filter and sort: they are understood, or a 400.
func FuzzFilter(f *testing.F) {
	for _, text := range []string{"tags:mar", "pages:>=10", "pages:1..", "printed:2020-01", "lent:true", "-tags:\"a, b\",c", ":", "tags", "printed:>2020", "pages:..", "pages:NaN"} {
		f.Add(text)
	}
	var store catalog.Store = open(f, catalogtest.Books)
	fixture := serve(f, store, nil)
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"filter", "sort", "facets", "cursor"} {
			r := fixture.get("/v1/collections/books/search?" + url.Values{name: {text}}.Encode())
			if r.StatusCode != http.StatusOK && r.StatusCode != http.StatusBadRequest {
				t.Errorf("%s=%q: status %d: %s", name, text, r.StatusCode, body(t, r))
			}
		}
	})
}
