// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package catalogtest holds the tests that every catalog.Store must pass.
package catalogtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// Collections are those a Store is opened with in tests.
var Collections = []catalog.Collection{
	{Name: "animals", Fields: []catalog.Field{
		{Name: "name", Kind: catalog.Text, Weight: 4},
		{Name: "about", Kind: catalog.Text, Weight: 1},
	}},
	{Name: "empty-yet", Fields: []catalog.Field{{Name: "text", Kind: catalog.Text, Weight: 1}}},
	Books,
}

// Animals are documents of the first collection.
var Animals = []catalog.Document{
	animal("1", "dog", "a domestic animal that barks; related to the wolf"),
	animal("2", "wolf", "a wild animal that hunts in packs, ancestor of the dog"),
	animal("3", "cat", "a domestic animal that purrs"),
	animal("4", "canción", "Spanish for <song> & not an animal"),
	animal("5", "e-mail", "a letter without paper"),
}

func animal(id, name, about string) catalog.Document {
	return catalog.Document{ID: id, Values: []catalog.Value{catalog.TextValue(name), catalog.TextValue(about)}}
}

// Fill gives documents to Replace.
func Fill(documents []catalog.Document) func(func(catalog.Document) error) error {
	return func(add func(catalog.Document) error) error {
		for _, d := range documents {
			if err := add(d); err != nil {
				return err
			}
		}
		return nil
	}
}

// TestStore runs the conformance suite. open makes a new, empty Store with
// Collections; the suite closes it.
func TestStore(t *testing.T, open func(t *testing.T) catalog.Store) {
	tests := map[string]func(*testing.T, catalog.Store){
		"ladder":              testLadder,
		"filters":             testFilters,
		"sort":                testSort,
		"facets":              testFacets,
		"cursor":              testCursor,
		"exact values":        testExactValues,
		"boosts":              testBoosts,
		"stems":               testStems,
		"suggestions":         testSuggestions,
		"spelling":            testSpelling,
		"rare words":          testRareWords,
		"document":            testDocument,
		"explain":             testExplain,
		"deadline":            testDeadline,
		"search":              testSearch,
		"scores and snippets": testScoresAndSnippets,
		"pages":               testPages,
		"hostile text":        testHostileText,
		"status":              testStatus,
		"errors":              testErrors,
		"failed replacement":  testFailedReplacement,
		"bad documents":       testBadDocuments,
		"cancelled":           testCancelled,
		"swap under load":     testSwapUnderLoad,
		"apply refuses":       testApplyRefuses,
		"apply under load":    testApplyUnderLoad,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			t.Cleanup(func() {
				if err := store.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			test(t, store)
		})
	}
}

func replace(t *testing.T, store catalog.Store, fingerprint string, documents []catalog.Document) {
	t.Helper()
	if err := store.Replace(t.Context(), "animals", catalog.Mark{Fingerprint: fingerprint}, Fill(documents)); err != nil {
		t.Fatal(err)
	}
}

func search(t *testing.T, store catalog.Store, text string) catalog.Answer {
	t.Helper()
	answer, err := store.Search(t.Context(), "animals", catalog.Request{Text: text, Match: catalog.MatchAll, Limit: 100, SnippetWords: 32})
	if err != nil {
		t.Fatalf("Search(%q): %v", text, err)
	}
	return answer
}

// ids lists the hits' documents.
func ids(answer catalog.Answer) []string {
	out := []string{}
	for _, hit := range answer.Hits {
		out = append(out, hit.Document.ID)
	}
	return out
}

