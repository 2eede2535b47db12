// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package fts5_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
)

func analyzer(t *testing.T, kind fts5.Kind, language string) *fts5.Analyzer {
	t.Helper()
	a, err := fts5.New(fts5.Spec{Kind: kind, Language: language})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTokens(t *testing.T) {
	for _, test := range []struct {
		name, language, text string
		kind                 fts5.Kind
		want                 []fts5.Token
	}{
		{name: "empty"},
		{name: "no words", text: " .,;!\x00 "},
		{name: "folded", text: "Ça va?", want: []fts5.Token{{Start: 0, End: 3, Word: "ca", Stem: ""}, {Start: 4, End: 6, Word: "va", Stem: ""}}},
		{
			name: "stems", language: "en", text: "Running dogs", want: []fts5.Token{
				{Start: 0, End: 7, Word: "running", Stem: "\x01run"}, {Start: 8, End: 12, Word: "dogs", Stem: "\x01dog"},
			},
		},
		{name: "accents", language: "es", text: "CANCIÓN", want: []fts5.Token{{Start: 0, End: 8, Word: "cancion", Stem: "\x01cancion"}}},
		{name: "porter", kind: fts5.Porter, text: "libraries", want: []fts5.Token{{Start: 0, End: 9, Word: "libraries", Stem: "\x01librari"}}},
		{name: "trigram", kind: fts5.Trigram, text: "Größe", want: []fts5.Token{{Start: 0, End: 4, Word: "gro", Stem: ""}, {Start: 1, End: 6, Word: "roß", Stem: ""}, {Start: 2, End: 7, Word: "oße", Stem: ""}}},
		{name: "invalid UTF-8", text: "a\xffb", want: []fts5.Token{{Start: 0, End: 1, Word: "a", Stem: ""}, {Start: 2, End: 3, Word: "b", Stem: ""}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := analyzer(t, test.kind, test.language).Tokens(test.text)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("tokens of %q (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

// TestForms has words that must find each other, by language, as people type
// them.
func TestForms(t *testing.T) {
	for _, test := range []struct{ language, words string }{
		{"es", "canción canciones CANCION Canciónes"},
		{"es", "educación educacion educaciones"},
		{"es", "versión version versiones"},
		{"pt", "informação informacao informações informacoes"},
		{"fr", "cheval CHEVAL"},
		{"fr", "élections election élection"},
		{"de", "Häuser hauser häusern"},
		{"it", "città citta"},
		{"it", "nazione nazioni"},
		{"en", "library libraries"},
		{"en", "connect connected connecting connection"},
	} {
		a := analyzer(t, "", test.language)
		stems := make(map[string]bool)
		for _, token := range a.Tokens(test.words) {
			stems[token.Stem] = true
		}
		if len(stems) != 1 {
			t.Errorf("%s: %s have the stems %v, want one", test.language, test.words, stems)
		}
	}
}

func TestEveryLanguage(t *testing.T) {
	languages := fts5.Languages()
	for _, want := range []string{"en", "es", "pt", "fr", "de", "it"} {
		if !slices.Contains(languages, want) {
			t.Errorf("there is no language %q", want)
		}
	}
	for _, language := range languages {
		tokens := analyzer(t, fts5.Unicode, language).Tokens("word " + strings.Repeat("é", 200) + " Ελλάδα мама")
		if len(tokens) != 4 || tokens[0].Stem == "" || tokens[1].Stem != "" {
			t.Errorf("%s: tokens are %v", language, tokens)
		}
	}
}

func TestUnknown(t *testing.T) {
	for _, spec := range []fts5.Spec{{Language: "tlh"}, {Kind: "icu"}} {
		if _, err := fts5.New(spec); err == nil {
			t.Errorf("New(%+v) gives no error", spec)
		}
	}
}

// TestConcurrent is of use under the race detector, and for what the stemmers keep
// between calls.
func TestConcurrent(t *testing.T) {
	a := analyzer(t, "", "en")
	want := a.Tokens("the horses were running")
	var work sync.WaitGroup
	for range 16 {
		work.Go(func() {
			for range 200 {
				if got := a.Tokens("the horses were running"); !slices.Equal(got, want) {
					t.Errorf("tokens are %v, want %v", got, want)
					return
				}
			}
		})
	}
	work.Wait()
}
