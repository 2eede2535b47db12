// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/field"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// patience bounds every wait.
const patience = 30 * time.Second

func column(name string, kind catalog.Kind) field.Column {
	return field.Column{Field: catalog.Field{Name: name, Kind: kind}, From: name}
}

// options describe table item (id, name) of a database.
func options(dsn string) pgsource.Options {
	return pgsource.Options{
		Collection: "items", DSNEnv: "DSN", Getenv: func(string) string { return dsn }, Replica: "test", Interval: 200 * time.Millisecond,
		Table: "item", Key: []string{"id"}, Columns: []field.Column{column("name", catalog.Text)}, Notify: true,
	}
}

const itemTable = "CREATE TABLE item (id integer PRIMARY KEY, name text, other text)"

func open(t *testing.T, o pgsource.Options) *pgsource.Source {
	t.Helper()
	s, err := pgsource.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// watched makes a source of table item with a changefeed.
func watched(t *testing.T, db *pgtest.Database) *pgsource.Source {
	t.Helper()
	db.Exec(itemTable)
	s := open(t, options(db.DSN))
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// A mirror is a copy in memory, as a store has it.
type mirror struct {
	mu       sync.Mutex
	docs     map[string]catalog.Document
	position string
	through  time.Time
	batches  []int         // sizes of those with changes
	changed  chan struct{} // gets something after each batch
}

// load makes a mirror of a snapshot.
func load(t *testing.T, s *pgsource.Source) *mirror {
	t.Helper()
	snapshot, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	m := &mirror{docs: make(map[string]catalog.Document), position: snapshot.Position(), through: snapshot.Through(), changed: make(chan struct{}, 1)}
	if err := snapshot.Documents(t.Context(), func(d catalog.Document) error {
		if _, ok := m.docs[d.ID]; ok {
			return fmt.Errorf("document %s comes twice", d.ID)
		}
		m.docs[d.ID] = d
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *mirror) apply(b catalog.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range b.Changes {
		if c.Document == nil {
			delete(m.docs, c.ID)
		} else {
			m.docs[c.ID] = *c.Document
		}
	}
	if len(b.Changes) > 0 {
		m.batches = append(m.batches, len(b.Changes))
	}
	m.position, m.through = b.Position, b.Through
	select {
	case m.changed <- struct{}{}:
	default:
	}
	return nil
}

// Versions makes a mirror catalog.Held.
func (m *mirror) Versions(_ context.Context, after string, yield func(id, version string) error) error {
	m.mu.Lock()
	ids := slices.Sorted(maps.Keys(m.docs))
	docs := maps.Clone(m.docs)
	m.mu.Unlock()
	for _, id := range ids {
		if id <= after {
			continue
		}
		if err := yield(id, docs[id].Version); err != nil {
			return err
		}
	}
	return nil
}

// names gives "id=name" of all documents, in order.
func (m *mirror) names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := []string{}
	for id, d := range m.docs {
		all = append(all, id+"="+strings.Join(d.Values[0].Texts, "|"))
	}
	slices.Sort(all)
	return all
}

// A following is a Follow that runs.
type following struct {
	t    *testing.T
	m    *mirror
	stop context.CancelFunc
	done chan error
}

func follow(t *testing.T, s *pgsource.Source, m *mirror) *following {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &following{t: t, m: m, stop: cancel, done: make(chan error, 1)}
	position := m.position
	select {
	case <-m.changed: // of another following
	default:
	}
	go func() { f.done <- s.Follow(ctx, position, m, m.apply) }()
	t.Cleanup(cancel)
	return f
}

// until waits for the mirror to have the documents.
func (f *following) until(want ...string) {
	f.t.Helper()
	limit := time.After(patience)
	slices.Sort(want)
	for {
		got := f.m.names()
		if slices.Equal(got, want) {
			return
		}
		select {
		case <-f.m.changed:
		case err := <-f.done:
			f.t.Fatalf("following ended: %v\nthe mirror has %q, want %q", err, got, want)
		case <-limit:
			f.t.Fatalf("the mirror differs (-want +got):\n%s", cmp.Diff(want, got))
		}
	}
}

// beat waits for n more batches, with changes or without.
func (f *following) beat(n int) {
	f.t.Helper()
	for range n {
		select {
		case <-f.m.changed:
		case err := <-f.done:
			f.t.Fatalf("following ended: %v", err)
		case <-time.After(patience):
			f.t.Fatal("no batch comes")
		}
	}
}

// end stops following, which must have gone well.
func (f *following) end() {
	f.t.Helper()
	f.stop()
	if err := f.failed(); !errors.Is(err, context.Canceled) {
		f.t.Fatalf("following ended: %v", err)
	}
}

// failed waits for following to end, and gives its error.
func (f *following) failed() error {
	f.t.Helper()
	select {
	case err := <-f.done:
		return err
	case <-time.After(patience):
		f.t.Fatal("following does not end")
		return nil
	}
}

// stale wants following to end for a new snapshot, saying why.
func (f *following) stale(why string) {
	f.t.Helper()
	if err := f.failed(); !errors.Is(err, catalog.ErrStale) || !strings.Contains(err.Error(), why) {
		f.t.Fatalf("following ended: %v; want it to be stale with %q", err, why)
	}
}

// broken wants following to end with an error that a new snapshot does not heal.
func (f *following) broken(words ...string) {
	f.t.Helper()
	err := f.failed()
	if err == nil || errors.Is(err, catalog.ErrStale) {
		f.t.Fatalf("following ended: %v; want an error", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			f.t.Errorf("error %q lacks %q", err, word)
		}
	}
}

func diffDocuments(want, got catalog.Document) string { return cmp.Diff(want, got) }

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}