func testSearch(t *testing.T, store catalog.Store) {
	replace(t, store, "f", Animals)
	tests := []struct {
		text string
		want []string // in any order
	}{
		{"dog", []string{"1", "2"}},
		{"DOG wolf", []string{"1", "2"}},
		{"domestic animal", []string{"1", "3"}},
		{`"animal that purrs"`, []string{"3"}},
		{`"that animal"`, []string{}},
		{"animal -domestic", []string{"2", "4"}},
		{`animal -"domestic animal" -song`, []string{"2"}},
		{"purrs OR barks", []string{"1", "3"}},
		{"domestic (purrs OR barks) -wolf", []string{"3"}},
		{"anim*", []string{"1", "2", "3", "4"}},
		{"name:dog", []string{"1"}},
		{"-name:dog wolf", []string{"2"}},
		{"name:(dog OR cat) about:animal", []string{"1", "3"}},
		{`about:"wild animal"`, []string{"2"}},
		{"dogs:dog", []string{}},
		{"cancion", []string{"4"}},
		{"CANCIÓN", []string{"4"}},
		{"e-mail", []string{"5"}},
		{"mail-e", []string{}},
		{"barks purrs", []string{}},
		{"nowhere", []string{}},
		{"", []string{"1", "2", "3", "4", "5"}},
		{" \t", []string{"1", "2", "3", "4", "5"}},
		{"-dog", []string{"3", "4", "5"}},
		{"-dog -cat", []string{"4", "5"}},
		{"!?", []string{}},
		{"dog OR -cat", []string{"1", "2"}},
	}
	for _, test := range tests {
		answer := search(t, store, test.text)
		if diff := cmp.Diff(asSet(test.want), asSet(ids(answer))); diff != "" {
			t.Errorf("Search(%q) differs (-want +got):\n%s", test.text, diff)
		}
		if answer.Match != "" || answer.Total != len(test.want) || answer.Relation != catalog.Exactly {
			t.Errorf("Search(%q): match %q of %d %s, want all words of %d", test.text, answer.Match, answer.Total, answer.Relation, len(test.want))
		}
	}
}

func asSet(list []string) map[string]bool {
	set := make(map[string]bool)
	for _, s := range list {
		set[s] = true
	}
	return set
}

func testScoresAndSnippets(t *testing.T, store catalog.Store) {
	replace(t, store, "f", Animals)
	answer := search(t, store, "dog")
	if len(answer.Hits) != 2 || answer.Hits[0].Document.ID != "1" {
		t.Fatalf("hits = %v, want the dog before the wolf: its name counts more", ids(answer))
	}
	if answer.Hits[0].Score <= answer.Hits[1].Score || answer.Hits[1].Score <= 0 {
		t.Errorf("scores = %v, %v, want falling and above 0", answer.Hits[0].Score, answer.Hits[1].Score)
	}
	if diff := cmp.Diff(Animals[0], answer.Hits[0].Document); diff != "" {
		t.Errorf("document differs (-want +got):\n%s", diff)
	}
	hit := search(t, store, "song").Hits[0]
	want := []catalog.Snippet{
		{{Text: "canción"}},
		{{Text: "Spanish for <"}, {Text: "song", Match: true}, {Text: "> & not an animal"}},
	}
	if diff := cmp.Diff(want, hit.Snippets); diff != "" {
		t.Errorf("snippets differ (-want +got):\n%s", diff)
	}
}

func testPages(t *testing.T, store catalog.Store) {
	var documents []catalog.Document
	for i := range 25 {
		documents = append(documents, catalog.Document{ID: fmt.Sprintf("d%02d", i), Values: []catalog.Value{catalog.TextValue("same"), catalog.TextValue("words here")}})
	}
	replace(t, store, "f", documents)
	var all []string
	for offset := 0; offset < 30; offset += 10 {
		answer, err := store.Search(t.Context(), "animals", catalog.Request{Text: "same", Limit: 10, Offset: offset})
		if err != nil {
			t.Fatal(err)
		}
		if answer.Total != 25 {
			t.Errorf("total at %d = %d, want 25", offset, answer.Total)
		}
		all = append(all, ids(answer)...)
	}
	var want []string
	for _, d := range documents {
		want = append(want, d.ID)
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("pages of equals differ from the source's order (-want +got):\n%s", diff)
	}
	for _, r := range []catalog.Request{{Text: "same", Limit: 0}, {Text: "same", Limit: 5, Offset: 1000}} {
		answer, err := store.Search(t.Context(), "animals", r)
		if err != nil || len(answer.Hits) != 0 || answer.Total != 25 {
			t.Errorf("Search(%+v) = %d hits of %d, %v, want none of 25", r, len(answer.Hits), answer.Total, err)
		}
	}
}

