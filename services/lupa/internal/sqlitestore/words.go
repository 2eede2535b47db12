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
func (g *generation) suggest(v *view, text string, limit int) ([]catalog.Suggestion, error) {
	// The folder, as words are in the vocabulary of a trigram index, too.
	tokens := g.folder.Tokens(text)
	if len(tokens) == 0 || tokens[len(tokens)-1].End < len(strings.TrimRight(text, `"*`)) {
		return nil, nil
	}
	last := tokens[len(tokens)-1]
	words, err := v.words.Complete(last.Word, limit)
	if err != nil {
		return nil, err
	}
	all := make([]catalog.Suggestion, 0, len(words))
	for _, word := range words {
		all = append(all, catalog.Suggestion{Text: text[:last.Start] + word.Text, Documents: word.Documents})
	}
	return all, nil
}

// correct gives the query with words replaced by their likeliest neighbours: words
// that no document has, and with rare words that few have beside much more frequent
// ones. It is "" where there is nothing to replace.
func (g *generation) correct(v *view, q query.Query, rare bool) (string, error) {
	text := q.Text
	words := wordsOf(q.Root)
	slices.SortFunc(words, func(a, b query.Word) int { return b.Start - a.Start }) // from the end, so that places stay
	changed := false
	for _, w := range words {
		tokens := g.folder.Tokens(w.Text)
		slices.Reverse(tokens)
		for _, token := range tokens {
			documents := g.commonness(v, token.Word, w.Prefix || w.End == len(q.Text))
			if documents > rareWord || documents > 0 && !rare || query.Common(token.Word) || strings.ContainsFunc(token.Word, unicode.IsNumber) {
				continue
			}
			nearest, ok, err := v.words.Nearest(token.Word)
			if err != nil {
				return "", err
			}
			if ok && nearest.Documents > documents*commonWord {
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

// A word in up to rareWord documents may be a slip for one in more than commonWord
// times as many.
const (
	rareWord   = 2
	commonWord = 50
)

// commonness tells how many documents have a word, its stem, or, where it may be
// unfinished, a word that it begins.
func (g *generation) commonness(v *view, word string, unfinished bool) int {
	documents := v.words.Documents(word)
	for _, token := range g.analyzer.Tokens(word) {
		if token.Stem != "" {
			documents = max(documents, v.words.Documents(token.Stem))
		}
	}
	if unfinished && documents == 0 {
		if words, err := v.words.Complete(word, 1); err == nil && len(words) > 0 {
			documents = words[0].Documents
		}
	}
	return documents
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
