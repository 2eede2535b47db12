// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"cmp"
	"container/heap"
	"iter"
	"slices"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/column"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

// browse finds all documents but some: the boosted ones first, then in the order
// of the source.
func (l *lookup) browse(plan query.Plan, without []uint32) (finding, error) {
	left := l.v.gone.Grown(l.v.most)
	for _, d := range without {
		left.Add(d)
	}
	all := func(yield func(uint32) bool) {
		for d := uint32(1); int(d) <= l.v.most; d++ {
			if !left.Has(d) && !yield(d) {
				return
			}
		}
	}
	f := finding{plan: plan, hits: l.sorted(all)}
	for d := range all {
		if l.allowed == nil || l.allowed.Has(d) {
			f.total++
		}
	}
	if len(l.r.Facets) > 0 {
		f.matches = slices.Collect(all)
	}
	return f, nil
}

// sorted picks the allowed documents that are wanted, in order: by the fields asked
// for, the boosts, and the order of the source.
func (l *lookup) sorted(documents iter.Seq[uint32]) []fts5.Hit {
	h := &sortHeap{orders: make([]func(a, b uint32) int, 0, len(l.r.Sort))}
	for _, order := range l.r.Sort {
		h.orders = append(h.orders, byColumn(l.v.columns[order.Field], order.Descending))
	}
	var last *fts5.Hit
	if l.after != nil {
		last = l.after
	}
	for d := range documents {
		if l.allowed != nil && !l.allowed.Has(d) {
			continue
		}
		hit := fts5.Hit{ID: d}
		if l.boosts != nil && len(l.r.Sort) == 0 {
			hit.Score = float64(l.boosts[d])
		}
		if last != nil && h.compare(*last, hit) >= 0 {
			continue
		}
		if len(h.hits) < l.wanted() {
			heap.Push(h, hit)
		} else if len(h.hits) > 0 && h.compare(hit, h.hits[0]) < 0 {
			h.hits[0] = hit
			heap.Fix(h, 0)
		}
	}
	slices.SortFunc(h.hits, h.compare)
	return h.hits
}

// byColumn compares documents by a field; those without a value come last.
func byColumn(c *column.Column, descending bool) func(a, b uint32) int {
	return func(a, b uint32) int {
		x, hasX := c.Key(a, descending)
		y, hasY := c.Key(b, descending)
		switch {
		case !hasX && !hasY:
			return 0
		case !hasX:
			return 1
		case !hasY:
			return -1
		case descending:
			return cmp.Compare(y, x)
		}
		return cmp.Compare(x, y)
	}
}

// A sortHeap has the last of its hits on top.
type sortHeap struct {
	orders []func(a, b uint32) int
	hits   []fts5.Hit
}

func (h *sortHeap) compare(a, b fts5.Hit) int {
	for _, order := range h.orders {
		if c := order(a.ID, b.ID); c != 0 {
			return c
		}
	}
	return compareHits(a, b)
}

func (h *sortHeap) Len() int           { return len(h.hits) }
func (h *sortHeap) Less(i, j int) bool { return h.compare(h.hits[i], h.hits[j]) > 0 }
func (h *sortHeap) Swap(i, j int)      { h.hits[i], h.hits[j] = h.hits[j], h.hits[i] }
func (h *sortHeap) Push(x any)         { h.hits = append(h.hits, x.(fts5.Hit)) }
func (h *sortHeap) Pop() any {
	last := h.hits[len(h.hits)-1]
	h.hits = h.hits[:len(h.hits)-1]
	return last
}

// facets counts the values of the fields asked for. A field's own filters do not
// count, so that the other values can still be chosen.
func (l *lookup) facets(matches []uint32) []catalog.Facet {
	var all []catalog.Facet
	for _, field := range l.r.Facets {
		values, other := l.v.columns[field].Facet(matches, l.passing(field), l.r.FacetLimit)
		all = append(all, catalog.Facet{Field: field, Values: values, Other: other})
	}
	return all
}
