// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
)

// What an occurrence counts for a term, beside 1 for its stem, or for the word
// where there are no stems.
const (
	exactWeight  = 0.2 // besides, where the word itself stands there
	prefixWeight = 0.3 // of a word that goes on, while the user is typing
)

// A Plan is a query as FTS5 and the scorer take it.
type Plan struct {
	// Expression is in FTS5's language; "" matches nothing.
	Expression string
	// Phrases are those of Expression, in the order in which FTS5 numbers them.
	Phrases []Phrase
	Terms   []Term
	// Without is an expression for documents that do not match, where all others
	// do; Expression is "" then.
	Without string
	// Everything says that all documents match.
	Everything bool
	// Whole has the words of a query of nothing but words, divided by spaces; ""
	// for other queries.
	Whole     string
	Truncated bool // some of the query was cut off
	Loose     bool // any of the words is asked for, where the user asked for all
}

// A Phrase is a part of an FTS5 expression. Its occurrences count for a term.
type Phrase struct {
	Term   int // index into Plan.Terms; -1 where it does not count
	Weight float64
}

// A Term is a word or phrase that counts for the score.
type Term struct {
	Label  string // as the user wrote it
	Count  int    // how often
	Field  string // "" for all
	Phrase int    // the phrase that matches whenever the term does
	// Key is the term in the index's vocabulary whose documents are the term's; ""
	// where it is a phrase, a prefix or in one field.
	Key string
	// What is to be marked in a text: Words in a row, the last one as a prefix, or
	// the stem.
	Words  []string
	Stem   string
	Prefix bool
}

// Options say how a query is made a Plan.
type Options struct {
	Analyzer *fts5.Analyzer
	// StopWords are passed over where other words are asked for; may be nil.
	StopWords map[string]bool
	// Column gives a field's name in the index.
	Column func(field string) string
	// Any asks for any of the words instead of all.
	Any bool
	// Typing takes the last word for the beginning of one, too.
	Typing bool
}

// Plan prints the query for FTS5.
func (q Query) Plan(o Options) Plan {
	p := &planner{Options: o, text: q.Text, left: maxTerms}
	root := p.prune(q.Root)
	if o.Any {
		p.plan.Loose = true
		root = loosen(root)
	}
	switch n := root.(type) {
	case nil:
		if strings.TrimFunc(q.Text, isSpace) == "" {
			p.plan.Everything = true
		}
	case All:
		if len(n.All) == 0 {
			p.plan.Without = p.alternatives(n.None, false)
			break
		}
		p.plan.Expression = p.print(root, true)
	default:
		p.plan.Expression = p.print(root, true)
	}
	p.plan.Whole = whole(q.Root)
	return p.plan
}

// A planner prints one query.
type planner struct {
	Options
	text string
	left int // terms that may still come
	plan Plan
}

// A term is a Word of the tree with what the analyzer found in it.
type term struct {
	Word
	tokens []fts5.Token
}

func (term) node() {}

// prune makes words terms, and leaves out what has none, and stop words.
func (p *planner) prune(n Node) Node {
	switch n := n.(type) {
	case Word:
		tokens := p.Analyzer.Tokens(n.Text)
		if len(tokens) == 0 {
			return nil
		}
		return term{n, tokens}
	case All:
		out := All{All: p.pruneAll(n.All), None: p.pruneAll(n.None)}
		out.All = p.withoutStopWords(out.All)
		out.All, out.None = p.limit(out.All), p.limit(out.None)
		return simplify(out)
	case Any:
		nodes := slices.DeleteFunc(p.limit(p.pruneAll(n.Nodes)), func(n Node) bool {
			// All but a few documents: not what an alternative is for.
			all, ok := n.(All)
			return ok && len(all.All) == 0
		})
		if len(nodes) > 1 {
			return Any{nodes}
		}
		if len(nodes) == 1 {
			return nodes[0]
		}
	}
	return nil
}

func (p *planner) pruneAll(nodes []Node) []Node {
	var out []Node
	for _, n := range nodes {
		if n = p.prune(n); n != nil {
			out = append(out, n)
		}
	}
	return out
}

// limit cuts off what is beyond the number of terms.
func (p *planner) limit(nodes []Node) []Node {
	for i, n := range nodes {
		if _, ok := n.(term); !ok {
			continue
		}
		if p.left == 0 {
			p.plan.Truncated = true
			return nodes[:i]
		}
		p.left--
	}
	return nodes
}

// withoutStopWords leaves them out where something else is asked for.
func (p *planner) withoutStopWords(nodes []Node) []Node {
	stop := func(n Node) bool {
		t, ok := n.(term)
		return ok && !t.Phrase && !t.Prefix && t.Field == "" && len(t.tokens) == 1 && p.StopWords[t.tokens[0].Word]
	}
	if !slices.ContainsFunc(nodes, func(n Node) bool { return !stop(n) }) {
		return nodes
	}
	return slices.DeleteFunc(nodes, stop)
}

