// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

// FuzzSearch sends any text through the handler to real FTS5: it must be
// answered, by a page and by the API.
func FuzzSearch(f *testing.F) {
	for _, text := range catalogtest.HostileTexts {
		f.Add(text)
	}
	log := slog.New(slog.DiscardHandler)
	store, err := sqlitestore.Open(sqlitestore.Options{Dir: f.TempDir(), Collections: catalogtest.Collections[:1], Readers: 1, Log: log})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { store.Close() })
	if err := store.Replace(f.Context(), "animals", "f", catalogtest.Fill(catalogtest.Animals)); err != nil {
		f.Fatal(err)
	}
	server := web.New(web.Options{Store: store, QueryTime: time.Minute, Log: log})
	f.Fuzz(func(t *testing.T, text string) {
		for _, path := range []string{"/v1/search?", "/?"} {
			recorder := httptest.NewRecorder()
			server.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path+url.Values{"q": {text}}.Encode(), nil))
			if recorder.Code != http.StatusOK {
				t.Errorf("%s%q: status %d: %s", path, text, recorder.Code, recorder.Body)
			}
		}
	})
}
