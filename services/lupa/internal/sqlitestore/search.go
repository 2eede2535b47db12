// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

// Marks around a match in what FTS5 returns. They are private-use characters,
// which are taken out of documents when they are indexed.
const (
	markOn  = '\uE000'
	markOff = '\uE001'
)

// snippetTokens is the length of a snippet in words; FTS5 allows 64 at most.
const snippetTokens = 32

// search answers a request: all the words, or else any of them.
func (g *generation) search(ctx context.Context, r catalog.Request) (catalog.Answer, error) {
	q := query.Parse(r.Text)
	answer := catalog.Answer{Truncated: q.Truncated}
	if q.Empty() {
		return answer, nil
	}
	answer.Match = catalog.MatchAll
	expression := q.FTS5()
	total, err := g.countMatches(ctx, expression)
	if err != nil {
		return catalog.Answer{}, err
	}
	if total == 0 {
		if loose, ok := q.Loose(); ok {
			answer.Match = catalog.MatchAny
			expression = loose.FTS5()
			if total, err = g.countMatches(ctx, expression); err != nil {
				return catalog.Answer{}, err
			}
		}
	}
	answer.Total = total
	if total <= r.Offset || r.Limit == 0 {
		return answer, nil
	}
	answer.Hits, err = g.page(ctx, expression, r.Limit, r.Offset)
	if err != nil {
		return catalog.Answer{}, err
	}
	return answer, nil
}

func (g *generation) countMatches(ctx context.Context, expression string) (int, error) {
	var total int
	if err := g.count.QueryRowContext(ctx, expression).Scan(&total); err != nil {
		return 0, g.failure(ctx, "count matches", err)
	}
	return total, nil
}

// page finds the best documents, then reads those few.
func (g *generation) page(ctx context.Context, expression string, limit, offset int) ([]catalog.Hit, error) {
	ids, scores, err := g.best(ctx, expression, limit, offset)
	if err != nil {
		return nil, g.failure(ctx, "rank matches", err)
	}
	hits, err := g.documentsOf(ctx, expression, ids)
	if err != nil {
		return nil, g.failure(ctx, "read documents", err)
	}
	for i := range hits {
		hits[i].Score = scores[i]
	}
	return hits, nil
}

// best lists the docids of one page and their scores.
func (g *generation) best(ctx context.Context, expression string, limit, offset int) (ids []int64, scores []float64, err error) {
	rows, err := g.rank.QueryContext(ctx, expression, limit, offset)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var score float64
		if err := rows.Scan(&id, &score); err != nil {
			return nil, nil, err
		}
		ids = append(ids, id)
		scores = append(scores, -score) // FTS5 gives less to what is better
	}
	return ids, scores, rows.Err()
}

// documentsOf reads documents and their snippets, in the order of ids.
func (g *generation) documentsOf(ctx context.Context, expression string, ids []int64) ([]catalog.Hit, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := g.fetch.QueryContext(ctx, expression, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	byID := make(map[int64]catalog.Hit, len(ids))
	n := len(g.collection.Fields)
	for rows.Next() {
		var id int64
		hit := catalog.Hit{Document: catalog.Document{Values: make([]string, n)}, Snippets: make([]catalog.Snippet, n)}
		marked := make([]string, n)
		into := []any{&id, &hit.Document.ID}
		for i := range n {
			into = append(into, &hit.Document.Values[i], &marked[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i := range n {
			hit.Snippets[i] = segments(marked[i])
		}
		byID[id] = hit
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	hits := make([]catalog.Hit, 0, len(ids))
	for _, id := range ids {
		hit, ok := byID[id]
		if !ok {
			return nil, fmt.Errorf("document %d is in the index and not in the table", id)
		}
		hits = append(hits, hit)
	}
	return hits, nil
}

// segments splits what FTS5 marked.
func segments(marked string) catalog.Snippet {
	var all catalog.Snippet
	add := func(text string, match bool) {
		if text != "" {
			all = append(all, catalog.Segment{Text: text, Match: match})
		}
	}
	for {
		before, rest, ok := strings.Cut(marked, string(markOn))
		add(before, false)
		if !ok {
			return all
		}
		match, after, _ := strings.Cut(rest, string(markOff))
		add(match, true)
		marked = after
	}
}

// failure tells a search that was cut off from one that went wrong.
func (g *generation) failure(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return &catalog.Error{Code: catalog.CodeTimeout, Message: "the search took longer than allowed; ask for rarer words", Cause: ctx.Err()}
	}
	return fmt.Errorf("%s in %s: %w", doing, g.file, err)
}
