// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package refresh_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/refresh"
	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
)

// A source counts how often it is read. With moving, it changes each time.
type source struct {
	documents []catalog.Document
	content   int
	moving    bool
	fail      error
	reads     int
}

func (s *source) Fingerprint(context.Context) (string, error) {
	return fmt.Sprint("content ", s.content), nil
}

func (s *source) Documents(_ context.Context, yield func(catalog.Document) error) error {
	s.reads++
	if s.moving {
		s.content++
	}
	return errors.Join(catalogtest.Fill(s.documents)(yield), s.fail)
}

func (s *source) Progress() (done, total int64) { return 1, 2 }

func newRefresher(t *testing.T, s *source) (*refresh.Refresher, catalog.Store) {
	t.Helper()
	store, err := sqlitestore.Open(sqlitestore.Options{
		Dir: t.TempDir(), Collections: catalogtest.Collections, Readers: 1, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &refresh.Refresher{
		Store: store, Source: s, Collection: catalogtest.Collections[0], Definition: "d", Log: slog.New(slog.DiscardHandler),
	}, store
}

func want(t *testing.T, r *refresh.Refresher, changed bool, s *source, reads int) {
	t.Helper()
	got, err := r.Refresh(t.Context())
	if err != nil || got != changed || s.reads != reads {
		t.Errorf("Refresh = %v, %v after %d reads, want %v after %d", got, err, s.reads, changed, reads)
	}
}

func TestRefreshReadsWhatChanged(t *testing.T) {
	s := &source{documents: catalogtest.Animals}
	r, store := newRefresher(t, s)
	want(t, r, true, s, 1)
	if got := store.Status()[0].Documents; got != len(catalogtest.Animals) {
		t.Errorf("%d documents", got)
	}
	want(t, r, false, s, 1)
	s.content++
	want(t, r, true, s, 2)
	r.Definition = "another"
	want(t, r, true, s, 3)
	r.Collection.Fields = []catalog.Field{{Name: "other"}, {Name: "names"}}
	want(t, r, true, s, 4)
	want(t, r, false, s, 4)
}

func TestRefreshOfAMovingSource(t *testing.T) {
	s := &source{documents: catalogtest.Animals, moving: true}
	r, store := newRefresher(t, s)
	changed, err := r.Refresh(t.Context())
	if err == nil || !strings.Contains(err.Error(), "changed 3 times") || !changed || s.reads != 3 {
		t.Errorf("Refresh = %v, %v after %d reads", changed, err, s.reads)
	}
	// What was read last is served, and once it stands still all is well.
	if store.Status()[0].State != catalog.StateReady {
		t.Error("nothing is served")
	}
	s.moving = false
	want(t, r, true, s, 4)
}

func TestRefreshFails(t *testing.T) {
	s := &source{documents: catalogtest.Animals}
	r, store := newRefresher(t, s)
	want(t, r, true, s, 1)
	s.content, s.fail = 1, errors.New("disk gone")
	changed, err := r.Refresh(t.Context())
	if changed || !errors.Is(err, s.fail) || !strings.Contains(err.Error(), "animals") {
		t.Errorf("Refresh = %v, %v, want the cause and the collection's name", changed, err)
	}
	if got := store.Status()[0]; got.Documents != len(catalogtest.Animals) {
		t.Errorf("status = %+v, want what was there before", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Refresh(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Refresh after the end = %v", err)
	}
}
