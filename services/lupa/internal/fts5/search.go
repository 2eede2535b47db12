// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package fts5

/*
#include <stdlib.h>
#include "scorer.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// A Phrase is one of an FTS5 expression, in the order in which FTS5 numbers them.
type Phrase struct {
	Term   int     // index into Search.Terms; below 0 where it does not count
	Weight float64 // of one occurrence
}

// A Term is what is weighed by how rare it is.
type Term struct {
	// Documents is how many have the term; below 0 they are counted, as those of
	// Phrase, which takes a walk over them.
	Documents int
	Phrase    int
	Weight    float64 // the term's part of the score is multiplied by it
}

// A Hit is a document with its score. The order of hits is by tier, then score,
// highest first, then id.
type Hit struct {
	ID    uint32
	Score float64
	Tier  int
}

// A Search is one walk over the rows that an expression matches. Documents are
// numbers from 1; slices by document have an unused element 0.
//
// The score is BM25 (S. Robertson and H. Zaragoza, The Probabilistic Relevance
// Framework: BM25 and Beyond, 2009, section 3.4) with the inverse document
// frequency of Lucene, which is never below 0:
//
//	Σ weight · log(1 + (N-n+0.5)/(n+0.5)) · f·(k1+1) / (f + k1·(1-b+b·length/average))
//
// over the terms, where f adds up the term's occurrences, each times the weights of
// its phrase and of the column it is in.
type Search struct {
	K1, B     float64
	Weights   []float64 // by column of the index
	Documents int       // N
	Average   float64   // length in words; above 0
	Lengths   []uint32  // by document
	Phrases   []Phrase
	Terms     []Term

	Allowed []uint64  // a bit by document: others are no hits; nil for all
	Boosts  []float32 // by document: factors of the score; nil for none
	// Exact lists documents, in order, whose score is multiplied by the factor at
	// the same place.
	Exact        []uint32
	ExactFactors []float32
	First        []uint32 // documents of tier 0, in order; others are in tier 1. nil: all are in tier 0
	// Cover multiplies the score by the part of the terms that a document has.
	Cover   bool
	After   *Hit     // only hits behind this one are wanted; nil for all
	Limit   int      // hits wanted
	Collect bool     // whether all matches are wanted, allowed or not
	Explain []uint32 // documents, in order, whose frequencies are wanted
}

// An Outcome is what a Search found until its end, or until it was interrupted.
type Outcome struct {
	Hits    []Hit
	Matched int        // allowed documents that match
	Matches []uint32   // with Collect, all that match, in order
	Terms   []TermStat // empty where nothing matched
	// Frequencies has f of each term for the documents of Explain.
	Frequencies [][]float64
}

// A TermStat says how rare a term is.
type TermStat struct {
	Documents int
	IDF       float64
}

// Statement is the SQL that runs a search in a table named fts: its parameters are
// the expression and the address that Run gives. It has no rows, as lupa_score is 0
// for each; in an aggregate FTS5's functions cannot stand.
const Statement = "SELECT 1 FROM fts WHERE fts MATCH ?1 AND lupa_score(fts, ?2)"

// StatementOf is Statement for some documents, ids as a JSON list.
const StatementOf = "SELECT 1 FROM json_each(?3) AS page CROSS JOIN fts ON fts.rowid = page.value WHERE fts MATCH ?1 AND lupa_score(fts, ?2)"

// Run calls query with the address that lupa_score wants, which is valid until
// query returns, and gives the outcome. Where query fails, the outcome has what was
// found before.
func (s *Search) Run(query func(address int64) error) (Outcome, error) {
	if len(s.Terms) > 0 && (s.Average <= 0 || len(s.Lengths) == 0) {
		return Outcome{}, errors.New("a search needs the lengths of documents")
	}
	for _, phrase := range s.Phrases {
		if phrase.Term >= len(s.Terms) {
			return Outcome{}, fmt.Errorf("a phrase counts for term %d of %d", phrase.Term, len(s.Terms))
		}
	}
	if len(s.Exact) != len(s.ExactFactors) || s.Boosts != nil && len(s.Boosts) < len(s.Lengths) || s.Allowed != nil && 64*len(s.Allowed) < len(s.Lengths) {
		return Outcome{}, errors.New("a search's lists do not fit each other")
	}
	c := (*C.lupa_search)(C.calloc(1, C.sizeof_lupa_search))
	defer C.free(unsafe.Pointer(c))
	defer C.lupa_release(c)
	var pinner runtime.Pinner
	defer pinner.Unpin()
	b := s.fill(c, &pinner)
	err := query(int64(uintptr(unsafe.Pointer(c))))
	if err != nil && c.failed != 0 {
		err = fmt.Errorf("score with result code %d: %w", c.failed, err)
	}
	return s.outcome(c, b), err
}

// buffers are what C writes to.
type buffers struct {
	terms            []C.lupa_term
	idf, frequencies []float64
}

// pin makes a slice's memory stay where it is, for C; nil for an empty one.
func pin[T any](p *runtime.Pinner, s []T) *T {
	if len(s) == 0 {
		return nil
	}
	p.Pin(&s[0])
	return &s[0]
}

func (s *Search) fill(c *C.lupa_search, p *runtime.Pinner) buffers {
	phrases := make([]C.lupa_phrase, len(s.Phrases))
	for i, phrase := range s.Phrases {
		phrases[i] = C.lupa_phrase{term: C.int32_t(phrase.Term), weight: C.double(phrase.Weight)}
	}
	b := buffers{
		terms:       make([]C.lupa_term, len(s.Terms)),
		idf:         make([]float64, len(s.Terms)),
		frequencies: make([]float64, len(s.Explain)*len(s.Terms)),
	}
	for i, term := range s.Terms {
		b.terms[i] = C.lupa_term{documents: C.double(term.Documents), weight: C.double(term.Weight), phrase: C.int32_t(term.Phrase)}
	}
	c.magic = C.LUPA_SEARCH
	c.k1, c.b = C.double(s.K1), C.double(s.B)
	c.columns, c.weights = C.int32_t(len(s.Weights)), (*C.double)(pin(p, s.Weights))
	c.documents, c.average = C.double(s.Documents), C.double(s.Average)
	c.lengths, c.most = (*C.uint32_t)(pin(p, s.Lengths)), C.int64_t(len(s.Lengths)-1)
	c.phrase_count, c.phrases = C.int32_t(len(phrases)), pin(p, phrases)
	c.term_count, c.terms = C.int32_t(len(b.terms)), pin(p, b.terms)
	c.idf, c.tf = (*C.double)(pin(p, b.idf)), (*C.double)(pin(p, make([]float64, len(s.Terms))))
	c.allowed, c.boosts = (*C.uint64_t)(pin(p, s.Allowed)), (*C.float)(pin(p, s.Boosts))
	c.exact, c.exact_count = (*C.uint32_t)(pin(p, s.Exact)), C.int64_t(len(s.Exact))
	c.exact_factors = (*C.float)(pin(p, s.ExactFactors))
	c.first, c.first_count = (*C.uint32_t)(pin(p, s.First)), C.int64_t(len(s.First))
	if s.After != nil {
		c.after = 1
		c.last = C.lupa_hit{score: C.double(s.After.Score), id: C.int64_t(s.After.ID), tier: C.int32_t(s.After.Tier)}
	}
	c.limit = C.int32_t(s.Limit)
	if s.Cover {
		c.cover = 1
	}
	if s.Collect {
		c.collect = 1
	}
	c.explained, c.explained_count = (*C.uint32_t)(pin(p, s.Explain)), C.int32_t(len(s.Explain))
	c.explained_tf = (*C.double)(pin(p, b.frequencies))
	return b
}

func (s *Search) outcome(c *C.lupa_search, b buffers) Outcome {
	C.lupa_sort(c)
	out := Outcome{Matched: int(c.matched), Hits: make([]Hit, 0, int(c.hit_count))}
	for _, hit := range unsafe.Slice(c.hits, int(c.hit_count)) {
		out.Hits = append(out.Hits, Hit{ID: uint32(hit.id), Score: float64(hit.score), Tier: int(hit.tier)})
	}
	if s.Collect {
		out.Matches = make([]uint32, int(c.match_count))
		copy(out.Matches, unsafe.Slice((*uint32)(c.matches), int(c.match_count)))
	}
	if c.prepared != 0 {
		for i, term := range b.terms {
			out.Terms = append(out.Terms, TermStat{Documents: int(term.documents), IDF: b.idf[i]})
		}
	}
	for i := range s.Explain {
		out.Frequencies = append(out.Frequencies, b.frequencies[i*len(s.Terms):(i+1)*len(s.Terms)])
	}
	return out
}
