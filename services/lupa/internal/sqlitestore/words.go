// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"slices"
	"strings"
	"unicode"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

// suggest completes the last word of a text.
func (g *generation) suggest(text string, limit int) ([]catalog.Suggestion, error) {
	// The folder, as words are in the vocabulary of a trigram index, too.
	tokens := g.folder.Tokens(text)
	if len(tokens) == 0 || tokens[len(tokens)-1].End < len(strings.TrimRight(text, `"*`)) {
		return nil, nil
	}
	last := tokens[len(tokens)-1]
	words, err := g.words.Complete(last.Word, limit)
	if err != nil {
		return nil, err
	}
	all := make([]catalog.Suggestion, 0, len(words))
	for _, word := range words {
		all = append(all, catalog.Suggestion{Text: text[:last.Start] + word.Text, Documents: word.Documents})
	}
	return all, nil
}

// correct gives the query with words that no document has replaced by their nearest
// neighbours; "" where there is nothing to replace.
func (g *generation) correct(q query.Query) (string, error) {
	text := q.Text
	words := wordsOf(q.Root)
	slices.SortFunc(words, func(a, b query.Word) int { return b.Start - a.Start }) // from the end, so that places stay
	changed := false
	for _, w := range words {
		tokens := g.folder.Tokens(w.Text)
		slices.Reverse(tokens)
		for _, token := range tokens {
			if g.known(token.Word, w.Prefix || w.End == len(q.Text)) || strings.ContainsFunc(token.Word, unicode.IsNumber) {
				continue
			}
			nearest, ok, err := g.words.Nearest(token.Word)
			if err != nil {
				return "", err
			}
			if ok {
				text = text[:w.Start+token.Start] + nearest.Text + text[w.Start+token.End:]
				changed = true
			}
		}
	}
	if !changed {
		return "", nil
	}
	return text, nil
}

// known tells whether documents have a word, its stem, or, where it may be
// unfinished, a word that it begins.
func (g *generation) known(word string, unfinished bool) bool {
	if g.words.Documents(word) > 0 {
		return true
	}
	for _, token := range g.analyzer.Tokens(word) {
		if token.Stem != "" && g.words.Documents(token.Stem) > 0 {
			return true
		}
	}
	if !unfinished {
		return false
	}
	words, err := g.words.Complete(word, 1)
	return err == nil && len(words) > 0
}

// wordsOf lists a query's words, but for those that are excluded.
func wordsOf(n query.Node) []query.Word {
	var all []query.Word
	switch n := n.(type) {
	case query.Word:
		all = append(all, n)
	case query.All:
		for _, one := range n.All {
			all = append(all, wordsOf(one)...)
		}
	case query.Any:
		for _, one := range n.Nodes {
			all = append(all, wordsOf(one)...)
		}
	}
	return all
}
