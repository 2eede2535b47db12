// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package vocabulary

import (
	"strings"

	"github.com/blevesearch/vellum"
	"github.com/tidwall/btree"
)

// changes are by how many documents more, or fewer, have a word than the
// transducer says. A copy takes no time, however many there are. The zero value
// has none.
type changes struct{ byText *btree.BTreeG[Word] }

// With is the vocabulary after documents changed: more has by how many more of
// them a word is in, or fewer if below 0. The vocabulary itself stays as it is.
func (v *Vocabulary) With(more map[string]int) *Vocabulary {
	next := *v
	if v.changes.byText == nil {
		next.changes.byText = btree.NewBTreeGOptions(func(a, b Word) bool { return a.Text < b.Text }, btree.Options{NoLocks: true})
	} else {
		next.changes.byText = v.changes.byText.Copy()
	}
	for text, n := range more {
		held, _ := next.changes.byText.Get(Word{Text: text})
		if held.Documents+n == 0 {
			next.changes.byText.Delete(Word{Text: text})
			continue
		}
		held.Documents += n
		// The text is kept for long; what it was cut out of is not.
		next.changes.byText.Set(Word{Text: strings.Clone(text), Documents: held.Documents})
	}
	return &next
}

// Changed is how many words have other numbers of documents than at first.
func (v *Vocabulary) Changed() int {
	if v.changes.byText == nil {
		return 0
	}
	return v.changes.byText.Len()
}

// of is the change of one word.
func (c changes) of(text string) int {
	if c.byText == nil {
		return 0
	}
	word, _ := c.byText.Get(Word{Text: text})
	return word.Documents
}

// beginning calls yield for each change of a word that begins with prefix.
func (c changes) beginning(prefix string, yield func(Word)) {
	if c.byText == nil {
		return
	}
	c.byText.Ascend(Word{Text: prefix}, func(word Word) bool {
		if !strings.HasPrefix(word.Text, prefix) {
			return false
		}
		yield(word)
		return true
	})
}

// merge puts the changes of words that begin with prefix into a list of words;
// those that no document has any more are left out.
func (v *Vocabulary) merge(words []Word, prefix string) []Word {
	if v.Changed() == 0 {
		return words
	}
	merged := make([]Word, 0, len(words))
	listed := make(map[string]bool, len(words))
	for _, word := range words {
		listed[word.Text] = true
		if word.Documents += v.changes.of(word.Text); word.Documents > 0 {
			merged = append(merged, word)
		}
	}
	v.changes.beginning(prefix, func(word Word) {
		if listed[word.Text] {
			return
		}
		if documents := v.Documents(word.Text); documents > 0 {
			merged = append(merged, Word{word.Text, documents})
		}
	})
	return merged
}

// search calls yield for each word that an automaton takes, with the number of
// documents that have it.
func (v *Vocabulary) search(automaton vellum.Automaton, yield func(text string, documents int)) error {
	it, err := v.words.Search(automaton, nil, nil)
	for ; err == nil; err = it.Next() {
		text, n := it.Current()
		if documents := int(n) + v.changes.of(string(text)); documents > 0 {
			yield(string(text), documents)
		}
	}
	if err != vellum.ErrIteratorDone { //nolint:errorlint // it is given as it is
		return err
	}
	if v.changes.byText == nil {
		return nil
	}
	v.changes.byText.Scan(func(word Word) bool {
		if _, known, err := v.words.Get([]byte(word.Text)); err == nil && !known && word.Documents > 0 && takes(automaton, word.Text) {
			yield(word.Text, word.Documents)
		}
		return true
	})
	return nil
}

func takes(automaton vellum.Automaton, text string) bool {
	state := automaton.Start()
	for i := range len(text) {
		if state = automaton.Accept(state, text[i]); !automaton.CanMatch(state) {
			return false
		}
	}
	return automaton.IsMatch(state)
}
