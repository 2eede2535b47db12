// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/column"
)

// An edit makes the next view out of one. Only one edit of a view may come to be
// the next one: what only grows is shared by both.
type edit struct {
	g      *generation
	next   view
	gone   []uint32
	more   map[string]int // documents that have a term, more or fewer
	exact  []exactEntry
	values [][]catalog.Value // of the new numbers, in order; nil for none
}

func (g *generation) edit(v *view) *edit {
	return &edit{g: g, next: *v, more: make(map[string]int)}
}

// drop removes a document.
func (e *edit) drop(docid uint32, t textTerms) {
	e.gone = append(e.gone, docid)
	e.next.documents--
	e.next.total -= int64(t.length)
	for _, term := range t.terms {
		e.more[term]--
	}
}

// put adds a document and gives its number.
func (e *edit) put(d catalog.Document, t textTerms) uint32 {
	e.next.most++
	e.next.documents++
	docid := uint32(e.next.most)
	e.next.lengths = append(e.next.lengths, uint32(t.length))
	e.next.total += int64(t.length)
	for _, term := range t.terms {
		e.more[term]++
	}
	e.values = append(e.values, d.Values)
	for i, f := range e.g.collection.Fields {
		if f.Exact == 0 {
			continue
		}
		for _, text := range d.Values[i].Texts {
			if hash, ok := wholeHash(e.g.whole, text); ok {
				e.exact = append(e.exact, exactEntry{hash, docid, uint32(i)})
			}
		}
	}
	return docid
}

// skip passes over numbers below docid that no document has any more.
func (e *edit) skip(docid int) {
	for e.next.most+1 < docid {
		e.next.most++
		e.gone = append(e.gone, uint32(e.next.most))
		e.next.lengths = append(e.next.lengths, 0)
		e.values = append(e.values, nil)
	}
}

// view is what the edit makes. The edit is of no use afterwards.
func (e *edit) view() *view {
	v := e.next
	if len(e.gone) > 0 || v.gone != nil {
		v.gone = v.gone.Grown(v.most)
		for _, docid := range e.gone {
			v.gone.Add(docid)
		}
	}
	if len(e.more) > 0 {
		v.words = v.words.With(e.more)
	}
	v.exact = v.exact.with(e.exact)
	if len(e.values) == 0 {
		return &v
	}
	columns := make(map[string]*column.Column, len(v.columns))
	for i, f := range e.g.collection.Fields {
		c := v.columns[f.Name]
		if c == nil {
			continue
		}
		added := make([]catalog.Value, len(e.values))
		for n, values := range e.values {
			if values != nil {
				added[n] = values[i]
			}
		}
		columns[f.Name] = c.Extend(added)
	}
	v.columns = columns
	return &v
}