// HostileTexts are what raw FTS5 takes for syntax, and worse.
var HostileTexts = []string{
	`"`, `""`, `"""`, `'`, `*`, `* x`, `-`, `--`, `- -`, `(`, `)`, `((((`, `NOT`, `AND`, `OR`, `OR OR`, `NEAR(a b)`, `a NEAR b`,
	`name:`, `name:dog`, `f_name:dog`, `{name about}:dog`, `^dog`, `dog + cat`, `a:b`, `@#=&`, `%`, `;`, `--;`, `'; DROP TABLE doc; --`,
	"\x00", "dog\x00cat", "\xff\xfe", "a\xffb", "\u200b", "\ue000", "\U0010ffff", "😀", "é", "e\u0301", strings.Repeat("\u0301", 100),
	strings.Repeat("(", 2000), strings.Repeat("the ", 5000), `"` + strings.Repeat("the ", 5000) + `"`, strings.Repeat(`"a"*`, 500),
	strings.Repeat("a-", 3000), strings.Repeat("NOT ", 600), strings.Repeat("x OR ", 600), strings.Repeat("-a ", 600), strings.Repeat("z", 100000),
}

func testHostileText(t *testing.T, store catalog.Store) {
	replace(t, store, "f", Animals)
	for _, text := range HostileTexts {
		if _, err := store.Search(t.Context(), "animals", catalog.Request{Text: text, Limit: 10}); err != nil {
			t.Errorf("Search(%.40q): %v", text, err)
		}
	}
}

func testStatus(t *testing.T, store catalog.Store) {
	before := store.Status()
	if len(before) != 3 || before[0].State != catalog.StateEmpty || before[0].Documents != 0 || before[1].Collection.Name != "empty-yet" {
		t.Fatalf("status of a new store = %+v", before)
	}
	replace(t, store, "print", Animals)
	after := store.Status()[0]
	if after.State != catalog.StateReady || after.Documents != len(Animals) || after.Mark.Fingerprint != "print" || after.Generation == "" || after.Built.IsZero() {
		t.Errorf("status = %+v", after)
	}
	replace(t, store, "print2", Animals[:1])
	again := store.Status()[0]
	if again.Documents != 1 || again.Mark.Fingerprint != "print2" || again.Generation == after.Generation {
		t.Errorf("status after another = %+v", again)
	}
	replace(t, store, "none", nil)
	if none := store.Status()[0]; none.State != catalog.StateReady || none.Documents != 0 {
		t.Errorf("status of no documents = %+v, want ready", none)
	}
	if got := search(t, store, "dog"); got.Total != 0 {
		t.Errorf("search in no documents = %+v", got)
	}
}

func testErrors(t *testing.T, store catalog.Store) {
	_, err := store.Search(t.Context(), "animals", catalog.Request{Text: "dog", Limit: 1})
	wantCode(t, "search while empty", err, catalog.CodeUnavailable)
	_, err = store.Search(t.Context(), "plants", catalog.Request{Text: "dog", Limit: 1})
	wantCode(t, "search elsewhere", err, catalog.CodeNotFound)
	wantCode(t, "replace elsewhere", store.Replace(t.Context(), "plants", catalog.Mark{Fingerprint: "f"}, Fill(nil)), catalog.CodeNotFound)
}

func wantCode(t *testing.T, what string, err error, want catalog.Code) {
	t.Helper()
	if err == nil || catalog.CodeOf(err) != want {
		t.Errorf("%s: %v, want an error of code %s", what, err, want)
	}
}

func testFailedReplacement(t *testing.T, store catalog.Store) {
	broken := errors.New("the source broke")
	fail := func(add func(catalog.Document) error) error {
		return errors.Join(Fill(Animals[:2])(add), broken)
	}
	if err := store.Replace(t.Context(), "animals", catalog.Mark{Fingerprint: "f"}, fail); !errors.Is(err, broken) {
		t.Errorf("Replace = %v, want %v", err, broken)
	}
	if got := store.Status()[0].State; got != catalog.StateEmpty {
		t.Errorf("state after a failed first replacement = %s", got)
	}
	replace(t, store, "whole", Animals)
	if err := store.Replace(t.Context(), "animals", catalog.Mark{Fingerprint: "f"}, fail); !errors.Is(err, broken) {
		t.Errorf("Replace = %v, want %v", err, broken)
	}
	if got := store.Status()[0]; got.Mark.Fingerprint != "whole" || search(t, store, "cat").Total != 1 {
		t.Errorf("after a failed replacement: %+v, want the whole one", got)
	}
}

