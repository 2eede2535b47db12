// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package catalogtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

// A Memory is a catalog.Store that looks at every document for each search.
type Memory struct {
	mu    sync.RWMutex
	order []string
	held  map[string]*held
	built int
}

type held struct {
	status    catalog.Status
	documents []catalog.Document
}

var _ catalog.Store = (*Memory)(nil)

// NewMemory makes an empty store of collections.
func NewMemory(collections []catalog.Collection) *Memory {
	m := &Memory{held: make(map[string]*held)}
	for _, c := range collections {
		m.order = append(m.order, c.Name)
		m.held[c.Name] = &held{status: catalog.Status{Collection: c, State: catalog.StateEmpty}}
	}
	return m
}

// Close does nothing.
func (m *Memory) Close() error { return nil }

// Status describes the collections.
func (m *Memory) Status() []catalog.Status {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var all []catalog.Status
	for _, name := range m.order {
		all = append(all, m.held[name].status)
	}
	return all
}

// Replace keeps what fill gives.
func (m *Memory) Replace(ctx context.Context, collection, fingerprint string, fill func(func(catalog.Document) error) error) error {
	m.mu.RLock()
	h, ok := m.held[collection]
	m.mu.RUnlock()
	if !ok {
		return catalog.Errorf(catalog.CodeNotFound, "there is no collection %q", collection)
	}
	var documents []catalog.Document
	seen := make(map[string]bool)
	err := fill(func(d catalog.Document) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, text := range append([]string{d.ID}, d.Values...) {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return catalog.Errorf(catalog.CodeInvalid, "bad text in document %q", d.ID)
			}
		}
		if d.ID == "" || seen[d.ID] {
			return catalog.Errorf(catalog.CodeInvalid, "bad id %q", d.ID)
		}
		seen[d.ID] = true
		documents = append(documents, d)
		return nil
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.built++
	h.documents = documents
	h.status.State, h.status.Documents, h.status.Fingerprint = catalog.StateReady, len(documents), fingerprint
	h.status.Generation, h.status.Built = fmt.Sprintf("memory-%d", m.built), time.Now()
	return nil
}

// Search looks at every document.
func (m *Memory) Search(ctx context.Context, collection string, r catalog.Request) (catalog.Answer, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	h, ok := m.held[collection]
	if !ok {
		return catalog.Answer{}, catalog.Errorf(catalog.CodeNotFound, "there is no collection %q", collection)
	}
	if h.status.State == catalog.StateEmpty {
		return catalog.Answer{}, catalog.Errorf(catalog.CodeUnavailable, "collection %q is empty", collection)
	}
	if err := ctx.Err(); err != nil {
		return catalog.Answer{}, &catalog.Error{Code: catalog.CodeTimeout, Message: "too slow", Cause: err}
	}
	q := query.Parse(r.Text)
	answer := catalog.Answer{Truncated: q.Truncated}
	if q.Empty() {
		return answer, nil
	}
	answer.Match = catalog.MatchAll
	hits := h.find(q)
	if loose, ok := q.Loose(); ok && len(hits) == 0 {
		answer.Match = catalog.MatchAny
		hits = h.find(loose)
	}
	answer.Total = len(hits)
	from := min(r.Offset, len(hits))
	answer.Hits = hits[from:min(from+r.Limit, len(hits))]
	return answer, nil
}

func (h *held) find(q query.Query) []catalog.Hit {
	var hits []catalog.Hit
	for _, d := range h.documents {
		if hit, ok := match(h.status.Collection, d, q); ok {
			hits = append(hits, hit)
		}
	}
	slices.SortStableFunc(hits, func(a, b catalog.Hit) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return hits
}

// match scores by the weights of the fields that the terms are in.
func match(c catalog.Collection, d catalog.Document, q query.Query) (catalog.Hit, bool) {
	hit := catalog.Hit{Document: d, Snippets: make([]catalog.Snippet, len(c.Fields))}
	marked := make([]map[int]bool, len(c.Fields))
	words := make([][]word, len(c.Fields))
	for i, value := range d.Values {
		marked[i] = make(map[int]bool)
		words[i] = split(value)
	}
	has := func(t query.Term) bool {
		found := false
		for i, field := range c.Fields {
			for _, at := range places(words[i], t) {
				found = true
				hit.Score += field.Weight
				for k := range t.Tokens {
					marked[i][at+k] = true
				}
			}
		}
		return found
	}
	matches := false
	for _, alternative := range q.Alternatives {
		matches = all(alternative.All, has) && !slices.ContainsFunc(alternative.None, has) || matches
	}
	for i, value := range d.Values {
		hit.Snippets[i] = snippet(value, words[i], marked[i])
	}
	return hit, matches
}

func all(terms []query.Term, has func(query.Term) bool) bool {
	for _, t := range terms {
		if !has(t) {
			return false
		}
	}
	return true
}

type word struct {
	folded     string
	start, end int
}

// split finds the words of a text.
func split(text string) []word {
	var words []word
	start := -1
	for i, r := range text + " " {
		inside := unicode.IsLetter(r) || unicode.IsNumber(r)
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			words = append(words, word{fold(text[start:i]), start, i})
			start = -1
		}
	}
	return words
}

var unaccent = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n", "\u0301", "")

func fold(s string) string { return unaccent.Replace(strings.ToLower(s)) }

// places lists where a term begins.
func places(words []word, t query.Term) []int {
	var found []int
	for at := 0; at+len(t.Tokens) <= len(words); at++ {
		same := true
		for k, token := range t.Tokens {
			token = fold(token)
			last := k == len(t.Tokens)-1
			same = same && (words[at+k].folded == token || t.Prefix && last && strings.HasPrefix(words[at+k].folded, token))
		}
		if same {
			found = append(found, at)
		}
	}
	return found
}

// snippet is the whole text, with marked words.
func snippet(text string, words []word, marked map[int]bool) catalog.Snippet {
	var out catalog.Snippet
	at := 0
	add := func(to int, match bool) {
		if to > at {
			out = append(out, catalog.Segment{Text: text[at:to], Match: match})
			at = to
		}
	}
	for i, w := range words {
		if marked[i] {
			add(w.start, false)
			add(w.end, true)
		}
	}
	add(len(text), false)
	return out
}
