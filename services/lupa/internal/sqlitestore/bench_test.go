// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
)

// benchmarked is a store with so many books.
func benchmarked(b *testing.B, books int) *sqlitestore.Store {
	b.Helper()
	store, err := sqlitestore.Open(sqlitestore.Options{Dir: b.TempDir(), Collections: catalogtest.Collections, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	random := rand.New(rand.NewPCG(1, 1))
	err = store.Replace(b.Context(), "books", catalog.Mark{}, func(add func(catalog.Document) error) error {
		for i := range books {
			if err := add(catalogtest.RandomBook(random, fmt.Sprint(i))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return store
}

// BenchmarkApply changes documents of 50,000, so many at once; an operation is one
// changed document.
func BenchmarkApply(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			const books = 50_000
			store := benchmarked(b, books)
			random := rand.New(rand.NewPCG(2, 2))
			b.ResetTimer()
			for n := 0; n < b.N; n += size {
				changes := make([]catalog.Change, size)
				for i := range changes {
					d := catalogtest.RandomBook(random, fmt.Sprint(random.IntN(books)))
					changes[i] = catalog.Change{ID: d.ID, Document: &d}
				}
				if err := store.Apply(b.Context(), "books", changes, fmt.Sprint(n)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSearch asks for a word and a phrase, of a sealed file and of a live one.
func BenchmarkSearch(b *testing.B) {
	for _, live := range []bool{false, true} {
		b.Run(fmt.Sprint("live=", live), func(b *testing.B) {
			store := benchmarked(b, 1000)
			if live {
				if err := store.Apply(b.Context(), "books", []catalog.Change{{ID: "1"}}, "p"); err != nil {
					b.Fatal(err)
				}
			}
			r := catalog.Request{Text: `"luz barcos niña"`, Match: catalog.MatchAll, Limit: 10, SnippetWords: 10}
			b.ResetTimer()
			for range b.N {
				if _, err := store.Search(b.Context(), "books", r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
