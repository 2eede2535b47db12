// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package snippet_test

import (
	"strings"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
	"github.com/lupasearch/lupa/services/lupa/internal/snippet"
)

func TestMake(t *testing.T) {
	long := strings.Repeat("filler ", 100)
	for _, test := range []struct {
		name, query, text, want string
		spec                    fts5.Spec
		words                   int
	}{
		{name: "empty", query: "dog", want: ""},
		{name: "no match", query: "cat", text: "a dog", want: "a dog"},
		{name: "folded", query: "ÉLAN", text: "an élan!", want: "an [élan]!"},
		{name: "stem", query: "run", text: "Running, ran, runs.", spec: fts5.Spec{Language: "en"}, want: "[Running], ran, [runs]."},
		{name: "quoted words are no stems", query: `"run"`, text: "Running runs run", spec: fts5.Spec{Language: "en"}, want: "Running runs [run]"},
		{name: "phrase", query: `"big dog"`, text: "a big dog, a big cat", want: "a [big dog], a big cat"},
		{name: "prefix", query: "do*", text: "dog door cat", want: "[dog] [door] cat"},
		{name: "other field", query: "title:dog", text: "a dog", want: "a dog"},
		{name: "this field", query: "body:dog", text: "a dog", want: "a [dog]"},
		{name: "excluded", query: "dog -cat", text: "dog cat", want: "[dog] cat"},
		{name: "window", query: "dog", text: long + "a dog barks " + long, words: 5, want: "…a [dog] barks filler filler…"},
		{name: "most terms", query: "dog cat", text: "dog dog dog " + long + "dog and cat", words: 4, want: "…filler [dog] and [cat]"},
		{name: "end", query: "dog", text: long + "dog", words: 3, want: "…filler filler [dog]"},
		{name: "trigram", query: "rap", text: "graph paper", spec: fts5.Spec{Kind: fts5.Trigram}, want: "g[rap]h paper"},
		{name: "overlap", query: "grap raph", text: "graphs", spec: fts5.Spec{Kind: fts5.Trigram}, want: "[graph]s"},
		{name: "html is text", query: "b", text: "<b>&amp;</b>", want: "<[b]>&amp;</[b]>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, err := fts5.New(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			q := query.Parse(test.query, []string{"title", "body"})
			plan := q.Plan(query.Options{Analyzer: a, Column: func(f string) string { return f }})
			if test.words == 0 {
				test.words = 32
			}
			m := snippet.Maker{Analyzer: a, Terms: plan.Terms, Words: test.words}
			var got strings.Builder
			for _, s := range m.Make("body", test.text) {
				if s.Match {
					got.WriteString("[" + s.Text + "]")
				} else {
					got.WriteString(s.Text)
				}
			}
			if got.String() != test.want {
				t.Errorf("snippet of %q for %s is\n%s, want\n%s", test.text, test.query, got.String(), test.want)
			}
		})
	}
}
