// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package vocabulary knows the words of an index and how many documents have
// each: to complete what is being typed, to mend spelling, and to weigh words. It
// is a finite state transducer of a few bytes a word.
package vocabulary

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/blevesearch/vellum"
	"github.com/blevesearch/vellum/levenshtein"
)

// A Word is a word and the number of documents that have it.
type Word struct {
	Text      string
	Documents int
}

// A Vocabulary is safe for concurrent use.
type Vocabulary struct {
	words *vellum.FST
	// tops has the most frequent words of each beginning that many words have.
	tops    map[string][]Word
	changes changes
}

// Words of a beginning that are looked through one by one at most, and words that
// are kept for a beginning that has more.
const (
	manyWords = 2048
	topWords  = 32
)

// Write makes a vocabulary out of words in order of their bytes; next gives false
// at the end.
func Write(next func() (word string, documents int, ok bool, err error)) ([]byte, error) {
	var out bytes.Buffer
	builder, err := vellum.New(&out, nil)
	if err != nil {
		return nil, err
	}
	for {
		word, documents, ok, err := next()
		if err != nil {
			return nil, errors.Join(err, builder.Close())
		}
		if !ok {
			break
		}
		if err := builder.Insert([]byte(word), uint64(documents)); err != nil {
			return nil, errors.Join(fmt.Errorf("word %q: %w", word, err), builder.Close())
		}
	}
	if err := builder.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Open reads what Write gave, and keeps it. Words that begin with a byte below
// first are for Documents alone.
func Open(data []byte, first byte) (*Vocabulary, error) {
	words, err := vellum.Load(data)
	if err != nil {
		return nil, err
	}
	v := &Vocabulary{words: words, tops: make(map[string][]Word)}
	return v, v.count(first)
}

// count finds the beginnings that many words have: a walk over all words, in which
// a stack has the beginnings of the word at hand.
func (v *Vocabulary) count(first byte) error {
	type beginning struct {
		length, words int
		top           []Word
	}
	var stack []beginning
	var last []byte
	leave := func(shared int) {
		for len(stack) > 0 && stack[len(stack)-1].length > shared {
			b := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if b.words > manyWords {
				v.tops[string(last[:b.length])] = sorted(b.top, topWords)
			}
		}
	}
	it, err := v.words.Iterator([]byte{first}, nil)
	for ; err == nil; err = it.Next() {
		text, n := it.Current()
		shared := 0
		for shared < min(len(text), len(last)) && text[shared] == last[shared] {
			shared++
		}
		leave(shared)
		for length := shared; length <= len(text); length++ {
			// Beginnings end where characters do.
			if length > shared && (length == len(text) || utf8.RuneStart(text[length])) || length == 0 && len(stack) == 0 {
				stack = append(stack, beginning{length: length})
			}
		}
		last = append(last[:0], text...)
		word := Word{string(text), int(n)}
		for i := range stack {
			b := &stack[i]
			b.words++
			if b.top = append(b.top, word); len(b.top) >= 4*topWords {
				b.top = sorted(b.top, topWords)
			}
		}
	}
	leave(-1)
	if !errors.Is(err, vellum.ErrIteratorDone) {
		return err
	}
	return nil
}

// sorted keeps the most frequent words.
func sorted(words []Word, most int) []Word {
	slices.SortFunc(words, func(a, b Word) int {
		return cmp.Or(cmp.Compare(b.Documents, a.Documents), cmp.Compare(a.Text, b.Text))
	})
	return slices.Clip(words[:min(len(words), most)])
}

// Documents tells how many documents have a word; 0 where it is unknown.
func (v *Vocabulary) Documents(word string) int {
	n, ok, err := v.words.Get([]byte(word))
	if err != nil || !ok {
		n = 0
	}
	return max(0, int(n)+v.changes.of(word))
}

// Complete lists the most frequent words that begin with prefix, up to 32.
func (v *Vocabulary) Complete(prefix string, limit int) ([]Word, error) {
	limit = min(limit, topWords)
	if top, ok := v.tops[prefix]; ok {
		if v.Changed() > 0 {
			return sorted(v.merge(top, prefix), limit), nil
		}
		return top[:min(limit, len(top))], nil
	}
	var found []Word
	it, err := v.words.Iterator([]byte(prefix), after(prefix))
	for ; err == nil; err = it.Next() {
		text, n := it.Current()
		found = append(found, Word{string(text), int(n)})
	}
	if !errors.Is(err, vellum.ErrIteratorDone) {
		return nil, err
	}
	return sorted(v.merge(found, prefix), limit), nil
}

// after is the first text behind all that begin with prefix; nil where there is
// none.
func after(prefix string) []byte {
	out := []byte(prefix)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] < 0xFF {
			out[i]++
			return out[:i+1]
		}
	}
	return nil
}

// automata makes Levenshtein automata by distance: insertions, deletions,
// substitutions, and neighbours exchanged, cost 1 each.
var automata = sync.OnceValues(func() ([3]*levenshtein.LevenshteinAutomatonBuilder, error) {
	var all [3]*levenshtein.LevenshteinAutomatonBuilder
	for distance := range all {
		var err error
		if all[distance], err = levenshtein.NewLevenshteinAutomatonBuilder(uint8(distance), true); err != nil {
			return all, err
		}
	}
	return all, nil
})

// Lengths from which a word may have one mistake, and two; and beyond which it is
// not looked at.
const (
	oneMistake  = 3
	twoMistakes = 6
	longest     = 40
)

// Nearest finds the word that was probably meant: the nearest one, of equals the
// likeliest; ok is false where none is near. The word itself is no answer.
func (v *Vocabulary) Nearest(word string) (best Word, ok bool, err error) {
	length := utf8.RuneCountInString(word)
	if length < oneMistake || length > longest {
		return Word{}, false, nil
	}
	builders, err := automata()
	if err != nil {
		return Word{}, false, err
	}
	most := 1
	if length >= twoMistakes {
		most = 2
	}
	highest := 0
	for distance := 1; distance <= most && !ok; distance++ {
		automaton, err := builders[distance].BuildDfa(word, uint8(distance))
		if err != nil {
			return Word{}, false, err
		}
		err = v.search(automaton, func(text string, documents int) {
			if text == word || text[0] < ' ' {
				return
			}
			if likelihood := documents * likeness(word, text); likelihood > highest {
				highest = likelihood
				best, ok = Word{text, documents}, true
			}
		})
		if err != nil {
			return Word{}, false, err
		}
	}
	return best, ok, nil
}

// likeness tells how much more likely one word is meant by another than by chance,
// at the same distance: most slips exchange letters, few change their number, and
// fewer the first one.
func likeness(written, meant string) int {
	factor := 1
	if len(written) == len(meant) {
		factor *= 4
		if letters(written) == letters(meant) {
			factor *= 8
		}
	}
	if written[0] == meant[0] {
		factor *= 4
	}
	return factor
}

// letters gives a word's letters in order.
func letters(word string) string {
	all := []rune(word)
	slices.Sort(all)
	return string(all)
}
