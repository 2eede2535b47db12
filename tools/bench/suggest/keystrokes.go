// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/lupasearch/lupa/tools/bench/corpus"
)

// How a word is typed: words of fewer letters are passed over, of longer ones only
// so many letters are typed. People stop when they see what they want.
const (
	minWord  = 4
	maxTyped = 8
)

// seed makes the choice of words the same each time.
const seed = 17

// Keystrokes chooses words of a collection and returns what stands in the search
// field after each letter: half of the words are the first there, half follow
// another of their document. Each text comes once. The same collection gives the
// same texts.
func Keystrokes(c *corpus.Collection, words int) []string {
	random := rand.New(rand.NewPCG(seed, 0))
	seen := make(map[string]bool)
	var typed []string
	for tries := 0; words > 0 && tries < 100*words && len(c.Documents) > 0; tries++ {
		d := c.Documents[random.IntN(len(c.Documents))]
		all := wordsOf(d)
		if len(all) < 2 {
			continue
		}
		at := 1 + random.IntN(len(all)-1)
		before := ""
		if words%2 == 0 {
			before = all[at-1] + " "
		}
		if len(all[at]) < minWord || seen[before+all[at]] {
			continue
		}
		seen[before+all[at]] = true
		words--
		for end := 1; end <= min(len(all[at]), maxTyped); end++ {
			text := before + all[at][:end]
			if end < len(all[at]) && seen[text] {
				continue
			}
			seen[text] = true
			typed = append(typed, text)
		}
	}
	return typed
}

// wordsOf are the lower-case ASCII words of a document, of letters alone.
func wordsOf(d corpus.Document) []string {
	text := strings.ToLower(strings.Join(d.Values, " "))
	var words []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		if strings.IndexFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) < 0 {
			words = append(words, word)
		}
	}
	return words
}
