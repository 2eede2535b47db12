// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/snippet"
)

// fill makes an answer of what was found.
func (l *lookup) fill(answer *catalog.Answer, f finding) error {
	answer.Total, answer.Relation = f.total, catalog.Exactly
	if answer.TimedOut = f.timedOut; f.timedOut {
		answer.Relation = catalog.AtLeast
	}
	answer.Match, answer.Generation = f.match, l.g.name()+l.v.version()
	answer.Facets = l.facets(f.matches)
	hits := f.hits[min(l.r.Offset, len(f.hits)):]
	if len(hits) > l.r.Limit {
		hits = hits[:l.r.Limit]
		if len(hits) > 0 {
			var err error
			if answer.Cursor, err = l.g.cursorOf(l.r, l.step, hits[len(hits)-1]); err != nil {
				return err
			}
		}
	}
	if len(hits) == 0 {
		return nil
	}
	// Though time is up, what was found is shown: that takes a few reads by key.
	documents, err := l.g.fetchDocuments(background, l.reader, l.v, hits)
	if err != nil {
		return l.g.failure(l.ctx, "read documents", err)
	}
	maker := snippet.Maker{Analyzer: l.g.analyzer, Terms: f.plan.Terms, Words: max(1, l.r.SnippetWords)}
	for i, hit := range hits {
		out := catalog.Hit{Document: documents[i], Score: hit.Score, Partial: f.tiers && hit.Tier > 0 || f.match == catalog.MatchAny && !f.tiers}
		out.Snippets = make([]catalog.Snippet, len(l.g.collection.Fields))
		for n, field := range l.g.collection.Fields {
			if field.Searched() && !field.Hidden {
				out.Snippets[n] = maker.Make(field.Name, strings.Join(documents[i].Values[n].Texts, ", "))
			}
		}
		answer.Hits = append(answer.Hits, out)
	}
	if l.r.Explain && len(f.terms) > 0 {
		return l.explain(answer.Hits, hits, f)
	}
	return nil
}

// fetchDocuments reads documents, in the order of hits.
func (g *generation) fetchDocuments(ctx context.Context, r *reader, v *view, hits []fts5.Hit) ([]catalog.Document, error) {
	ids := make([]uint32, len(hits))
	for i, hit := range hits {
		ids[i] = hit.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	all := make([]catalog.Document, len(hits))
	err = r.query(ctx, g.fetch, func(row []driver.Value) error {
		id, document, err := g.scan(row, v.most)
		if at := slices.Index(ids, id); err == nil && at >= 0 {
			all[at] = document
		}
		return err
	}, string(list))
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if all[i].Values == nil {
			return nil, fmt.Errorf("document %d is in the index and not in the table", id)
		}
	}
	return all, nil
}

// scan reads a row of fetch, whose number is up to most.
func (g *generation) scan(row []driver.Value, most int) (id uint32, d catalog.Document, err error) {
	docid, idOK := row[0].(int64)
	key, keyOK := row[1].(string)
	version, versionOK := row[2].(string)
	if !idOK || !keyOK || !versionOK || docid < 1 || docid > int64(most) {
		return 0, d, fmt.Errorf("document %v has the key %v", row[0], row[1])
	}
	d = catalog.Document{ID: key, Version: version, Values: make([]catalog.Value, len(g.collection.Fields))}
	for i, f := range g.collection.Fields {
		if d.Values[i], err = loaded(f, row[i+3]); err != nil {
			return 0, d, fmt.Errorf("document %q: %w", key, err)
		}
	}
	return uint32(docid), d, nil
}

// document finds one by its id.
func (g *generation) document(ctx context.Context, id string) (catalog.Document, error) {
	r, v, err := g.snapshot(ctx)
	if err != nil {
		return catalog.Document{}, g.failure(ctx, "find a document", err)
	}
	defer g.end(r)
	var hits []fts5.Hit
	err = r.query(ctx, "SELECT docid FROM doc WHERE key = ?", func(row []driver.Value) error {
		docid, ok := row[0].(int64)
		if !ok {
			return fmt.Errorf("its number is %v", row[0])
		}
		hits = append(hits, fts5.Hit{ID: uint32(docid)})
		return nil
	}, id)
	if err != nil {
		return catalog.Document{}, g.failure(ctx, "find a document", err)
	}
	if len(hits) == 0 {
		return catalog.Document{}, catalog.Errorf(catalog.CodeNotFound, "collection %q has no document %q", g.collection.Name, id)
	}
	documents, err := g.fetchDocuments(ctx, r, v, hits)
	if err != nil {
		return catalog.Document{}, g.failure(ctx, "read a document", err)
	}
	return documents[0], nil
}

// explain walks over the page's documents once more, to say how their scores came
// about.
func (l *lookup) explain(out []catalog.Hit, hits []fts5.Hit, f finding) error {
	s := fts5.Search{}
	for _, hit := range hits {
		s.Explain = append(s.Explain, hit.ID)
	}
	slices.Sort(s.Explain)
	l.score(&s, f.plan)
	list, err := json.Marshal(s.Explain)
	if err != nil {
		return err
	}
	outcome, err := s.Run(func(address int64) error {
		return l.reader.exhaust(background, fts5.StatementOf, f.plan.Expression, address, string(list))
	})
	if err != nil {
		return l.g.failure(l.ctx, "explain", err)
	}
	for i, hit := range hits {
		at, _ := slices.BinarySearch(s.Explain, hit.ID)
		e := &catalog.Explanation{Length: int(l.v.lengths[hit.ID]), Coverage: 1, Popularity: 1, Exact: 1, K1: k1, B: b, Average: l.v.average()}
		if l.boosts != nil {
			e.Popularity = float64(l.boosts[hit.ID])
		}
		if place, ok := slices.BinarySearch(s.Exact, hit.ID); ok {
			e.Exact = float64(s.ExactFactors[place])
		}
		present := 0
		for n, term := range f.plan.Terms {
			frequency := outcome.Frequencies[at][n]
			norm := k1 * (1 - b + b*float64(e.Length)/e.Average)
			e.Terms = append(e.Terms, catalog.TermScore{
				Term: term.Label, Count: term.Count, Documents: outcome.Terms[n].Documents, IDF: outcome.Terms[n].IDF, Frequency: frequency,
				Score: float64(term.Count) * outcome.Terms[n].IDF * frequency * (k1 + 1) / (frequency + norm),
			})
			if frequency > 0 {
				present++
			}
		}
		if s.Cover {
			e.Coverage = float64(present) / float64(len(e.Terms))
		}
		out[i].Explanation = e
	}
	return nil
}