func testBadDocuments(t *testing.T, store catalog.Store) {
	for name, bad := range map[string]catalog.Document{
		"no id":         {Values: []catalog.Value{catalog.TextValue("a"), catalog.TextValue("b")}},
		"two values":    {ID: "x", Values: []catalog.Value{catalog.TextValue("a", "b"), {}}},
		"same id":       {ID: "1", Values: []catalog.Value{catalog.TextValue("a"), catalog.TextValue("b")}},
		"bad text":      {ID: "x", Values: []catalog.Value{catalog.TextValue("a"), catalog.TextValue("\xff")}},
		"bad id":        {ID: "\xff", Values: []catalog.Value{catalog.TextValue("a"), catalog.TextValue("b")}},
		"NUL":           {ID: "x", Values: []catalog.Value{catalog.TextValue("a\x00"), catalog.TextValue("b")}},
		"NUL in the id": {ID: "x\x00", Values: []catalog.Value{catalog.TextValue("a"), catalog.TextValue("b")}},
	} {
		// The error goes to fill, which may leave the document out and go on.
		err := store.Replace(t.Context(), "animals", catalog.Mark{Fingerprint: name}, func(add func(catalog.Document) error) error {
			if err := add(Animals[0]); err != nil {
				return err
			}
			wantCode(t, name, add(bad), catalog.CodeInvalid)
			return add(Animals[1])
		})
		if err != nil {
			t.Errorf("%s: Replace = %v", name, err)
		} else if got := search(t, store, "wolf").Total; got != 2 {
			t.Errorf("%s: %d documents found, want 2", name, got)
		}
	}
}

func testCancelled(t *testing.T, store catalog.Store) {
	replace(t, store, "f", Animals)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := store.Search(ctx, "animals", catalog.Request{Text: "dog", Limit: 1})
	wantCode(t, "search", err, catalog.CodeTimeout)
	if err := store.Replace(ctx, "animals", catalog.Mark{Fingerprint: "g"}, Fill(Animals)); !errors.Is(err, context.Canceled) {
		t.Errorf("Replace = %v, want %v", err, context.Canceled)
	}
	if got := store.Status()[0].Mark.Fingerprint; got != "f" {
		t.Errorf("fingerprint = %q, want f", got)
	}
}

// testSwapUnderLoad replaces a collection while it is searched: each answer must
// be of one generation, and none may fail.
func testSwapUnderLoad(t *testing.T, store catalog.Store) {
	generation := func(n int) []catalog.Document {
		var documents []catalog.Document
		for i := range 20 {
			documents = append(documents, catalog.Document{ID: fmt.Sprint(i), Values: []catalog.Value{catalog.TextValue("thing"), catalog.TextValue(fmt.Sprintf("generation g%d", n))}})
		}
		return documents
	}
	replace(t, store, "0", generation(0))
	stop := make(chan struct{})
	var searchers sync.WaitGroup
	for range 4 {
		searchers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				answer, err := store.Search(t.Context(), "animals", catalog.Request{Text: "thing", Limit: 20})
				if err != nil || answer.Total != 20 || len(answer.Hits) != 20 {
					t.Errorf("search meanwhile: %d hits of %d, %v", len(answer.Hits), answer.Total, err)
					return
				}
				for _, hit := range answer.Hits {
					if hit.Document.Values[1].Texts[0] != answer.Hits[0].Document.Values[1].Texts[0] {
						t.Errorf("two generations in one answer: %v", ids(answer))
						return
					}
				}
			}
		})
	}
	for n := 1; n <= 10; n++ {
		replace(t, store, fmt.Sprint(n), generation(n))
	}
	close(stop)
	searchers.Wait()
}
