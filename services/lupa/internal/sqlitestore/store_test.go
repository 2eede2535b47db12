// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
)

func TestStore(t *testing.T) {
	catalogtest.TestStore(t, func(t *testing.T) catalog.Store {
		store, _ := open(t, t.TempDir(), catalogtest.Collections)
		return store
	})
}

func TestCopies(t *testing.T) {
	var dirs []string
	catalogtest.TestCopies(t, func(t *testing.T) catalog.Store {
		dirs = append(dirs, t.TempDir())
		store, _ := open(t, dirs[len(dirs)-1], catalogtest.Collections)
		return store
	})
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "books", "*"))
		if err != nil || len(files) != 2 {
			t.Errorf("left over: %v, %v", files, err)
		}
	}
}

func TestChanges(t *testing.T) {
	dirs := make(map[catalog.Store]string)
	catalogtest.TestChanges(t, func(t *testing.T) catalog.Store {
		dir := t.TempDir()
		store, _ := open(t, dir, catalogtest.Collections)
		dirs[store] = dir
		return store
	}, func(t *testing.T, s catalog.Store) catalog.Store {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		again, log := open(t, dirs[s], catalogtest.Collections)
		if log.Len() > 0 {
			t.Fatal(log)
		}
		dirs[again] = dirs[s]
		return again
	})
}

// TestRenewal changes documents while their generation is renewed again and again.
func TestRenewal(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	store, log := open(t, t.TempDir(), catalogtest.Collections)
	fresh, _ := open(t, t.TempDir(), catalogtest.Collections)
	store.SetWornLeast(20)
	documents := make(map[string]catalog.Document)
	for step := range 400 {
		var changes []catalog.Change
		for range 1 + random.IntN(9) {
			id := fmt.Sprint("r", random.IntN(60))
			change := catalog.Change{ID: id}
			if delete(documents, id); random.IntN(4) > 0 {
				d := catalogtest.RandomBook(random, id)
				documents[id], change.Document = d, &d
			}
			changes = append(changes, change)
		}
		if step == 0 {
			if err := store.Replace(t.Context(), "books", catalog.Mark{Fingerprint: "f"}, catalogtest.Fill(nil)); err != nil {
				t.Fatal(err)
			}
		}
		if err := store.Apply(t.Context(), "books", changes, fmt.Sprint(step)); err != nil {
			t.Fatal(err)
		}
		if step%100 != 99 {
			continue
		}
		store.WaitRenewed()
		if err := fresh.Replace(t.Context(), "books", catalog.Mark{}, catalogtest.Fill(slices.Collect(maps.Values(documents)))); err != nil {
			t.Fatal(err)
		}
		catalogtest.Compare(t, fmt.Sprint("step ", step), "books", store, fresh)
		if got := store.Status()[2].Mark.Position; got != fmt.Sprint(step) {
			t.Errorf("step %d: the position is %q", step, got)
		}
	}
	if n := strings.Count(log.String(), "renewed the index"); n < 5 {
		t.Errorf("the index was renewed %d times only: %s", n, log)
	}
	if err := errors.Join(store.Close(), fresh.Close()); err != nil {
		t.Error(err)
	}
}

