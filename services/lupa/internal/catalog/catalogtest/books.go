// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package catalogtest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// Books is a collection with fields of every kind.
var Books = catalog.Collection{
	Name: "books",
	Fields: []catalog.Field{
		{Name: "title", Kind: catalog.Text, Weight: 3, Exact: 1},
		{Name: "text", Kind: catalog.Text, Weight: 1},
		{Name: "tags", Kind: catalog.String, Weight: 0.5, Multiple: true},
		{Name: "pages", Kind: catalog.Number},
		{Name: "lent", Kind: catalog.Bool},
		{Name: "printed", Kind: catalog.Time},
		{Name: "sold", Kind: catalog.Number, Hidden: true},
	},
	Language: "es",
	Boost:    catalog.Boost{Field: "sold", Weight: 1, Pivot: 100},
	Recency:  catalog.Recency{Field: "printed", Weight: 0.5, HalfLife: 24 * 365 * time.Hour},
}

// Library are documents of Books.
var Library = []catalog.Document{
	book("a", "Canción de mar", "una canción sobre el mar", []string{"poesía", "mar"}, 100, 0, 1900),
	book("b", "Otras canciones", "muchas canciones del mar y de la tierra", []string{"poesía"}, 250, 1, 1950),
	book("c", "La casa", "una casa vieja junto al mar", []string{"novela", "mar"}, 400, 0, 1950),
	book("d", "Mar", "novela de un marinero", []string{"novela"}, math.NaN(), 1, 2020),
}

func book(id, title, text string, tags []string, pages, lent float64, year int) catalog.Document {
	d := catalog.Document{ID: id, Values: []catalog.Value{
		catalog.TextValue(title), catalog.TextValue(text),
		{Texts: tags},
		{},
		catalog.NumberValue(lent),
		catalog.NumberValue(float64(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix())),
		{},
	}}
	if !math.IsNaN(pages) {
		d.Values[3] = catalog.NumberValue(pages)
	}
	return d
}

// find searches the books; limit is 10 where the request has none.
func find(t *testing.T, store catalog.Store, r catalog.Request) catalog.Answer {
	t.Helper()
	if r.Limit == 0 {
		r.Limit = 10
	}
	r.SnippetWords = 32
	answer, err := store.Search(t.Context(), "books", r)
	if err != nil {
		t.Fatalf("Search(%+v): %v", r, err)
	}
	return answer
}

func shelve(t *testing.T, store catalog.Store, documents []catalog.Document) {
	t.Helper()
	if err := store.Replace(t.Context(), "books", catalog.Mark{Fingerprint: "f"}, Fill(documents)); err != nil {
		t.Fatal(err)
	}
}

func list(a catalog.Answer) string { return strings.Join(ids(a), " ") }

func testLadder(t *testing.T, store catalog.Store) {
	replace(t, store, "f", Animals)
	for _, test := range []struct {
		text, want, partial string
		match               catalog.Match
	}{
		{"domestic purrs", "3 1", "1", catalog.MatchAny},
		{"what barks", "1", "1", catalog.MatchAny},
		{"dog", "1 2", "", ""},
		{"domestic dog -purrs", "1 2", "2", catalog.MatchAny},
		{"domestic -purrs", "1", "", ""},
		{"nowhere nothing", "", "", ""},
	} {
		answer, err := store.Search(t.Context(), "animals", catalog.Request{Text: test.text, Limit: 10, SnippetWords: 9})
		if err != nil {
			t.Fatal(err)
		}
		var partial []string
		for _, hit := range answer.Hits {
			if hit.Partial {
				partial = append(partial, hit.Document.ID)
			}
		}
		if list(answer) != test.want || strings.Join(partial, " ") != test.partial || answer.Match != test.match || answer.Total != len(answer.Hits) {
			t.Errorf("Search(%q) = %q of %d, partial %q, match %q; want %q, %q, %q",
				test.text, list(answer), answer.Total, partial, answer.Match, test.want, test.partial, test.match)
		}
	}
}

func number(low, high float64) catalog.Test { return catalog.Test{Low: low, High: high} }

