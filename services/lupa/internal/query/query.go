// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package query turns what a user typed into a syntax tree, and the tree into an
// FTS5 expression. Every byte sequence is a query; none is an error.
//
// The language, which docs/query.md describes to users: words (all must match),
// "phrases", prefix*, -exclusion, OR in capitals, field:word, and parentheses. A
// word with punctuation inside, such as e-mail, is looked for as the phrase of its
// parts.
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
	maxBytes    = 4096 // of text
	maxWords    = 256  // different words of a text
	maxTerms    = 32   // of a query, besides stop words
	maxTokens   = 8    // of a term
	maxTrigrams = 64   // characters of a term that is looked for as trigrams
	maxDepth    = 16   // of parentheses; deeper ones are passed over
	minPrefix   = 2    // characters before a '*'; less is an ordinary word
)

// A Query is a user's text, understood. The zero value asks for nothing.
type Query struct {
	Root      Node   // nil where nothing is asked for
	Truncated bool   // some of the text was cut off
	Text      string // what was read: valid UTF-8, without what was cut off
}

// A Node is a Word, an All or an Any.
type Node interface{ node() }

// A Word is what stood between spaces or quotes.
type Word struct {
	Text       string
	Start, End int    // its place in Query.Text, in bytes
	Field      string // where it is looked for; "" for all fields
	Phrase     bool   // it stood in quotes
	Prefix     bool   // a '*' stood behind it
	// Count is how often the word stands in the same list: what is asked for twice
	// matters more.
	Count int
}

// An All asks for all of one list and none of another.
type All struct{ All, None []Node }

// An Any asks for one of its nodes at least.
type Any struct{ Nodes []Node }

func (Word) node() {}
func (All) node()  {}
func (Any) node()  {}

// Parse understands a user's text. fields are the names that may stand before a
// colon. Invalid UTF-8 and control characters separate words; quotes and
// parentheses that are not closed end with the text.
func Parse(text string, fields []string) Query {
	q := Query{}
	if len(text) > maxBytes {
		text = strings.ToValidUTF8(text[:maxBytes], "")
		q.Truncated = true
	}
	q.Text = strings.ToValidUTF8(text, " ")
	p := parser{text: q.Text, fields: fields}
	q.Root = p.any(0, "")
	q.Truncated = q.Truncated || p.truncated
	return q
}

// A parser reads a text from left to right.
type parser struct {
	text      string
	at        int
	fields    []string
	terms     int
	truncated bool
}

// any reads alternatives, up to the end or a closing parenthesis.
func (p *parser) any(depth int, field string) Node {
	var nodes []Node
	for {
		if n := p.all(depth, field); n != nil {
			nodes = append(nodes, n)
		}
		if !p.or() {
			break
		}
	}
	switch len(nodes) {
	case 0:
		return nil
	case 1:
		return nodes[0]
	}
	return Any{nodes}
}

// or passes over an OR.
func (p *parser) or() bool {
	p.space()
	rest, ok := strings.CutPrefix(p.text[p.at:], "OR")
	if !ok || rest != "" && !endsWord(rune(rest[0])) {
		return false
	}
	p.at += len("OR")
	return true
}

// all reads what stands side by side.
func (p *parser) all(depth int, field string) Node {
	var out All
	for {
		p.space()
		rest := p.text[p.at:]
		switch {
		case rest == "":
			return simplify(out)
		case rest[0] == ')' && depth == 0:
			p.at++
			continue
		case rest[0] == ')':
			return simplify(out)
		}
		if before := p.at; p.or() {
			p.at = before
			return simplify(out)
		}
		list := &out.All
		if rest[0] == '-' {
			p.at++
			list = &out.None
		}
		if n := p.one(depth, field); n == nil {
			continue
		} else if counted(*list, n) {
			p.terms--
		} else {
			*list = append(*list, n)
		}
	}
}

// counted counts a word that is in the list already: a repetition costs FTS5 time.
func counted(list []Node, n Node) bool {
	w, ok := n.(Word)
	if !ok {
		return false
	}
	for i, other := range list {
		o, ok := other.(Word)
		if ok && o.Field == w.Field && o.Phrase == w.Phrase && o.Prefix == w.Prefix && strings.EqualFold(o.Text, w.Text) {
			o.Count++
			list[i] = o
			return true
		}
	}
	return false
}

// simplify takes away levels that say nothing. What is excluded from an exclusion
// has no good meaning and is not asked for.
func simplify(a All) Node {
	kept := a.None[:0]
	for _, n := range a.None {
		if inner, ok := n.(All); ok {
			if len(inner.All) == 0 {
				continue
			}
		}
		kept = append(kept, n)
	}
	a.None = kept
	for i := 0; i < len(a.All); i++ {
		// (b -c) beside a is a b -c.
		if inner, ok := a.All[i].(All); ok {
			a.None = append(a.None, inner.None...)
			a.All = slices.Replace(a.All, i, i+1, inner.All...)
			i += len(inner.All) - 1
		}
	}
	switch {
	case len(a.All) == 0 && len(a.None) == 0:
		return nil
	case len(a.All) == 1 && len(a.None) == 0:
		return a.All[0]
	}
	return a
}

// one reads a word, a phrase or a group, with its field.
func (p *parser) one(depth int, field string) Node {
	for _, name := range p.fields {
		if rest, ok := strings.CutPrefix(p.text[p.at:], name+":"); ok && rest != "" && !isSpace(rune(rest[0])) {
			p.at += len(name) + 1
			field = name
			break
		}
	}
	if p.at == len(p.text) {
		return nil
	}
	switch p.text[p.at] {
	case '(':
		p.at++
		if depth == maxDepth {
			return nil // what is inside goes on at this level
		}
		n := p.any(depth+1, field)
		if p.at < len(p.text) && p.text[p.at] == ')' {
			p.at++
		}
		return n
	case '"':
		p.at++
		start := p.at
		end := strings.IndexByte(p.text[start:], '"')
		if end < 0 {
			p.at = len(p.text)
			return p.word(Word{Text: p.text[start:], Start: start, End: p.at, Field: field, Phrase: true})
		}
		p.at = start + end + 1
		w := Word{Text: p.text[start : start+end], Start: start, End: start + end, Field: field, Phrase: true}
		if strings.HasPrefix(p.text[p.at:], "*") {
			p.at++
			w.Prefix = true
		}
		return p.word(w)
	}
	start := p.at
	end := strings.IndexFunc(p.text[start:], endsWord)
	if end < 0 {
		end = len(p.text) - start
	}
	if end == 0 {
		// A parenthesis that closes nothing is dealt with by all.
		return nil
	}
	p.at = start + end
	word := p.text[start:p.at]
	trimmed := strings.TrimRight(word, "*")
	return p.word(Word{Text: trimmed, Start: start, End: start + len(trimmed), Field: field, Prefix: trimmed != word})
}

// word counts a word, and drops what is none.
func (p *parser) word(w Word) Node {
	if strings.IndexFunc(w.Text, isLetter) < 0 {
		return nil
	}
	if p.terms == maxWords {
		p.truncated = true
		return nil
	}
	p.terms++
	w.Count = 1
	if utf8.RuneCountInString(w.Text) < minPrefix {
		w.Prefix = false
	}
	return w
}

func (p *parser) space() {
	rest := strings.TrimLeftFunc(p.text[p.at:], isSpace)
	p.at = len(p.text) - len(rest)
}

// isLetter tells what FTS5's unicode61 tokenizer takes for a part of a word.
func isLetter(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.Co) }

func isSpace(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func endsWord(r rune) bool { return isSpace(r) || r == '"' || r == '(' || r == ')' }
