// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package query turns what a user typed into a syntax tree, and the tree into an
// FTS5 expression. Every byte sequence is a query; none is an error.
//
// The language: words (all must match), "phrases", prefix*, -exclusion, and OR
// in capitals between alternatives. A word with punctuation inside, such as
// e-mail, is looked for as the phrase of its parts.
package query

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds on what is searched for. FTS5 takes time in the square of a phrase's
// repeated words, and minutes for long ones, so what goes beyond is cut off.
const (
	maxBytes  = 1024 // of text
	maxTerms  = 32   // of a query
	maxTokens = 8    // of a term
	minPrefix = 2    // characters before a '*'; less is an ordinary word
)

// A Query is a user's text, understood. The zero value asks for nothing.
type Query struct {
	Alternatives []Conjunction // any of them
	Truncated    bool          // some of the text was cut off
}

// A Conjunction asks for all of one list and none of another.
type Conjunction struct {
	All  []Term // not empty
	None []Term
}

// A Term is a word, or a phrase of several.
type Term struct {
	Tokens []string // letters and digits only; not empty
	Prefix bool     // the last token is the beginning of a word
}

func (t Term) equal(other Term) bool {
	return t.Prefix == other.Prefix && slices.EqualFunc(t.Tokens, other.Tokens, strings.EqualFold)
}

// Empty tells whether nothing is asked for.
func (q Query) Empty() bool { return len(q.Alternatives) == 0 }

// Parse understands a user's text. Invalid UTF-8, control characters and
// punctuation separate words.
func Parse(text string) Query {
	p := parser{}
	if len(text) > maxBytes {
		text = text[:maxBytes]
		p.query.Truncated = true
	}
	p.rest = strings.ToValidUTF8(text, " ")
	for p.next() {
	}
	p.closeAlternative()
	return p.query
}

// A parser reads a text from left to right.
type parser struct {
	rest    string
	current Conjunction
	terms   int
	query   Query
}

// next reads one element; false at the end of the text.
func (p *parser) next() bool {
	p.rest = strings.TrimLeftFunc(p.rest, isSpace)
	if p.rest == "" {
		return false
	}
	exclude := false
	if p.rest[0] == '-' {
		exclude = true
		p.rest = p.rest[1:]
	}
	if strings.HasPrefix(p.rest, `"`) {
		phrase, rest, _ := strings.Cut(p.rest[1:], `"`)
		p.rest = rest
		p.add(phrase, false, exclude)
		return true
	}
	end := strings.IndexFunc(p.rest, func(r rune) bool { return isSpace(r) || r == '"' })
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	if word == "OR" && !exclude {
		p.closeAlternative()
		return true
	}
	trimmed := strings.TrimRight(word, "*")
	p.add(trimmed, trimmed != word, exclude)
	return true
}

// add appends the term that a word or phrase makes, if it makes one.
func (p *parser) add(text string, prefix, exclude bool) {
	tokens := tokenize(text)
	if len(tokens) == 0 {
		return
	}
	if len(tokens) > maxTokens {
		tokens = tokens[:maxTokens]
		prefix = false
		p.query.Truncated = true
	}
	if utf8.RuneCountInString(tokens[len(tokens)-1]) < minPrefix {
		prefix = false
	}
	list := &p.current.All
	if exclude {
		list = &p.current.None
	}
	term := Term{tokens, prefix}
	if slices.ContainsFunc(*list, term.equal) {
		return
	}
	if p.terms == maxTerms {
		p.query.Truncated = true
		return
	}
	p.terms++
	*list = append(*list, term)
}

// closeAlternative ends a conjunction. One that only excludes asks for nothing.
func (p *parser) closeAlternative() {
	if len(p.current.All) > 0 {
		p.query.Alternatives = append(p.query.Alternatives, p.current)
	}
	p.current = Conjunction{}
}

// tokenize splits text into runs of what FTS5's unicode61 tokenizer takes for
// parts of a word: letters, numbers, private use, and diacritics on them.
func tokenize(text string) []string {
	var tokens []string
	for _, token := range strings.FieldsFunc(text, func(r rune) bool { return !isTokenRune(r) }) {
		if strings.IndexFunc(token, isLetter) >= 0 {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

func isLetter(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.Co) }

func isTokenRune(r rune) bool { return isLetter(r) || r >= 0x0300 && r <= 0x036F }

func isSpace(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