func testFilters(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	all := math.Inf(1)
	year := func(y int) float64 { return float64(time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC).Unix()) }
	for _, test := range []struct {
		text    string
		filters []catalog.Filter
		want    []string
	}{
		{"", []catalog.Filter{{Field: "tags", Tests: []catalog.Test{{Text: "mar"}}}}, []string{"a", "c"}},
		{"casa", []catalog.Filter{{Field: "tags", Tests: []catalog.Test{{Text: "mar"}}}}, []string{"c"}},
		{"", []catalog.Filter{{Field: "tags", Tests: []catalog.Test{{Text: "mar"}, {Text: "novela"}}}}, []string{"a", "c", "d"}},
		{"", []catalog.Filter{{Field: "tags", Not: true, Tests: []catalog.Test{{Text: "mar"}}}}, []string{"b", "d"}},
		{"", []catalog.Filter{{Field: "tags", Tests: []catalog.Test{{Text: "Mar"}}}}, []string{}},
		{"", []catalog.Filter{{Field: "pages", Tests: []catalog.Test{number(250, all)}}}, []string{"b", "c"}},
		{"", []catalog.Filter{{Field: "pages", Tests: []catalog.Test{{Low: 250, LowOpen: true, High: all}}}}, []string{"c"}},
		{"", []catalog.Filter{{Field: "pages", Tests: []catalog.Test{{Low: -all, High: 250, HighOpen: true}}}}, []string{"a"}},
		{"", []catalog.Filter{{Field: "pages", Not: true, Tests: []catalog.Test{number(-all, all)}}}, []string{"d"}},
		{"", []catalog.Filter{{Field: "lent", Tests: []catalog.Test{number(1, 1)}}}, []string{"b", "d"}},
		{"", []catalog.Filter{{Field: "printed", Tests: []catalog.Test{number(year(1950), year(1951))}}}, []string{"b", "c"}},
		{"mar", []catalog.Filter{
			{Field: "tags", Tests: []catalog.Test{{Text: "novela"}}}, {Field: "lent", Tests: []catalog.Test{number(0, 0)}},
		}, []string{"c"}},
		{"-casa", []catalog.Filter{{Field: "tags", Tests: []catalog.Test{{Text: "novela"}}}}, []string{"d"}},
	} {
		answer := find(t, store, catalog.Request{Text: test.text, Filters: test.filters})
		if diff := cmp.Diff(asSet(test.want), asSet(ids(answer))); diff != "" || answer.Total != len(test.want) {
			t.Errorf("Search(%q, %+v) has %d (-want +got):\n%s", test.text, test.filters, answer.Total, diff)
		}
	}
	for _, r := range []catalog.Request{
		{Filters: []catalog.Filter{{Field: "title"}}}, {Sort: []catalog.Order{{Field: "none"}}}, {Facets: []string{"text"}},
	} {
		_, err := store.Search(t.Context(), "books", r)
		wantCode(t, fmt.Sprintf("%+v", r), err, catalog.CodeInvalid)
	}
}

func testSort(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	for _, test := range []struct {
		text, want string
		sort       []catalog.Order
	}{
		{"", "a b c d", []catalog.Order{{Field: "pages"}}},
		{"", "c b a d", []catalog.Order{{Field: "pages", Descending: true}}},
		{"", "d b c a", []catalog.Order{{Field: "printed", Descending: true}}},
		{"", "d c b a", []catalog.Order{{Field: "printed", Descending: true}, {Field: "pages", Descending: true}}},
		{"mar", "a b c d", []catalog.Order{{Field: "printed"}, {Field: "pages"}}},
		{"", "a c d b", []catalog.Order{{Field: "tags"}}}, // mar, mar, novela, poesía
		{"", "a b c d", []catalog.Order{{Field: "tags", Descending: true}}},
		{"novela", "d c", []catalog.Order{{Field: "printed", Descending: true}}},
	} {
		answer := find(t, store, catalog.Request{Text: test.text, Sort: test.sort})
		if list(answer) != test.want {
			t.Errorf("Search(%q by %+v) = %s, want %s", test.text, test.sort, list(answer), test.want)
		}
	}
}

