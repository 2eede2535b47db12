// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package vocabulary_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/vocabulary"
)

// questions are asked of two vocabularies that must answer alike.
var questions = []string{"do", "dog", "dogm", "d", "e", "ele", "x", "catt", "elefant", "w", "w1", "w12", "zebra", "zebro", "doog"}

func compare(t *testing.T, what string, got, want *vocabulary.Vocabulary, words map[string]int) {
	t.Helper()
	for word := range words {
		if g, w := got.Documents(word), want.Documents(word); g != w {
			t.Errorf("%s: %q is in %d documents, want %d", what, word, g, w)
		}
	}
	for _, question := range questions {
		for _, limit := range []int{1, 5, 32} {
			g, gotErr := got.Complete(question, limit)
			w, wantErr := want.Complete(question, limit)
			if gotErr != nil || wantErr != nil {
				t.Fatal(gotErr, wantErr)
			}
			if diff := cmp.Diff(w, g); diff != "" && len(w)+len(g) > 0 {
				t.Errorf("%s: Complete(%q, %d) (-want +got):\n%s", what, question, limit, diff)
			}
		}
		g, gotOK, gotErr := got.Nearest(question)
		w, wantOK, wantErr := want.Nearest(question)
		if gotErr != nil || wantErr != nil {
			t.Fatal(gotErr, wantErr)
		}
		// Of words that are equally likely any is right.
		if gotOK != wantOK || g.Documents != w.Documents {
			t.Errorf("%s: Nearest(%q) = %v %v, want %v %v", what, question, g, gotOK, w, wantOK)
		}
	}
}

func TestWithIsAsBuiltAnew(t *testing.T) {
	words := maps.Clone(animals)
	for i := range 30 {
		words[fmt.Sprint("w", i)] = 100 + i
	}
	v := open(t, words)
	before := maps.Clone(words)
	first := v
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"zebra", "zebr", "dog", "dogma", "elan", "élan", "door", "\x01dog", "\x01zebr", "w1", "w33", "cat", "catty"}
	for round := range 50 {
		more := make(map[string]int)
		for range 4 {
			name := names[random.IntN(len(names))]
			n := random.IntN(40) - 20
			if words[name]+more[name]+n < 0 {
				continue
			}
			more[name] += n
		}
		for name, n := range more {
			words[name] += n
			if words[name] == 0 {
				delete(words, name)
			}
		}
		v = v.With(more)
		want := open(t, words)
		all := maps.Clone(words)
		for _, name := range names {
			all[name] = 0
		}
		compare(t, fmt.Sprint("round ", round), v, want, all)
	}
	compare(t, "the first one", first, open(t, before), before)
	if first.Changed() != 0 || v.Changed() == 0 {
		t.Errorf("%d and %d words changed", first.Changed(), v.Changed())
	}
}

func TestWithManyWords(t *testing.T) {
	words := make(map[string]int)
	for i := range 3000 {
		words[fmt.Sprintf("m%04d", i)] = i + 1
	}
	v := open(t, words).With(map[string]int{"m0001": 9000, "m2999": -2999, "mm": 5000, "n": 1})
	got, err := v.Complete("m", 3)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, w := range got {
		texts = append(texts, fmt.Sprint(w.Text, " ", w.Documents))
	}
	if g := strings.Join(texts, ", "); g != "m0001 9002, mm 5000, m2998 2999" {
		t.Errorf("Complete = %s", g)
	}
}
