// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/column"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

// Constants of BM25: how soon more occurrences stop to count, and how much the
// length of a document does.
const (
	k1 = 1.2
	b  = 0.75
)

// fewHits is up to how many documents have all the words when those that have some
// of them follow.
const fewHits = 20

// coverTerms is up to how many words a document that has some of them only counts
// by how many it has. Longer texts are about something of which no document has all
// the words.
const coverTerms = 5

// maxExactHits bounds the documents that gain by having a value that is all that
// was asked for.
const maxExactHits = 1000

// A lookup is one request under way in one generation.
type lookup struct {
	g       *generation
	v       *view
	reader  *reader
	ctx     context.Context
	r       catalog.Request
	filters []filterSet
	allowed column.Set // nil for all documents
	boosts  []float32
	step    int64
	after   *fts5.Hit
}

// A filterSet has the documents that pass the filters on a field.
type filterSet struct {
	field string
	set   column.Set
}

// A finding is what a query found: its hits in order, as many as are wanted and
// one more, where there are more.
type finding struct {
	plan     query.Plan
	match    catalog.Match
	hits     []fts5.Hit
	total    int
	matches  []uint32 // all that match, allowed or not, where they are needed
	terms    []fts5.TermStat
	tiers    bool // whether hits of tier 1 have only some of the words
	timedOut bool
}

// search answers a request.
func (g *generation) search(ctx context.Context, r catalog.Request) (catalog.Answer, error) {
	reader, v, err := g.snapshot(ctx)
	if err != nil {
		return catalog.Answer{}, g.failure(ctx, "search", err)
	}
	defer g.end(reader)
	l, err := g.lookup(ctx, v, r)
	if err != nil {
		return catalog.Answer{}, err
	}
	l.reader = reader
	q := query.Parse(r.Text, g.searched)
	found, err := l.find(q)
	if err != nil {
		return catalog.Answer{}, err
	}
	answer := catalog.Answer{Truncated: q.Truncated || found.plan.Truncated}
	if l.scarce(found) {
		if found, err = l.respell(q, found, &answer); err != nil {
			return catalog.Answer{}, err
		}
	}
	return answer, l.fill(&answer, found)
}

// respell looks for what was probably meant. A word that no document has finds
// nothing, so that its nearest neighbour takes its place at once, if that finds
// something; for a rare word it is only suggested.
func (l *lookup) respell(q query.Query, found finding, answer *catalog.Answer) (finding, error) {
	mended, err := l.g.correct(l.v, q, false)
	if err != nil {
		return finding{}, err
	}
	if mended != "" {
		corrected, err := l.find(query.Parse(mended, l.g.searched))
		if err != nil {
			return finding{}, err
		}
		if corrected.total > 0 {
			answer.Suggestion, answer.Corrected = mended, true
			return corrected, nil
		}
	}
	answer.Suggestion, err = l.g.correct(l.v, q, true)
	return found, err
}

// scarce tells whether so little was found that a mistake is likely.
func (l *lookup) scarce(f finding) bool {
	complete := f.total
	if f.match == catalog.MatchAny || f.tiers {
		complete = 0
	}
	return !f.timedOut && f.plan.Expression != "" && complete < fewHits/4
}

func (g *generation) lookup(ctx context.Context, v *view, r catalog.Request) (*lookup, error) {
	l := &lookup{g: g, v: v, ctx: ctx, r: r}
	l.boosts, l.step = g.boost(v, time.Now())
	for _, f := range r.Filters {
		c, ok := v.columns[f.Field]
		if !ok {
			return nil, g.unknown("filter", f.Field)
		}
		set := c.Filter(f)
		l.filters = append(l.filters, filterSet{f.Field, set})
	}
	for _, o := range r.Sort {
		if v.columns[o.Field] == nil {
			return nil, g.unknown("sort", o.Field)
		}
	}
	for _, field := range r.Facets {
		if v.columns[field] == nil {
			return nil, g.unknown("facet", field)
		}
	}
	l.allowed = l.passing("")
	var err error
	l.after, err = g.after(v, r, l.step)
	return l, err
}

// unknown is the error about a field that cannot be used so.
func (g *generation) unknown(use, field string) error {
	return catalog.Errorf(catalog.CodeInvalid, "%s: collection %q has no field %q to %s by", use, g.collection.Name, field, use)
}

// passing has the documents that pass all filters but those on one field; nil for
// all documents.
func (l *lookup) passing(but string) column.Set {
	var set column.Set
	for _, f := range l.filters {
		if f.field == but {
			continue
		}
		if set == nil {
			set = slices.Clone(f.set)
		} else {
			set.Keep(f.set)
		}
	}
	return set
}

// wanted is how many hits are looked for: one more than are shown, to know whether
// there are more.
func (l *lookup) wanted() int { return l.r.Offset + l.r.Limit + 1 }

func (l *lookup) find(q query.Query) (finding, error) {
	plan := l.plan(q, l.r.Match == catalog.MatchAny)
	switch {
	case plan.Everything:
		return l.browse(plan, nil)
	case plan.Without != "":
		out, err := l.run(plan, plan.Without, fts5.Search{Collect: true})
		if err != nil {
			return finding{}, err
		}
		f, err := l.browse(plan, out.matches)
		f.timedOut = out.timedOut
		return f, err
	case plan.Expression == "":
		return finding{plan: plan}, nil
	}
	f, err := l.match(plan)
	if err != nil || l.r.Match != catalog.MatchAuto || f.timedOut || f.total >= fewHits {
		if l.r.Match == catalog.MatchAny {
			f.match = catalog.MatchAny
		}
		return f, err
	}
	return l.widen(q, plan, f)
}