func testFacets(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	r := catalog.Request{Text: "mar", Facets: []string{"tags", "lent", "pages"}, FacetLimit: 2}
	show := func(a catalog.Answer) string {
		var parts []string
		for _, f := range a.Facets {
			part := f.Field + ":"
			for _, v := range f.Values {
				part += fmt.Sprintf(" %v%v=%d", v.Value.Texts, v.Value.Numbers, v.Count)
			}
			parts = append(parts, fmt.Sprintf("%s +%d", part, f.Other))
		}
		return strings.Join(parts, "; ")
	}
	want := "tags: [mar][]=2 [novela][]=2 +1; lent: [][0]=2 [][1]=2 +0; pages: [][100]=1 [][250]=1 +1"
	if got := show(find(t, store, r)); got != want {
		t.Errorf("facets are\n%s, want\n%s", got, want)
	}
	// A field's own filter leaves its other values to be chosen.
	r.Filters = []catalog.Filter{{Field: "tags", Tests: []catalog.Test{{Text: "novela"}}}}
	want = "tags: [mar][]=2 [novela][]=2 +1; lent: [][0]=1 [][1]=1 +0; pages: [][400]=1 +0"
	if got := show(find(t, store, r)); got != want {
		t.Errorf("filtered facets are\n%s, want\n%s", got, want)
	}
	r = catalog.Request{Facets: []string{"lent"}, FacetLimit: 9}
	if got, want := show(find(t, store, r)), "lent: [][0]=2 [][1]=2 +0"; got != want {
		t.Errorf("facets of all documents are %s, want %s", got, want)
	}
	r = catalog.Request{Text: "nada", Facets: []string{"lent"}, FacetLimit: 9}
	if got, want := show(find(t, store, r)), "lent: +0"; got != want {
		t.Errorf("facets of nothing are %s, want %s", got, want)
	}
}

// testCursor pages through everything in small steps, in several orders, and wants
// each document once, as in one large page.
func testCursor(t *testing.T, store catalog.Store) {
	var documents []catalog.Document
	for i := range 57 {
		documents = append(documents, book(fmt.Sprintf("%02d", i), "libro", strings.Repeat("mar ", i%5+1), []string{fmt.Sprint(i % 7)}, float64(i%11), 0, 1900+i%3))
	}
	shelve(t, store, documents)
	for _, r := range []catalog.Request{
		{Text: "mar"},
		{Text: ""},
		{Text: "mar libro nada"},
		{Text: "mar", Sort: []catalog.Order{{Field: "pages", Descending: true}}},
		{Text: "", Sort: []catalog.Order{{Field: "tags"}, {Field: "printed"}}},
		{Text: "mar", Filters: []catalog.Filter{{Field: "tags", Not: true, Tests: []catalog.Test{{Text: "3"}}}}},
	} {
		r.Limit = 100
		whole := find(t, store, r)
		if whole.Cursor != "" || len(whole.Hits) < 40 {
			t.Fatalf("%+v: %d hits, cursor %q", r, len(whole.Hits), whole.Cursor)
		}
		var got []string
		r.Limit = 5
		for page := 0; page == 0 || r.Cursor != ""; page++ {
			answer := find(t, store, r)
			if answer.Total != whole.Total || page > 20 {
				t.Fatalf("%+v: page %d has a total of %d, want %d", r, page, answer.Total, whole.Total)
			}
			got = append(got, ids(answer)...)
			r.Cursor = answer.Cursor
		}
		if diff := cmp.Diff(ids(whole), got); diff != "" {
			t.Errorf("%+v: pages differ from the whole (-want +got):\n%s", r, diff)
		}
	}
	first := find(t, store, catalog.Request{Text: "mar", Limit: 5})
	_, err := store.Search(t.Context(), "books", catalog.Request{Text: "tierra", Limit: 5, Cursor: first.Cursor})
	wantCode(t, "cursor of another query", err, catalog.CodeInvalid)
	_, err = store.Search(t.Context(), "books", catalog.Request{Text: "mar", Limit: 5, Cursor: "nonsense"})
	wantCode(t, "no cursor", err, catalog.CodeInvalid)
	shelve(t, store, documents)
	_, err = store.Search(t.Context(), "books", catalog.Request{Text: "mar", Limit: 5, Cursor: first.Cursor})
	wantCode(t, "cursor of another generation", err, catalog.CodeGone)
}