// loosen asks for any instead of all.
func loosen(n Node) Node {
	switch n := n.(type) {
	case All:
		if len(n.All) < 2 {
			return n
		}
		var flat []Node
		for _, one := range n.All {
			if inner, ok := one.(Any); ok {
				flat = append(flat, inner.Nodes...)
			} else {
				flat = append(flat, one)
			}
		}
		return simplify(All{All: []Node{Any{flat}}, None: n.None})
	case Any:
		out := Any{}
		for _, one := range n.Nodes {
			out.Nodes = append(out.Nodes, loosen(one))
		}
		return out
	}
	return n
}

// print writes a node in brackets of its own where it needs them.
func (p *planner) print(n Node, counts bool) string {
	switch n := n.(type) {
	case term:
		return p.term(n, counts)
	case Any:
		return p.alternatives(n.Nodes, counts)
	case All:
		all := make([]string, 0, len(n.All))
		for _, one := range n.All {
			all = append(all, p.print(one, counts))
		}
		out := join(all, " AND ")
		if len(n.None) > 0 {
			out = "(" + out + " NOT " + p.alternatives(n.None, false) + ")"
		}
		return out
	}
	return ""
}

func (p *planner) alternatives(nodes []Node, counts bool) string {
	all := make([]string, 0, len(nodes))
	for _, n := range nodes {
		all = append(all, p.print(n, counts))
	}
	return join(all, " OR ")
}

// join brackets the parts where there are several.
func join(parts []string, operator string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return "(" + strings.Join(parts, operator) + ")"
}

// term writes one term: as a phrase, or a word's stem and the word.
func (p *planner) term(t term, counts bool) string {
	trigram := p.Analyzer.Spec().Kind == fts5.Trigram
	tokens := t.tokens
	if len(tokens) > maxTokens && !trigram {
		tokens = tokens[:maxTokens]
		t.Prefix = false
		p.plan.Truncated = true
	}
	pieces := make([]string, 0, len(tokens))
	words := make([]string, 0, len(tokens))
	for _, token := range tokens {
		pieces = append(pieces, t.Text[token.Start:token.End])
		words = append(words, token.Word)
	}
	text := strings.Join(pieces, " ")
	if trigram {
		// The tokenizer wants the text as it is; any part of it is found.
		text = trimRunes(t.Text, maxTrigrams)
		p.plan.Truncated = p.plan.Truncated || text != t.Text
	}
	out := Term{Label: t.Text, Count: t.Count, Field: t.Field, Phrase: len(p.plan.Phrases), Words: words, Prefix: t.Prefix && !trigram}
	stems := tokens[0].Stem != ""
	single := len(tokens) == 1 && !t.Phrase && !out.Prefix
	var parts []string
	switch {
	case single && stems:
		out.Stem, out.Key = tokens[0].Stem, tokens[0].Stem
		parts = append(parts, p.phrase(text, false, 1, counts), p.phrase(string(fts5.Exact)+text, false, exactWeight, counts))
	case stems:
		parts = append(parts, p.phrase(string(fts5.Exact)+text, out.Prefix, 1, counts))
	default:
		if len(tokens) == 1 && !out.Prefix && !trigram {
			out.Key = words[0]
		}
		parts = append(parts, p.phrase(text, out.Prefix, 1, counts))
	}
	if counts && p.Typing && single && !trigram && t.End == len(p.text) && utf8.RuneCountInString(words[0]) >= minPrefix {
		mark := ""
		if stems {
			mark = string(fts5.Exact)
		}
		out.Phrase, out.Key, out.Prefix = len(p.plan.Phrases), "", true
		parts = append(parts, p.phrase(mark+text, true, prefixWeight, counts))
	}
	if t.Field != "" {
		out.Key = ""
		parts = []string{p.Column(t.Field) + " : " + join(parts, " OR ")}
	}
	if counts {
		p.plan.Terms = append(p.plan.Terms, out)
	}
	return join(parts, " OR ")
}

// phrase writes a string of FTS5 and notes what it counts for.
func (p *planner) phrase(text string, prefix bool, weight float64, counts bool) string {
	index := -1
	if counts {
		index = len(p.plan.Terms)
	}
	p.plan.Phrases = append(p.plan.Phrases, Phrase{index, weight})
	out := `"` + strings.ReplaceAll(strings.ReplaceAll(text, "\x00", " "), `"`, `""`) + `"`
	if prefix {
		out += "*"
	}
	return out
}

// trimRunes keeps so many characters at most.
func trimRunes(text string, most int) string {
	for i := range text {
		if most == 0 {
			return text[:i]
		}
		most--
	}
	return text
}

// whole gives the text of a query that is nothing but words, or one phrase.
func whole(root Node) string {
	nodes := []Node{root}
	if all, ok := root.(All); ok && len(all.None) == 0 {
		nodes = all.All
	}
	var words []string
	for _, n := range nodes {
		w, ok := n.(Word)
		if !ok || w.Prefix || w.Field != "" {
			return ""
		}
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}