// open opens a store in dir; the second result is its log.
func open(t *testing.T, dir string, collections []catalog.Collection) (*sqlitestore.Store, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	store, err := sqlitestore.Open(sqlitestore.Options{
		Dir: dir, Collections: collections, Readers: 4, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return store, &log
}

// filled makes a cache folder with one generation of animals.
func filled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	store, _ := open(t, dir, catalogtest.Collections)
	if err := store.Replace(t.Context(), "animals", catalog.Mark{Fingerprint: "print"}, catalogtest.Fill(catalogtest.Animals)); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOpenFindsWhatWasBuilt(t *testing.T) {
	dir := filled(t)
	store, log := open(t, dir, catalogtest.Collections)
	defer store.Close()
	status := store.Status()[0]
	if status.State != catalog.StateReady || status.Documents != len(catalogtest.Animals) || status.Mark.Fingerprint != "print" || log.Len() > 0 {
		t.Errorf("status = %+v, log %q", status, log)
	}
	if status.Bytes == 0 || status.Generation != "gen-000001.db" {
		t.Errorf("status = %+v, want a size and the first generation", status)
	}
	answer, err := store.Search(t.Context(), "animals", catalog.Request{Text: "purrs", Limit: 1})
	if err != nil || answer.Total != 1 {
		t.Errorf("search = %+v, %v", answer, err)
	}
}

// TestOpenLeavesOutWhatIsDamaged spoils a cache in every way we can think of: it
// must be said in the log, be gone from the folder, and be built anew.
func TestOpenLeavesOutWhatIsDamaged(t *testing.T) {
	const generation = "animals/gen-000001.db"
	otherFields := []catalog.Collection{{Name: "animals", Fields: []catalog.Field{{Name: "title", Kind: catalog.Text, Weight: 1}}}, catalogtest.Collections[1]}
	tests := map[string]struct {
		spoil       func(t *testing.T, dir string)
		collections []catalog.Collection
	}{
		"empty file":       {spoil: func(t *testing.T, dir string) { write(t, dir, generation, nil) }},
		"not a database":   {spoil: func(t *testing.T, dir string) { write(t, dir, generation, bytes.Repeat([]byte("x"), 8192)) }},
		"cut off":          {spoil: func(t *testing.T, dir string) { write(t, dir, generation, read(t, dir, generation)[:4096]) }},
		"a page lost":      {spoil: func(t *testing.T, dir string) { write(t, dir, generation, without(read(t, dir, generation))) }},
		"gone":             {spoil: func(t *testing.T, dir string) { remove(t, dir, generation) }},
		"another version":  {spoil: func(t *testing.T, dir string) { setHeader(t, dir, generation, 60) }},
		"another program":  {spoil: func(t *testing.T, dir string) { setHeader(t, dir, generation, 68) }},
		"CURRENT garbled":  {spoil: func(t *testing.T, dir string) { write(t, dir, "animals/CURRENT", []byte("../../etc/passwd\n")) }},
		"CURRENT is empty": {spoil: func(t *testing.T, dir string) { write(t, dir, "animals/CURRENT", nil) }},
		"other fields":     {spoil: func(*testing.T, string) {}, collections: otherFields},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filled(t)
			test.spoil(t, dir)
			if test.collections == nil {
				test.collections = catalogtest.Collections
			}
			store, log := open(t, dir, test.collections)
			defer store.Close()
			if got := store.Status()[0]; got.State != catalog.StateEmpty {
				t.Fatalf("status = %+v, want empty", got)
			}
			if !strings.Contains(log.String(), "built anew") {
				t.Errorf("log = %q, want it to say that the cache is built anew", log)
			}
			left, err := filepath.Glob(filepath.Join(dir, "animals", "gen-*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left in the folder: %v, %v", left, err)
			}
			document := catalog.Document{ID: "1", Values: make([]catalog.Value, len(test.collections[0].Fields))}
			if err := store.Replace(t.Context(), "animals", catalog.Mark{Fingerprint: "new"}, catalogtest.Fill([]catalog.Document{document})); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenRemovesLeftovers(t *testing.T) {
	dir := filled(t)
	for _, name := range []string{"gen-000002.db.partial", "gen-000007.db", "gen-000002.db.partial-journal", "CURRENT.partial"} {
		write(t, dir, "animals/"+name, []byte("half"))
	}
	write(t, dir, "animals/notes.txt", []byte("somebody's"))
	store, _ := open(t, dir, catalogtest.Collections)
	defer store.Close()
	var got []string
	entries, err := os.ReadDir(filepath.Join(dir, "animals"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if want := "CURRENT gen-000001.db notes.txt"; strings.Join(got, " ") != want {
		t.Errorf("folder has %v, want %s", got, want)
	}
}

func TestReplaceLeavesOneGeneration(t *testing.T) {
	dir := filled(t)
	store, _ := open(t, dir, catalogtest.Collections)
	for range 3 {
		if err := store.Replace(t.Context(), "animals", catalog.Mark{Fingerprint: "again"}, catalogtest.Fill(catalogtest.Animals)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "animals", "gen-*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "gen-000004.db" {
		t.Errorf("left: %v, %v, want gen-000004.db alone", left, err)
	}
}

func TestOpenSaysThatTheFolderCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "animals", []byte("a file where the folder should be"))
	_, err := sqlitestore.Open(sqlitestore.Options{Dir: dir, Collections: catalogtest.Collections, Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "cache folder") {
		t.Errorf("Open = %v, want an error that speaks of the cache folder", err)
	}
}

func TestVersion(t *testing.T) {
	version, err := sqlitestore.Version()
	if err != nil {
		t.Fatal(err)
	}
	// Below this, an index of FTS5 can be read out of bounds.
	if !atLeast(version, 3, 53, 2) {
		t.Errorf("SQLite %s, want 3.53.2 or newer", version)
	}
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// without overwrites every page but the first with zeros.
func without(data []byte) []byte {
	for i := 4096; i < len(data); i++ {
		data[i] = 0
	}
	return data
}

// setHeader changes four bytes of a database's header: 60 is the user version,
// 68 the application id (https://www.sqlite.org/fileformat2.html, section 1.3).
func setHeader(t *testing.T, dir, name string, at int) {
	t.Helper()
	data := read(t, dir, name)
	copy(data[at:], []byte{0, 0, 0, 99})
	write(t, dir, name, data)
}

// TestDamagedWhileServed breaks a file that is being searched, sealed and live.
func TestDamagedWhileServed(t *testing.T) {
	for _, live := range []bool{false, true} {
		dir := t.TempDir()
		store, _ := open(t, dir, catalogtest.Collections)
		if err := store.Replace(t.Context(), "books", catalog.Mark{Fingerprint: "f", Position: "p"}, catalogtest.Fill(catalogtest.Library)); err != nil {
			t.Fatal(err)
		}
		if live {
			if err := store.Apply(t.Context(), "books", []catalog.Change{{ID: "none"}}, "p"); err != nil {
				t.Fatal(err)
			}
		}
		file := filepath.Join(dir, "books", "gen-000001.db")
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, bytes.Repeat([]byte("broken!!"), int(info.Size()/8)), 0o600); err != nil {
			t.Fatal(err)
		}
		var code catalog.Code
		for range 8 { // each connection has pages of its own
			if _, err := store.Search(t.Context(), "books", catalog.Request{Text: "mar", Limit: 1, SnippetWords: 1}); err != nil {
				code = catalog.CodeOf(err)
			}
		}
		if status := store.Status()[2]; code != catalog.CodeUnavailable || status.Mark != (catalog.Mark{}) {
			t.Errorf("live %v: code %q, the mark is %+v", live, code, status.Mark)
		}
		if err := store.Replace(t.Context(), "books", catalog.Mark{Fingerprint: "f"}, catalogtest.Fill(catalogtest.Library)); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Search(t.Context(), "books", catalog.Request{Text: "mar", Limit: 1, SnippetWords: 1}); err != nil {
			t.Errorf("live %v: after it was built anew: %v", live, err)
		}
		store.WaitRenewed()
		store.Close() //nolint:errcheck // closing the broken file fails, too
	}
}