func testExactValues(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	if got := list(find(t, store, catalog.Request{Text: "MAR"})); !strings.HasPrefix(got, "d") {
		t.Errorf("search for a whole title gives %s, want d first", got)
	}
	answer := find(t, store, catalog.Request{Text: "la casa", Explain: true})
	if got := answer.Hits[0].Explanation.Exact; got != 2 {
		t.Errorf("the factor of a whole title is %v, want 2", got)
	}
}

func testBoosts(t *testing.T, store catalog.Store) {
	same := func(id string, sold float64, year int) catalog.Document {
		d := book(id, "libro", "igual", nil, 1, 0, year)
		if sold > 0 {
			d.Values[6] = catalog.NumberValue(sold)
		}
		return d
	}
	shelve(t, store, []catalog.Document{same("none", 0, 1900), same("few", 10, 1900), same("many", 1000, 1900), same("new", 0, time.Now().Year())})
	for _, text := range []string{"igual", ""} {
		if got, want := list(find(t, store, catalog.Request{Text: text})), "many new few none"; got != want {
			t.Errorf("Search(%q) = %s, want %s", text, got, want)
		}
	}
	hits := find(t, store, catalog.Request{Text: "igual", Explain: true}).Hits
	if got, want := hits[0].Explanation.Popularity, 1+1000.0/1100; math.Abs(got-want) > 1e-6 {
		t.Errorf("popularity is %v, want %v", got, want)
	}
}

func testStems(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	for text, want := range map[string]string{"canción": "a b", "canciones": "b a", "CANCION": "a b", `"canciones"`: "b", `"canción"`: "a", "cancio*": "a b"} {
		if got := list(find(t, store, catalog.Request{Text: text})); got != want {
			t.Errorf("Search(%q) = %s, want %s: the word itself goes before its forms", text, got, want)
		}
	}
	// Stop words are passed over where there are others, and are words otherwise.
	if got := find(t, store, catalog.Request{Text: "la casa de la abuela", Match: catalog.MatchAll}).Total; got != 0 {
		t.Errorf("%d documents have a grandmother", got)
	}
	if got := list(find(t, store, catalog.Request{Text: "una casa", Match: catalog.MatchAll})); got != "c" {
		t.Errorf("una casa = %s, want c", got)
	}
	if got := find(t, store, catalog.Request{Text: "de la", Match: catalog.MatchAll}).Total; got != 1 {
		t.Errorf("%d documents have both stop words, want 1", got)
	}
}

