// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package vocabulary_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/vocabulary"
)

func open(t *testing.T, words map[string]int) *vocabulary.Vocabulary {
	t.Helper()
	ordered := slices.Sorted(maps.Keys(words))
	data, err := vocabulary.Write(func() (string, int, bool, error) {
		if len(ordered) == 0 {
			return "", 0, false, nil
		}
		word := ordered[0]
		ordered = ordered[1:]
		return word, words[word], true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := vocabulary.Open(data, ' ')
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var animals = map[string]int{"dog": 12, "dogma": 3, "dogs": 7, "door": 30, "cat": 9, "élan": 2, "elephant": 5, "\x01dog": 19, "elegant": 4}

func TestComplete(t *testing.T) {
	v := open(t, animals)
	for _, test := range []struct {
		prefix string
		limit  int
		want   []string
	}{
		{"do", 3, []string{"door", "dog", "dogs"}},
		{"dog", 10, []string{"dog", "dogs", "dogma"}},
		{"é", 10, []string{"élan"}},
		{"x", 10, nil},
		{"do", 0, nil},
	} {
		words, err := v.Complete(test.prefix, test.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range words {
			got = append(got, w.Text)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("Complete(%q, %d) (-want +got):\n%s", test.prefix, test.limit, diff)
		}
	}
}

// TestCompleteMany compares beginnings that are kept with what a walk finds.
func TestCompleteMany(t *testing.T) {
	words := make(map[string]int)
	for i := range 20000 {
		words[fmt.Sprintf("%s%d", []string{"a", "ab", "ñu", "ñandú"}[i%4], i*7919%20011)] = i*31%5003 + 1
	}
	v := open(t, words)
	for _, prefix := range []string{"", "a", "ab", "ab1", "ñ", "ñu", "ñu1", "ñan", "ñandú99"} {
		var want []vocabulary.Word
		for text, n := range words {
			if strings.HasPrefix(text, prefix) {
				want = append(want, vocabulary.Word{Text: text, Documents: n})
			}
		}
		slices.SortFunc(want, func(a, b vocabulary.Word) int {
			if a.Documents != b.Documents {
				return b.Documents - a.Documents
			}
			return strings.Compare(a.Text, b.Text)
		})
		got, err := v.Complete(prefix, 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[:min(10, len(want))], got); diff != "" {
			t.Errorf("Complete(%q) (-want +got):\n%s", prefix, diff)
		}
	}
}

func TestNearest(t *testing.T) {
	v := open(t, animals)
	for word, want := range map[string]string{
		"dgo":       "dog", // neighbours exchanged
		"dorr":      "door",
		"elefant":   "elegant", // one mistake away; elephant is two
		"elepahnt":  "elephant",
		"elan":      "élan",
		"do":        "",
		"zebra":     "",
		"dogx":      "dogs",
		"elehpamt":  "elephant",
		"caterpill": "",
	} {
		got, ok, err := v.Nearest(word)
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q, %v; want %q", word, got.Text, ok, want)
		}
	}
}

func TestDocuments(t *testing.T) {
	v := open(t, animals)
	for word, want := range map[string]int{"dog": 12, "\x01dog": 19, "do": 0, "": 0} {
		if got := v.Documents(word); got != want {
			t.Errorf("Documents(%q) = %d, want %d", word, got, want)
		}
	}
}

func TestEmpty(t *testing.T) {
	v := open(t, nil)
	words, err := v.Complete("a", 10)
	if err != nil || len(words) != 0 {
		t.Errorf("Complete = %v, %v", words, err)
	}
	if _, ok, err := v.Nearest("word"); ok || err != nil {
		t.Errorf("Nearest = %v, %v", ok, err)
	}
}

// TestDamaged makes sure that what is no vocabulary is an error.
func TestDamaged(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("x"), make([]byte, 64)} {
		if _, err := vocabulary.Open(data, ' '); err == nil {
			t.Errorf("Open(%q) gives no error", data)
		}
	}
}
