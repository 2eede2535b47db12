// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package column keeps one field of all documents in memory, to filter, sort and
// count by. Documents are numbers from 1.
package column

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A Column has the values of one field. It does not change and is safe for
// concurrent use.
type Column struct {
	kind catalog.Kind
	// starts has where a document's values begin in codes or numbers, and where
	// those of the last one end; document d has starts[d] to starts[d+1]. nil where
	// no document has more than one value: then it is the document's number.
	starts []uint32
	// dictionary has the texts in order; codes are indices into it, from 1, and 0
	// for no value.
	dictionary []string
	codes      []uint32
	numbers    []float64 // NaN for no value
	extra      extra
}

// A Builder makes a Column.
type Builder struct {
	kind    catalog.Kind
	many    bool
	known   map[string]uint32
	counts  []uint32 // values of each document
	codes   []uint32
	numbers []float64
}

// NewBuilder makes a Builder for a field's values.
func NewBuilder(kind catalog.Kind) *Builder {
	b := &Builder{kind: kind, known: make(map[string]uint32)}
	b.Add(catalog.Value{}) // there is no document 0
	return b
}

// Add appends the next document's values. A value counts once.
func (b *Builder) Add(v catalog.Value) {
	var n int
	if b.textual() {
		first := len(b.codes)
		for _, text := range v.Texts {
			code, ok := b.known[text]
			if !ok {
				code = uint32(len(b.known) + 1)
				b.known[text] = code
			}
			if !slices.Contains(b.codes[first:], code) {
				b.codes = append(b.codes, code)
			}
		}
		if n = len(b.codes) - first; n == 0 {
			b.codes = append(b.codes, 0)
		}
	} else {
		first := len(b.numbers)
		for _, number := range v.Numbers {
			if !slices.Contains(b.numbers[first:], number) {
				b.numbers = append(b.numbers, number)
			}
		}
		if n = len(b.numbers) - first; n == 0 {
			b.numbers = append(b.numbers, math.NaN())
		}
	}
	b.many = b.many || n > 1
	b.counts = append(b.counts, uint32(max(n, 1)))
}

func (b *Builder) textual() bool { return catalog.Field{Kind: b.kind}.Textual() }

// Column gives what was added. The Builder is of no use afterwards.
func (b *Builder) Column() *Column {
	c := &Column{kind: b.kind, codes: b.codes, numbers: b.numbers}
	c.dictionary = make([]string, 0, len(b.known))
	for text := range b.known {
		c.dictionary = append(c.dictionary, text)
	}
	slices.Sort(c.dictionary)
	renamed := make([]uint32, len(b.known)+1)
	for i, text := range c.dictionary {
		renamed[b.known[text]] = uint32(i + 1)
	}
	for i, code := range c.codes {
		c.codes[i] = renamed[code]
	}
	if b.many {
		c.starts = make([]uint32, len(b.counts)+1)
		for d, n := range b.counts {
			c.starts[d+1] = c.starts[d] + n
		}
	}
	return c
}

// Documents is the highest document's number.
func (c *Column) Documents() int {
	if c.starts != nil {
		return max(len(c.starts)-2, 0)
	}
	return max(len(c.codes), len(c.numbers)) - 1
}

func (c *Column) textual() bool { return catalog.Field{Kind: c.kind}.Textual() }

// of gives the places of a document's values.
func (c *Column) of(d uint32) (from, to uint32) {
	if c.starts == nil {
		return d, d + 1
	}
	return c.starts[d], c.starts[d+1]
}

// Value gives a document's values, in no particular order.
func (c *Column) Value(d uint32) catalog.Value {
	var v catalog.Value
	from, to := c.of(d)
	for i := from; i < to; i++ {
		switch {
		case c.textual() && c.codes[i] > 0:
			v.Texts = append(v.Texts, c.text(c.codes[i]))
		case !c.textual() && !math.IsNaN(c.numbers[i]):
			v.Numbers = append(v.Numbers, c.numbers[i])
		}
	}
	return v
}

// Number gives a document's first number; ok is false where it has none.
func (c *Column) Number(d uint32) (number float64, ok bool) {
	from, _ := c.of(d)
	number = c.numbers[from]
	return number, !math.IsNaN(number)
}

// A Set has a bit for each document.
type Set []uint64

// NewSet makes an empty Set for documents up to most.
func NewSet(most int) Set { return make(Set, most/64+1) }

// Add puts a document into the set.
func (s Set) Add(d uint32) { s[d>>6] |= 1 << (d & 63) }

// Has tells whether a document is in the set.
func (s Set) Has(d uint32) bool { return int(d>>6) < len(s) && s[d>>6]>>(d&63)&1 != 0 }

// Grown is a copy of the set for documents up to most.
func (s Set) Grown(most int) Set {
	next := NewSet(most)
	copy(next, s)
	return next
}

