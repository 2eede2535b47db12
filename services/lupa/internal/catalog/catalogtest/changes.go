// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package catalogtest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// someWords are what RandomBook writes with: few, so that books share them.
var someWords = strings.Fields("mar mares canción canciones cancion casa casas viejo vieja tierra luz luces barco barcos niño niña año sol de la el y Mar")

// RandomBook makes a book of few words.
func RandomBook(random *rand.Rand, id string) catalog.Document {
	words := func(most int) string {
		var text []string
		for range random.IntN(most + 1) {
			text = append(text, someWords[random.IntN(len(someWords))])
		}
		return strings.Join(text, " ")
	}
	var tags []string
	for range random.IntN(3) {
		tags = append(tags, fmt.Sprint("tag ", random.IntN(12)))
	}
	d := book(id, words(3), words(20), tags, random.Float64()*1000, float64(random.IntN(2)), 1900+random.IntN(120))
	if random.IntN(2) == 0 {
		d.Values[6] = catalog.NumberValue(float64(random.IntN(500)))
	}
	if random.IntN(4) == 0 {
		d.Version = fmt.Sprint("v", random.IntN(9))
	}
	return d
}

// requests are asked of two stores that must answer alike.
var requests = []catalog.Request{
	{},
	{Text: "mar"},
	{Text: "mar", Match: catalog.MatchAll, Explain: true, Facets: []string{"tags", "lent"}, FacetLimit: 5},
	{Text: "canciones casa", Match: catalog.MatchAny, Explain: true},
	{Text: "canción vieja luz"},
	{Text: `"mar de" OR title:sol`},
	{Text: "cas* -luz", Match: catalog.MatchAll},
	{Text: "-mar", Facets: []string{"tags"}, FacetLimit: 100},
	{Text: "niño", Filters: []catalog.Filter{{Field: "tags", Tests: []catalog.Test{{Text: "tag 1"}, {Text: "tag 11"}}}}},
	{Filters: []catalog.Filter{{Field: "tags", Tests: []catalog.Test{{Text: "tag 3"}}, Not: true}}, Facets: []string{"tags", "pages"}, FacetLimit: 3},
	{Filters: []catalog.Filter{{Field: "pages", Tests: []catalog.Test{{Low: 200, High: 700}}}}, Sort: []catalog.Order{{Field: "pages"}}},
	{Text: "de", Sort: []catalog.Order{{Field: "pages", Descending: true}}},
	{Text: "mar mar el año barcos tierra sol y la luz"},
}

// Compare makes sure that two stores have the same documents of a collection like
// Books and find the same, with the same scores; documents of equal score may come
// in any order.
func Compare(t testing.TB, what, collection string, got, want catalog.Store) {
	t.Helper()
	if g, w := statusOf(got, collection).Documents, statusOf(want, collection).Documents; g != w {
		t.Fatalf("%s: %d documents, want %d", what, g, w)
	}
	if diff := gocmp.Diff(versions(t, want, collection), versions(t, got, collection)); diff != "" {
		t.Fatalf("%s: documents and versions (-want +got):\n%s", what, diff)
	}
	for _, r := range requests {
		r.Limit, r.SnippetWords = 1000, 8
		g, gotErr := got.Search(context.Background(), collection, r)
		w, wantErr := want.Search(context.Background(), collection, r)
		if gotErr != nil || wantErr != nil {
			t.Fatalf("%s: Search(%+v) = %v, want %v", what, r, gotErr, wantErr)
		}
		ordered := len(r.Sort) > 0
		if diff := gocmp.Diff(comparable(w, ordered), comparable(g, ordered), approximately); diff != "" {
			t.Fatalf("%s: Search(%+v) (-want +got):\n%s", what, r, diff)
		}
	}
	for _, text := range []string{"", "m", "ca", "mar c", "b", "niñ"} {
		g, gotErr := got.Suggest(context.Background(), collection, text, 10)
		w, wantErr := want.Suggest(context.Background(), collection, text, 10)
		if diff := gocmp.Diff(w, g); diff != "" || gotErr != nil || wantErr != nil {
			t.Fatalf("%s: Suggest(%q): %v, %v (-want +got):\n%s", what, text, gotErr, wantErr, diff)
		}
	}
}

// approximately leaves room for sums in another order.
var approximately = gocmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a)) })

