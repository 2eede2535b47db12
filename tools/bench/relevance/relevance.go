// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package relevance measures how well engines answer judged queries.
package relevance

import (
	"context"
	"errors"
	"fmt"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/engine"
	"github.com/lupasearch/lupa/tools/bench/metric"
	"github.com/lupasearch/lupa/tools/bench/report"
)

// Depths of the measures. Recall's is the deepest: so many hits are asked for.
const (
	ndcgDepth   = 10
	recallDepth = 100
)

// The randomisation test's number of exchanges, and its seed: the same figures
// give the same p.
const (
	rounds = 100_000
	seed   = 20020401
)

// A result is one way of searching, measured.
type result struct {
	name    string
	missing string    // why there are no figures
	ndcg    []float64 // of each query
	recall  []float64
	rr      []float64
	found   int // queries that any document was found for
}

// Compare asks all engines all queries of a collection. The first engine is the
// one that the others are tested against. With each there is a table of the single
// queries, too.
func Compare(ctx context.Context, c *corpus.Collection, engines []engine.Engine, each bool, r *report.Report) error {
	var results []result
	for _, e := range engines {
		some, err := measureEngine(ctx, c, e)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		results = append(results, some...)
	}
	r.Tables = append(r.Tables, summary(c, results), byKind(c, results))
	if each {
		r.Tables = append(r.Tables, byQuery(c, results))
	}
	return nil
}

// measureEngine measures all ways of asking an engine. A missing one gives one
// result that says so.
func measureEngine(ctx context.Context, c *corpus.Collection, e engine.Engine) (results []result, err error) {
	ix, err := e.Open(ctx, c)
	if errors.Is(err, engine.ErrMissing) {
		return []result{{name: e.Name(), missing: err.Error()}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name(), err)
	}
	defer func() { err = errors.Join(err, ix.Close()) }()
	for _, s := range ix.Searchers() {
		r := result{name: s.Name()}
		for _, q := range c.Queries {
			ids, err := s.Search(ctx, q.Text, recallDepth)
			if err != nil {
				return nil, fmt.Errorf("%s: query %s %q: %w", s.Name(), q.ID, q.Text, err)
			}
			r.add(ids, q.Relevant)
		}
		results = append(results, r)
	}
	return results, nil
}

// add counts the answer to one query.
func (r *result) add(ids []string, j metric.Judgements) {
	r.ndcg = append(r.ndcg, metric.NDCG(ids, j, ndcgDepth))
	r.recall = append(r.recall, metric.Recall(ids, j, recallDepth))
	r.rr = append(r.rr, metric.ReciprocalRank(ids, j))
	if len(ids) > 0 {
		r.found++
	}
}