// Drop leaves out what is in the other set.
func (s Set) Drop(other Set) {
	for i := range min(len(s), len(other)) {
		s[i] &^= other[i]
	}
}

// Keep leaves out what is not in the other set.
func (s Set) Keep(other Set) {
	for i := range s {
		s[i] &= other[i]
	}
}

// Filter finds the documents that pass a filter on this column's field.
func (c *Column) Filter(f catalog.Filter) Set {
	set := NewSet(c.Documents())
	passes := c.passes(f.Tests)
	for d := uint32(1); int(d) <= c.Documents(); d++ {
		from, to := c.of(d)
		found := false
		for i := from; i < to && !found; i++ {
			found = passes(i)
		}
		if found != f.Not {
			set.Add(d)
		}
	}
	return set
}

// passes makes a function of a value's place that tells whether it passes one of
// the tests.
func (c *Column) passes(tests []catalog.Test) func(uint32) bool {
	if c.textual() {
		wanted := make([]bool, c.codesEnd())
		for _, test := range tests {
			if code := c.code(test.Text); code > 0 {
				wanted[code] = true
			}
		}
		return func(i uint32) bool { return wanted[c.codes[i]] }
	}
	return func(i uint32) bool {
		x := c.numbers[i]
		for _, t := range tests {
			// A comparison with NaN, which is no value, is false.
			if (x > t.Low || x == t.Low && !t.LowOpen) && (x < t.High || x == t.High && !t.HighOpen) {
				return true
			}
		}
		return false
	}
}

// Key gives a number by which documents are in the column's order, and false for a
// document without a value. Of several values it is the least, or with descending
// the greatest.
func (c *Column) Key(d uint32, descending bool) (float64, bool) {
	from, to := c.of(d)
	best, found := 0.0, false
	for i := from; i < to; i++ {
		var x float64
		if c.textual() {
			if c.codes[i] == 0 {
				continue
			}
			x = c.key(c.codes[i])
		} else if x = c.numbers[i]; math.IsNaN(x) {
			continue
		}
		if !found || descending && x > best || !descending && x < best {
			best, found = x, true
		}
	}
	return best, found
}

// Facet counts the values of documents: the most frequent, equals in order, and
// how many values there are besides.
func (c *Column) Facet(documents []uint32, only Set, limit int) (values []catalog.FacetValue, other int) {
	if c.textual() {
		return c.facetTexts(documents, only, limit)
	}
	counts := make(map[float64]int)
	for _, d := range documents {
		if only != nil && !only.Has(d) {
			continue
		}
		from, to := c.of(d)
		for i := from; i < to; i++ {
			if x := c.numbers[i]; !math.IsNaN(x) {
				counts[x]++
			}
		}
	}
	all := make([]catalog.FacetValue, 0, len(counts))
	for x, n := range counts {
		all = append(all, catalog.FacetValue{Value: catalog.NumberValue(x), Count: n})
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].Count != all[j].Count {
			return all[i].Count > all[j].Count
		}
		return all[i].Value.Numbers[0] < all[j].Value.Numbers[0]
	})
	kept := min(limit, len(all))
	return all[:kept], len(all) - kept
}

func (c *Column) facetTexts(documents []uint32, only Set, limit int) (values []catalog.FacetValue, other int) {
	counts := make([]int, c.codesEnd())
	for _, d := range documents {
		if only != nil && !only.Has(d) {
			continue
		}
		from, to := c.of(d)
		for i := from; i < to; i++ {
			counts[c.codes[i]]++
		}
	}
	present := make([]int, 0, min(len(counts), len(documents)+1))
	for code, n := range counts {
		if code > 0 && n > 0 {
			present = append(present, code)
		}
	}
	slices.SortFunc(present, func(a, b int) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return cmp.Compare(c.key(uint32(a)), c.key(uint32(b)))
	})
	kept := min(limit, len(present))
	values = make([]catalog.FacetValue, 0, kept)
	for _, code := range present[:kept] {
		values = append(values, catalog.FacetValue{Value: catalog.TextValue(c.text(uint32(code))), Count: counts[code]})
	}
	return values, len(present) - kept
}

func (c *Column) check(documents int) error {
	if c.Documents() != documents {
		return fmt.Errorf("it has %d documents of %d", c.Documents(), documents)
	}
	values := max(len(c.codes), len(c.numbers))
	if c.starts != nil && (int(c.starts[len(c.starts)-1]) != values || !slices.IsSorted(c.starts)) {
		return fmt.Errorf("it has %d values, and other places for them", values)
	}
	for _, code := range c.codes {
		if int(code) > len(c.dictionary) {
			return fmt.Errorf("value %d is none of %d", code, len(c.dictionary))
		}
	}
	return nil
}