func (l *lookup) plan(q query.Query, anyWord bool) query.Plan {
	return q.Plan(query.Options{
		Analyzer: l.g.analyzer, StopWords: l.g.stopWords, Column: columnName, Any: anyWord, Typing: l.r.Typing,
	})
}

// match finds the documents that match a plan.
func (l *lookup) match(plan query.Plan) (finding, error) {
	s := l.walk()
	if l.r.Match == catalog.MatchAuto && s.Limit > 0 {
		s.Limit = max(s.Limit, fewHits) // so that widen has them all
	}
	f, err := l.run(plan, plan.Expression, s)
	if err == nil && len(l.r.Sort) > 0 {
		f.hits = l.sorted(slices.Values(f.matches))
	}
	return f, err
}

// walk is a search for what the request wants.
func (l *lookup) walk() fts5.Search {
	if len(l.r.Sort) > 0 {
		return fts5.Search{Allowed: l.allowed, Collect: true}
	}
	return fts5.Search{Allowed: l.allowed, After: l.after, Limit: l.wanted(), Collect: len(l.r.Facets) > 0}
}

// widen looks for documents with some of the words, behind those few that have
// all.
func (l *lookup) widen(q query.Query, plan query.Plan, strict finding) (finding, error) {
	loose := l.plan(q, true)
	if loose.Expression == plan.Expression || len(l.r.Sort) > 0 && strict.total > 0 {
		return strict, nil
	}
	s := l.walk()
	if strict.total > 0 {
		all := strict.hits
		if len(all) < strict.total { // the others were on earlier pages
			found, err := l.run(plan, plan.Expression, fts5.Search{Allowed: l.allowed, Limit: fewHits})
			if err != nil {
				return finding{}, err
			}
			all = found.hits
		}
		for _, hit := range all {
			s.First = append(s.First, hit.ID)
		}
		slices.Sort(s.First)
	}
	f, err := l.run(loose, loose.Expression, s)
	if err != nil {
		return finding{}, err
	}
	if len(l.r.Sort) > 0 {
		f.hits = l.sorted(slices.Values(f.matches))
	}
	if f.total > strict.total {
		f.match = catalog.MatchAny
		f.tiers = strict.total > 0
	}
	return f, nil
}

// run walks over the rows that an expression matches.
func (l *lookup) run(plan query.Plan, expression string, s fts5.Search) (finding, error) {
	g := l.g
	l.score(&s, plan)
	out, err := s.Run(func(address int64) error {
		return l.reader.exhaust(l.ctx, fts5.Statement, expression, address)
	})
	f := finding{plan: plan, hits: out.Hits, total: out.Matched, matches: out.Matches, terms: out.Terms}
	if err != nil {
		if !l.late() {
			return finding{}, g.failure(l.ctx, "search", err)
		}
		f.timedOut = true
	}
	return f, nil
}

// score fills in what the formula needs.
func (l *lookup) score(s *fts5.Search, plan query.Plan) {
	g := l.g
	s.K1, s.B, s.Weights = k1, b, g.weights
	s.Documents, s.Average, s.Lengths, s.Boosts = l.v.documents, l.v.average(), l.v.lengths, l.boosts
	s.Cover = plan.Loose && len(plan.Terms) <= coverTerms
	for _, phrase := range plan.Phrases {
		s.Phrases = append(s.Phrases, fts5.Phrase{Term: phrase.Term, Weight: phrase.Weight})
	}
	for _, term := range plan.Terms {
		documents := -1
		if term.Key != "" {
			documents = l.v.words.Documents(term.Key)
		}
		s.Terms = append(s.Terms, fts5.Term{Documents: documents, Phrase: term.Phrase, Weight: float64(term.Count)})
	}
	if plan.Whole == "" || s.Limit == 0 && s.Explain == nil {
		return
	}
	s.Exact, s.ExactFactors = g.wholes(l.v, plan.Whole)
}

// late tells whether the search's time is up; its answer is what was found so far.
func (l *lookup) late() bool { return errors.Is(l.ctx.Err(), context.DeadlineExceeded) }

// wholes finds the documents that have a value which is all that was asked for, and
// by what it multiplies their score.
func (g *generation) wholes(v *view, text string) (ids []uint32, factors []float32) {
	hash, ok := wholeHash(g.whole, text)
	if !ok {
		return nil, nil
	}
	for _, e := range v.exact.find(hash, v.gone, maxExactHits) {
		factor := float32(1 + g.collection.Fields[e.field].Exact)
		if last := len(ids) - 1; last >= 0 && ids[last] == e.document {
			factors[last] = max(factors[last], factor)
			continue
		}
		ids, factors = append(ids, e.document), append(factors, factor)
	}
	return ids, factors
}

// failure tells a search that was cut off from one that went wrong.
func (g *generation) failure(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return &catalog.Error{Code: catalog.CodeTimeout, Message: "the search took longer than allowed; ask for rarer words", Cause: ctx.Err()}
	}
	err = fmt.Errorf("%s in %s: %w", doing, g.file, g.checked(err))
	if g.damaged.Load() {
		return &catalog.Error{Code: catalog.CodeUnavailable, Message: fmt.Sprintf("the index of collection %q is damaged and is built anew; try again", g.collection.Name), Cause: err}
	}
	return err
}

// compareHits is the order of hits without a sort.
func compareHits(a, b fts5.Hit) int {
	return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
}