func statusOf(store catalog.Store, collection string) catalog.Status {
	for _, status := range store.Status() {
		if status.Collection.Name == collection {
			return status
		}
	}
	return catalog.Status{}
}

func versions(t testing.TB, store catalog.Store, collection string) []string {
	t.Helper()
	var all []string
	err := store.Versions(context.Background(), collection, "", func(id, version string) error {
		all = append(all, id+" "+version)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// comparable leaves out what may differ.
func comparable(a catalog.Answer, ordered bool) catalog.Answer {
	a.Generation, a.Cursor = "", ""
	for i := range a.Hits {
		for n := range a.Hits[i].Document.Values {
			slices.Sort(a.Hits[i].Document.Values[n].Texts)
		}
	}
	if !ordered {
		slices.SortFunc(a.Hits, func(x, y catalog.Hit) int { return cmp.Compare(x.Document.ID, y.Document.ID) })
	}
	return a
}

// TestChanges changes a Store at random and compares it with one that was given
// what came of it. reopen closes a store of open's and opens it again.
func TestChanges(t *testing.T, open func(t *testing.T) catalog.Store, reopen func(t *testing.T, s catalog.Store) catalog.Store) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			store, fresh := open(t), open(t)
			documents := make(map[string]catalog.Document)
			for i := range random.IntN(60) {
				id := fmt.Sprint("b", i)
				documents[id] = RandomBook(random, id)
			}
			shelve(t, store, slices.Collect(maps.Values(documents)))
			for step := range 30 {
				position := fmt.Sprint("position ", step)
				if err := store.Apply(t.Context(), "books", randomChanges(random, documents), position); err != nil {
					t.Fatal(err)
				}
				if random.IntN(5) == 0 {
					store = reopen(t, store)
				}
				if got := statusOf(store, "books").Mark; got.Position != position || got.Fingerprint != "f" {
					t.Fatalf("step %d: the mark is %+v", step, got)
				}
				if step%3 == 0 {
					shelve(t, fresh, slices.Collect(maps.Values(documents)))
					Compare(t, fmt.Sprint("step ", step), "books", store, fresh)
				}
			}
			if err := errors.Join(store.Close(), fresh.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

// randomChanges changes some documents, and notes it in documents.
func randomChanges(random *rand.Rand, documents map[string]catalog.Document) []catalog.Change {
	var changes []catalog.Change
	for range random.IntN(12) {
		id := fmt.Sprint("b", random.IntN(80))
		if random.IntN(3) == 0 {
			delete(documents, id)
			changes = append(changes, catalog.Change{ID: id})
			continue
		}
		d := RandomBook(random, id)
		if held, ok := documents[id]; ok && random.IntN(4) == 0 {
			d = held // a change that changes nothing
		}
		documents[id] = d
		changes = append(changes, catalog.Change{ID: id, Document: &d})
	}
	return changes
}

func testApplyRefuses(t *testing.T, store catalog.Store) {
	wantCode(t, "change an empty collection", store.Apply(t.Context(), "books", nil, "p"), catalog.CodeUnavailable)
	wantCode(t, "change another collection", store.Apply(t.Context(), "plants", nil, "p"), catalog.CodeNotFound)
	shelve(t, store, Library)
	before := statusOf(store, "books")
	bad := Library[0]
	bad.Values = slices.Clone(bad.Values)
	bad.Values[0] = catalog.TextValue("a\x00b")
	other := Library[1]
	changes := []catalog.Change{{ID: Library[2].ID}, {ID: bad.ID, Document: &bad}}
	wantCode(t, "a bad document", store.Apply(t.Context(), "books", changes, "p"), catalog.CodeInvalid)
	if err := store.Apply(t.Context(), "books", []catalog.Change{{ID: "elsewhere", Document: &other}}, "p"); err == nil {
		t.Error("a document of another id was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Apply(ctx, "books", changes[:1], "p"); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply after the end = %v", err)
	}
	after := statusOf(store, "books")
	if after.Mark != before.Mark || after.Documents != len(Library) || after.Generation != before.Generation {
		t.Errorf("after what failed the status is %+v, before it was %+v", after, before)
	}
	if got := list(find(t, store, catalog.Request{Text: "casa"})); got != "c" {
		t.Errorf("found %q", got)
	}
	// All is well once the changes are.
	if err := store.Apply(t.Context(), "books", changes[:1], "p"); err != nil {
		t.Fatal(err)
	}
	if got := list(find(t, store, catalog.Request{Text: "casa", Match: catalog.MatchAll})); got != "" {
		t.Errorf("found %q, which was deleted", got)
	}
	if _, err := store.Document(t.Context(), "books", Library[2].ID); catalog.CodeOf(err) != catalog.CodeNotFound {
		t.Errorf("Document = %v", err)
	}
}

// testApplyUnderLoad changes two documents together while others look whether they
// ever differ.
func testApplyUnderLoad(t *testing.T, store catalog.Store) {
	pair := func(n int) []catalog.Change {
		var changes []catalog.Change
		for _, id := range []string{"x", "y"} {
			d := book(id, "par", fmt.Sprint("palabra número", n), []string{fmt.Sprint("n", n)}, float64(n), 0, 2000)
			changes = append(changes, catalog.Change{ID: id, Document: &d})
		}
		return changes
	}
	first := pair(0)
	shelve(t, store, []catalog.Document{*first[0].Document, *first[1].Document})
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				r := catalog.Request{Text: "par", Match: catalog.MatchAll, Limit: 5, SnippetWords: 5, Facets: []string{"tags", "pages"}, FacetLimit: 5}
				a, err := store.Search(t.Context(), "books", r)
				if err != nil {
					t.Errorf("Search: %v", err)
					return
				}
				if len(a.Hits) != 2 || !gocmp.Equal(a.Hits[0].Document.Values, a.Hits[1].Document.Values) ||
					len(a.Facets[0].Values) != 1 || a.Facets[0].Values[0].Count != 2 || len(a.Facets[1].Values) != 1 ||
					a.Facets[0].Values[0].Value.Texts[0] != a.Hits[0].Document.Values[2].Texts[0] {
					t.Errorf("a mixture of states: %+v", a)
					return
				}
			}
		})
	}
	for n := 1; n <= 300 && !t.Failed(); n++ {
		if err := store.Apply(t.Context(), "books", pair(n), fmt.Sprint(n)); err != nil {
			t.Error(err)
		}
	}
	cancel()
	readers.Wait()
}

