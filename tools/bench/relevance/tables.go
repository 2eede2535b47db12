// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package relevance

import (
	"fmt"
	"slices"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/metric"
	"github.com/lupasearch/lupa/tools/bench/report"
)

// summary has a line for each way of searching, the best first.
func summary(c *corpus.Collection, results []result) report.Table {
	t := report.Table{
		Title: fmt.Sprintf("%s: %d documents, %d queries", c.Name, len(c.Documents), len(c.Queries)),
		Columns: []report.Column{
			{Name: "engine"},
			{Name: fmt.Sprintf("nDCG@%d", ndcgDepth), Digits: 3},
			{Name: fmt.Sprintf("recall@%d", recallDepth), Digits: 3},
			{Name: "MRR", Digits: 3},
			{Name: "answered"},
			{Name: "against " + results[0].name, Digits: 3},
			{Name: "p", Digits: 5},
		},
	}
	reference := results[0]
	for _, r := range sorted(results) {
		switch {
		case r.missing != "":
			t.Add(r.name+": "+r.missing, nil, nil, nil, nil, nil, nil)
		case r.name == reference.name || reference.missing != "":
			t.Add(r.name, metric.Mean(r.ndcg), metric.Mean(r.recall), metric.Mean(r.rr), r.found, nil, nil)
		default:
			t.Add(r.name, metric.Mean(r.ndcg), metric.Mean(r.recall), metric.Mean(r.rr), r.found,
				metric.Mean(r.ndcg)-metric.Mean(reference.ndcg), metric.PValue(r.ndcg, reference.ndcg, rounds, seed))
		}
	}
	return t
}

// sorted puts the best first, and the missing last.
func sorted(results []result) []result {
	results = slices.Clone(results)
	slices.SortStableFunc(results, func(a, b result) int {
		switch {
		case (a.missing == "") != (b.missing == ""):
			if a.missing == "" {
				return -1
			}
			return 1
		case metric.Mean(a.ndcg) > metric.Mean(b.ndcg):
			return -1
		case metric.Mean(a.ndcg) < metric.Mean(b.ndcg):
			return 1
		}
		return 0
	})
	return results
}

// byKind has the nDCG of each kind of query.
func byKind(c *corpus.Collection, results []result) report.Table {
	var kinds []string
	count := make(map[string]int)
	for _, q := range c.Queries {
		if count[q.Kind] == 0 {
			kinds = append(kinds, q.Kind)
		}
		count[q.Kind]++
	}
	t := report.Table{Title: fmt.Sprintf("%s: nDCG@%d by kind of query (number of queries)", c.Name, ndcgDepth), Columns: []report.Column{{Name: "engine"}}}
	for _, kind := range kinds {
		t.Columns = append(t.Columns, report.Column{Name: fmt.Sprintf("%s %d", kind, count[kind]), Digits: 3})
	}
	for _, r := range sorted(results) {
		if r.missing != "" {
			continue
		}
		row := []any{r.name}
		for _, kind := range kinds {
			var values []float64
			for i, q := range c.Queries {
				if q.Kind == kind {
					values = append(values, r.ndcg[i])
				}
			}
			row = append(row, metric.Mean(values))
		}
		t.Add(row...)
	}
	return t
}

// byQuery has the nDCG of each query: of the reference, and of the best other way
// of searching. The queries where the reference is furthest behind come first.
func byQuery(c *corpus.Collection, results []result) report.Table {
	shown := results[:1]
	for _, r := range sorted(results[1:]) {
		if r.missing == "" {
			shown = []result{results[0], r}
			break
		}
	}
	t := report.Table{
		Title:   fmt.Sprintf("%s: nDCG@%d by query", c.Name, ndcgDepth),
		Columns: []report.Column{{Name: "query"}, {Name: "text"}},
	}
	for _, r := range shown {
		t.Columns = append(t.Columns, report.Column{Name: r.name, Digits: 3})
	}
	for i, q := range c.Queries {
		row := []any{q.ID, shorten(q.Text)}
		for _, r := range shown {
			row = append(row, valueOf(r, i))
		}
		t.Add(row...)
	}
	slices.SortStableFunc(t.Rows, compareLead)
	return t
}

// valueOf is nil where nothing was measured.
func valueOf(r result, query int) any {
	if r.missing != "" {
		return nil
	}
	return r.ndcg[query]
}

// compareLead puts the row first whose last value is further ahead of the third.
func compareLead(a, b []any) int {
	lead := func(row []any) float64 {
		own, _ := row[2].(float64)
		other, _ := row[len(row)-1].(float64)
		return own - other
	}
	switch la, lb := lead(a), lead(b); {
	case la < lb:
		return -1
	case la > lb:
		return 1
	}
	return 0
}

// maxText is how many characters of a query are shown.
const maxText = 60

func shorten(text string) string {
	if r := []rune(text); len(r) > maxText {
		return string(r[:maxText-1]) + "…"
	}
	return text
}