func testSuggestions(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	for _, test := range []struct {
		text, want string
		limit      int
	}{
		{"ca", "cancion casa canciones", 3},
		{"ca", "cancion", 1},
		{"una CAS", "una casa", 5},
		{"una ", "", 5},
		{"", "", 5},
		{"zz", "", 5},
		{"novela mari", "novela marinero", 5},
	} {
		suggestions, err := store.Suggest(t.Context(), "books", test.text, test.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range suggestions {
			got = append(got, s.Text)
			if s.Documents < 1 {
				t.Errorf("%q is in %d documents", s.Text, s.Documents)
			}
		}
		slices.Sort(got)
		want := strings.Fields(test.want)
		if strings.Contains(test.want, " ") && strings.Contains(test.text, " ") {
			want = []string{test.want}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("Suggest(%q, %d) = %q, want %q", test.text, test.limit, got, want)
		}
	}
	_, err := store.Suggest(t.Context(), "none", "a", 1)
	wantCode(t, "suggest elsewhere", err, catalog.CodeNotFound)
}

func testSpelling(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	for _, test := range []struct {
		text, suggestion, want string
		corrected              bool
	}{
		{"marinreo ", "marinero ", "d", true},
		{"novela marinreo -x", "novela marinero -x", "d c", true},
		{"mar", "", "a b c d", false},
		{"zzzzzz", "", "", false},
		{"(marinreo)", "(marinero)", "d", true},
		{"  CASSA, ", "  casa, ", "c", true},
		{"zzzzzz novela", "", "c d", false},
	} {
		answer := find(t, store, catalog.Request{Text: test.text})
		got := ids(answer)
		slices.Sort(got)
		want := strings.Fields(test.want)
		slices.Sort(want)
		if answer.Suggestion != test.suggestion || answer.Corrected != test.corrected || !slices.Equal(got, want) {
			t.Errorf("Search(%q) = %q, suggestion %q, corrected %v; want %q, %q, %v",
				test.text, got, answer.Suggestion, answer.Corrected, want, test.suggestion, test.corrected)
		}
	}
}

func testDocument(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	for _, want := range Library {
		got, err := store.Document(t.Context(), "books", want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("document differs (-want +got):\n%s", diff)
		}
	}
	_, err := store.Document(t.Context(), "books", "none")
	wantCode(t, "no such document", err, catalog.CodeNotFound)
	_, err = store.Document(t.Context(), "none", "a")
	wantCode(t, "no such collection", err, catalog.CodeNotFound)
	_, err = store.Document(t.Context(), "animals", "1")
	wantCode(t, "empty collection", err, catalog.CodeUnavailable)
}

// testExplain wants the parts of a score to make up the score.
func testExplain(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	for _, text := range []string{"mar", "canciones mar", `"el mar" OR casa`, "title:mar cas*", "canción tierra nada", "mar mar casa"} {
		for _, hit := range find(t, store, catalog.Request{Text: text, Explain: true}).Hits {
			e := hit.Explanation
			if e == nil || len(e.Terms) == 0 {
				t.Fatalf("%s: no explanation of %s", text, hit.Document.ID)
			}
			sum := 0.0
			for _, term := range e.Terms {
				idf := math.Log(1 + (float64(len(Library)-term.Documents)+0.5)/(float64(term.Documents)+0.5))
				want := float64(term.Count) * idf * term.Frequency * (e.K1 + 1) / (term.Frequency + e.K1*(1-e.B+e.B*float64(e.Length)/e.Average))
				if math.Abs(idf-term.IDF) > 1e-12 || math.Abs(want-term.Score) > 1e-12 {
					t.Errorf("%s in %s: %+v, want idf %v and score %v", text, hit.Document.ID, term, idf, want)
				}
				sum += term.Score
			}
			if math.Abs(sum*e.Coverage*e.Popularity*e.Exact-hit.Score) > 1e-9 {
				t.Errorf("%s: the parts of %s make %v, its score is %v", text, hit.Document.ID, sum*e.Coverage*e.Popularity*e.Exact, hit.Score)
			}
		}
	}
}

// testRareWords wants a slip that one document has to be suggested, not mended.
func testRareWords(t *testing.T, store catalog.Store) {
	documents := []catalog.Document{book("slip", "Marinreo", "", nil, 1, 0, 1900)}
	for i := range 60 {
		documents = append(documents, book(fmt.Sprint(i), "Marinero", "", nil, 1, 0, 1900))
	}
	shelve(t, store, documents)
	answer := find(t, store, catalog.Request{Text: "marinreo"})
	if list(answer) != "slip" || answer.Suggestion != "marinero" || answer.Corrected {
		t.Errorf("Search = %s, suggestion %q, corrected %v", list(answer), answer.Suggestion, answer.Corrected)
	}
}

// testDeadline wants a clean answer when the time is up before the search.
func testDeadline(t *testing.T, store catalog.Store) {
	shelve(t, store, Library)
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	answer, err := store.Search(ctx, "books", catalog.Request{Text: "mar", Limit: 1, SnippetWords: 1})
	if err != nil || !answer.TimedOut || answer.Relation != catalog.AtLeast {
		t.Errorf("Search = %+v, %v, want what was found until then", answer, err)
	}
}
