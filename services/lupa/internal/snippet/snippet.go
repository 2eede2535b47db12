// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package snippet cuts the part out of a text that shows best why it matches.
package snippet

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

// maxText bounds what is looked at of one text, in bytes, and so the time it
// takes. A match further on is shown by the text's beginning.
const maxText = 256 << 10

// trigramsPerWord is how many trigrams are about a word.
const trigramsPerWord = 6

// A Maker makes snippets for one query. It is safe for concurrent use.
type Maker struct {
	Analyzer *fts5.Analyzer
	Terms    []query.Term
	Words    int // length of a snippet, from 1
}

// A mark is a match in a text.
type mark struct {
	start, end int // bytes
	token      int // its first token
	term       int
}

// Make cuts a snippet out of one field's text. An empty text has an empty one.
func (m *Maker) Make(field, text string) catalog.Snippet {
	cut := text
	if len(cut) > maxText {
		cut = cut[:maxText]
		for len(cut) > 0 && !utf8.RuneStart(text[len(cut)]) {
			cut = cut[:len(cut)-1]
		}
	}
	tokens := m.Analyzer.Tokens(cut)
	marks := m.marks(field, tokens)
	words := m.Words
	if m.Analyzer.Spec().Kind == fts5.Trigram {
		words *= trigramsPerWord
	}
	from, to := 0, len(text)
	if len(tokens) > words {
		first := window(marks, len(tokens), words)
		last := min(first+words, len(tokens)) - 1
		if first > 0 {
			from = tokens[first].Start
		}
		if last < len(tokens)-1 || len(cut) < len(text) {
			to = tokens[last].End
		}
	}
	return segments(text, from, to, marks)
}

// marks finds the terms that are looked for in the field.
func (m *Maker) marks(field string, tokens []fts5.Token) []mark {
	var marks []mark
	for n, term := range m.Terms {
		if term.Field != "" && term.Field != field {
			continue
		}
		for i := range tokens {
			if length := match(term, tokens[i:]); length > 0 {
				marks = append(marks, mark{tokens[i].Start, tokens[i+length-1].End, i, n})
			}
		}
	}
	slices.SortFunc(marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	return marks
}

// match tells how many of the first tokens are the term; 0 for none.
func match(term query.Term, tokens []fts5.Token) int {
	if term.Stem != "" && tokens[0].Stem == term.Stem {
		return 1
	}
	n := len(term.Words)
	if n > len(tokens) {
		return 0
	}
	for i, word := range term.Words {
		if tokens[i].Word != word && !(term.Prefix && i == n-1 && strings.HasPrefix(tokens[i].Word, word)) {
			return 0
		}
	}
	return n
}

// window finds the first token of the stretch that has the most different terms,
// then the most matches, and begins a little before its first match.
func window(marks []mark, tokens, words int) int {
	best, bestTerms, bestMarks := 0, 0, 0
	for i, first := range marks {
		seen := make(map[int]bool)
		count := 0
		for _, other := range marks[i:] {
			if other.token >= first.token+words {
				break
			}
			seen[other.term] = true
			count++
		}
		if len(seen) > bestTerms || len(seen) == bestTerms && count > bestMarks {
			best, bestTerms, bestMarks = first.token, len(seen), count
		}
	}
	// What stands before the first match helps to understand it.
	lead := words / 5
	return max(0, min(best-lead, tokens-words))
}

// ellipsis stands for what was cut off.
const ellipsis = "…"

// segments divides a stretch of text at its marks.
func segments(text string, from, to int, marks []mark) catalog.Snippet {
	var all catalog.Snippet
	add := func(text string, match bool) {
		if text != "" {
			all = append(all, catalog.Segment{Text: text, Match: match})
		}
	}
	lead := ""
	if from > 0 {
		lead = ellipsis
	}
	at := from
	for _, m := range marks {
		start, end := max(m.start, at), min(m.end, to)
		if end <= start {
			continue
		}
		if start == at && len(all) > 0 && all[len(all)-1].Match && m.start < at {
			// It overlaps the mark before.
			all[len(all)-1].Text += text[start:end]
			at = end
			continue
		}
		add(lead+text[at:start], false)
		lead = ""
		add(text[start:end], true)
		at = end
	}
	tail := text[at:to]
	if to < len(text) {
		tail += ellipsis
	}
	add(lead+tail, false)
	return all
}
