// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package column

import (
	"slices"
	"sort"
	"strings"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// extra has the texts that are in no dictionary; theirs are the codes behind it.
type extra struct {
	texts []string
	// order has the indices of texts in order, and keys what Key gives for each text:
	// a number between those of its neighbours in the dictionary.
	order []uint32
	keys  []float64
}

// Extend is the column with more documents behind. The column itself stays as it is
// and may be read meanwhile, but only one of its copies may be extended.
func (c *Column) Extend(values []catalog.Value) *Column {
	next := *c
	b := &Builder{kind: c.kind, known: make(map[string]uint32)}
	var fresh []uint32 // indices of texts that are new
	for _, v := range values {
		for _, text := range v.Texts {
			if _, ok := b.known[text]; ok {
				continue
			}
			code := next.code(text)
			if code == 0 {
				fresh = append(fresh, uint32(len(next.extra.texts)))
				next.extra.texts = append(next.extra.texts, strings.Clone(text))
				code = uint32(len(c.dictionary) + len(next.extra.texts))
			}
			b.known[text] = code
		}
		b.Add(v)
	}
	next.codes, next.numbers = append(next.codes, b.codes...), append(next.numbers, b.numbers...)
	next.place(b.counts, b.many)
	if len(fresh) > 0 {
		next.arrange(fresh)
	}
	return &next
}

// place notes how many values each new document has.
func (c *Column) place(counts []uint32, many bool) {
	if c.starts == nil && !many {
		return
	}
	if c.starts == nil { // so far each document had one value
		before := max(len(c.codes), len(c.numbers)) - int(sum(counts))
		c.starts = make([]uint32, before+1, 2*(before+len(counts)))
		for d := range c.starts {
			c.starts[d] = uint32(d)
		}
	}
	for _, n := range counts {
		c.starts = append(c.starts, c.starts[len(c.starts)-1]+n)
	}
}

func sum(counts []uint32) (total uint32) {
	for _, n := range counts {
		total += n
	}
	return total
}

// arrange puts new texts into the order of all.
func (c *Column) arrange(fresh []uint32) {
	e := &c.extra
	slices.SortFunc(fresh, func(a, b uint32) int { return strings.Compare(e.texts[a], e.texts[b]) })
	order := make([]uint32, 0, len(e.texts))
	held := e.order
	for _, i := range fresh {
		for len(held) > 0 && e.texts[held[0]] < e.texts[i] {
			order, held = append(order, held[0]), held[1:]
		}
		order = append(order, i)
	}
	e.order = append(order, held...)
	e.keys = make([]float64, len(e.texts))
	for from := 0; from < len(e.order); {
		// The dictionary's text before has this number; those that share it divide the
		// room up to the next.
		before := sort.SearchStrings(c.dictionary, e.texts[e.order[from]])
		to := from + 1
		for to < len(e.order) && (before == len(c.dictionary) || e.texts[e.order[to]] < c.dictionary[before]) {
			to++
		}
		for i := from; i < to; i++ {
			e.keys[e.order[i]] = float64(before) + float64(i-from+1)/float64(to-from+1)
		}
		from = to
	}
}

// code finds a text's code; 0 where no document has it.
func (c *Column) code(text string) uint32 {
	if i, ok := slices.BinarySearch(c.dictionary, text); ok {
		return uint32(i + 1)
	}
	e := &c.extra
	i, ok := slices.BinarySearchFunc(e.order, text, func(i uint32, text string) int { return strings.Compare(e.texts[i], text) })
	if !ok {
		return 0
	}
	return uint32(len(c.dictionary)) + e.order[i] + 1
}

// text gives a code's text.
func (c *Column) text(code uint32) string {
	if int(code) <= len(c.dictionary) {
		return c.dictionary[code-1]
	}
	return c.extra.texts[int(code)-len(c.dictionary)-1]
}

// key gives a number by which codes are in the order of their texts.
func (c *Column) key(code uint32) float64 {
	if int(code) <= len(c.dictionary) {
		return float64(code)
	}
	return c.extra.keys[int(code)-len(c.dictionary)-1]
}

// codesEnd is above all codes.
func (c *Column) codesEnd() int { return len(c.dictionary) + len(c.extra.texts) + 1 }