// TestCopies hands a collection from one Store to another, as it was built and
// after changes.
func TestCopies(t *testing.T, open func(t *testing.T) catalog.Store) {
	from, to := open(t), open(t)
	source, okFrom := from.(catalog.Copier)
	target, okTo := to.(catalog.Copier)
	if !okFrom || !okTo {
		t.Fatalf("a %T is no Copier", from)
	}
	hand := func() {
		t.Helper()
		copied, err := source.Export(t.Context(), "books")
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(copied)
		if err := errors.Join(err, copied.Close()); err != nil || int64(len(data)) != copied.Size() {
			t.Fatalf("%d bytes of %d: %v", len(data), copied.Size(), err)
		}
		for _, damaged := range [][]byte{nil, data[:len(data)/2], append([]byte("no SQLite file"), data...)} {
			if err := target.Import(t.Context(), "books", bytes.NewReader(damaged)); err == nil {
				t.Errorf("%d bytes of %d were taken", len(damaged), len(data))
			}
		}
		if err := target.Import(t.Context(), "animals", bytes.NewReader(data)); err == nil {
			t.Error("books were taken for animals")
		}
		if err := target.Import(t.Context(), "books", bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		if got, want := statusOf(to, "books").Mark, statusOf(from, "books").Mark; got != want {
			t.Errorf("the mark is %+v, want %+v", got, want)
		}
		Compare(t, "the copy", "books", to, from)
	}
	_, err := source.Export(t.Context(), "books")
	wantCode(t, "export an empty collection", err, catalog.CodeUnavailable)
	random := rand.New(rand.NewPCG(9, 9))
	shelve(t, from, Library)
	hand()
	documents := make(map[string]catalog.Document)
	for step := range 5 {
		for _, store := range []catalog.Store{from, to} { // the copy can be changed, too
			if err := store.Apply(t.Context(), "books", randomChanges(random, documents), fmt.Sprint(step)); err != nil {
				t.Fatal(err)
			}
		}
		hand()
	}
	if err := errors.Join(from.Close(), to.Close()); err != nil {
		t.Error(err)
	}
}
