// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package snowball_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/stem/internal/snowball"
)

func TestStems(t *testing.T) {
	tests := []struct {
		language    string
		words, want []string
	}{
		{"spanish", []string{"canción", "canciones", "CANCIÓN"}, []string{"cancion", "cancion", "cancion"}},
		{"english", []string{"search", "searches", "Searching"}, []string{"search", "search", "search"}},
		{"german", []string{"Häuser", "Haus"}, []string{"haus", "haus"}},
		{"russian", []string{"книги"}, []string{"книг"}},
		{"english", []string{"", "a\x00b", "\xff\xfe"}, []string{"", "a\x00b", "\ufffd\ufffd"}},
		{"english", nil, []string{}},
	}
	for _, test := range tests {
		got, err := snowball.Stems(test.language, test.words...)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("Stems(%q, %q): error %v, -want +got:\n%s", test.language, test.words, err, diff)
		}
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		language, word string
		want           error
	}{
		{"klingon", "x", snowball.ErrLanguage},
		{"", "x", snowball.ErrLanguage},
		{"spanish\x00x", "canciones", nil}, // C's strings end there
		{"english", strings.Repeat("x", snowball.MaxWord+1), snowball.ErrWord},
		{"english", strings.Repeat("x", snowball.MaxWord), nil},
	}
	for _, test := range tests {
		if _, err := snowball.Stems(test.language, test.word); !errors.Is(err, test.want) {
			t.Errorf("Stems(%q, %.10q…): error %v, want %v", test.language, test.word, err, test.want)
		}
	}
}

func TestLanguages(t *testing.T) {
	languages := snowball.Languages()
	for _, want := range []string{"english", "french", "german", "italian", "portuguese", "spanish"} {
		if !slices.Contains(languages, want) {
			t.Errorf("languages %q lack %s", languages, want)
		}
	}
	for _, language := range languages {
		if _, err := snowball.Stems(language, "x"); err != nil {
			t.Errorf("a language of the list: %v", err)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			for range 1000 {
				if got, err := snowball.Stems("spanish", "canciones"); err != nil || got[0] != "cancion" {
					t.Errorf("stem = %q, %v", got, err)
					return
				}
			}
		})
	}
	work.Wait()
}
