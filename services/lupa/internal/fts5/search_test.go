// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package fts5_test

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
)

// A corpus is random documents of two fields in a real index, and the same as
// lists of words.
type corpus struct {
	db      *sql.DB
	fields  [][2][]string // by document, from 1
	lengths []uint32
	average float64
}

func newCorpus(t *testing.T, random *rand.Rand, documents int) corpus {
	t.Helper()
	if err := fts5.Install(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE VIRTUAL TABLE fts USING fts5(a, b)"); err != nil {
		t.Fatal(err)
	}
	c := corpus{db: db, fields: make([][2][]string, documents+1), lengths: make([]uint32, documents+1)}
	for d := 1; d <= documents; d++ {
		for f := range 2 {
			for range random.IntN(12) {
				// Few words are in most documents, most words in few.
				c.fields[d][f] = append(c.fields[d][f], fmt.Sprint("w", int(math.Exp2(random.Float64()*6))))
			}
			c.lengths[d] += uint32(len(c.fields[d][f]))
		}
		c.average += float64(c.lengths[d])
		if _, err := db.Exec("INSERT INTO fts(rowid, a, b) VALUES(?, ?, ?)", d, strings.Join(c.fields[d][0], " "), strings.Join(c.fields[d][1], " ")); err != nil {
			t.Fatal(err)
		}
	}
	c.average /= float64(documents)
	return c
}

// run runs a search.
func (c corpus) run(s *fts5.Search, expression string) (fts5.Outcome, error) {
	return s.Run(func(address int64) error {
		rows, err := c.db.Query(fts5.Statement, expression, address)
		if err != nil {
			return err
		}
		if rows.Next() {
			return errors.New("a row")
		}
		return errors.Join(rows.Err(), rows.Close())
	})
}

// A part is a phrase of a random query: some words in a row.
type part struct {
	words  []string
	term   int
	weight float64
}

func (p part) count(words []string) float64 {
	n := 0
	for i := 0; i+len(p.words) <= len(words); i++ {
		if slices.Equal(words[i:i+len(p.words)], p.words) {
			n++
		}
	}
	return float64(n)
}

// TestSearchIsTheFormula compares searches with the formula written out, on random
// documents, queries, weights, filters, boosts and cuts.
func TestSearchIsTheFormula(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	c := newCorpus(t, random, 400)
	for round := range 300 {
		var parts []part
		var expression []string
		terms := 1 + random.IntN(4)
		s := &fts5.Search{
			K1: 0.5 + random.Float64(), B: random.Float64(), Weights: []float64{random.Float64() * 5, random.Float64() * 5},
			Documents: 400, Average: c.average, Lengths: c.lengths, Limit: random.IntN(120), Collect: random.IntN(2) == 0, Cover: random.IntN(2) == 0,
		}
		for term := range terms {
			s.Terms = append(s.Terms, fts5.Term{Documents: -1, Phrase: len(parts), Weight: float64(1 + random.IntN(3))})
			for range 1 + random.IntN(2) {
				p := part{term: term, weight: random.Float64()}
				for range 1 + random.IntN(2) {
					p.words = append(p.words, fmt.Sprint("w", int(math.Exp2(random.Float64()*6))))
				}
				parts = append(parts, p)
				s.Phrases = append(s.Phrases, fts5.Phrase{Term: term, Weight: p.weight})
				expression = append(expression, `"`+strings.Join(p.words, " ")+`"`)
			}
		}
		c.decorate(random, s)
		got, err := c.run(s, strings.Join(expression, " OR "))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.compare(s, parts, got); err != nil {
			t.Fatalf("round %d, %s: %v", round, strings.Join(expression, " OR "), err)
		}
	}
}

// decorate adds what changes the order besides the words, at random.
func (c corpus) decorate(random *rand.Rand, s *fts5.Search) {
	n := uint32(len(c.lengths))
	if random.IntN(2) == 0 {
		s.Allowed = make([]uint64, n/64+1)
		for i := range s.Allowed {
			s.Allowed[i] = random.Uint64()
		}
	}
	if random.IntN(2) == 0 {
		for range n {
			s.Boosts = append(s.Boosts, 1+random.Float32())
		}
	}
	for d := uint32(1); d < n; d++ {
		if random.IntN(9) == 0 {
			s.Exact, s.ExactFactors = append(s.Exact, d), append(s.ExactFactors, 1+random.Float32())
		}
		if random.IntN(9) == 0 {
			s.First = append(s.First, d)
		}
	}
	if random.IntN(2) == 0 {
		s.First = nil
	}
	if random.IntN(3) == 0 {
		s.After = &fts5.Hit{ID: uint32(random.IntN(400)), Score: random.Float64() * 9, Tier: random.IntN(2)}
	}
}

// compare works the answer out anew.
func (c corpus) compare(s *fts5.Search, parts []part, got fts5.Outcome) error {
	documents := make([]float64, len(s.Terms))
	for i, term := range s.Terms {
		for d := 1; d < len(c.fields); d++ {
			if parts[term.Phrase].count(c.fields[d][0])+parts[term.Phrase].count(c.fields[d][1]) > 0 {
				documents[i]++
			}
		}
	}
	var want []fts5.Hit
	matched := 0
	var matches []uint32
	for d := uint32(1); int(d) < len(c.fields); d++ {
		frequency := make([]float64, len(s.Terms))
		matchesAny := false
		for _, p := range parts {
			for f := range 2 {
				n := p.count(c.fields[d][f])
				matchesAny = matchesAny || n > 0
				frequency[p.term] += n * p.weight * s.Weights[f]
			}
		}
		if !matchesAny {
			continue
		}
		matches = append(matches, d)
		if s.Allowed != nil && s.Allowed[d/64]>>(d%64)&1 == 0 {
			continue
		}
		matched++
		hit := fts5.Hit{ID: d}
		present := 0.0
		for i, f := range frequency {
			if f > 0 {
				present++
				idf := math.Log(1 + (float64(s.Documents)-documents[i]+0.5)/(documents[i]+0.5))
				hit.Score += s.Terms[i].Weight * idf * f * (s.K1 + 1) / (f + s.K1*(1-s.B+s.B*float64(c.lengths[d])/c.average))
			}
		}
		if s.Cover {
			hit.Score *= present / float64(len(s.Terms))
		}
		if s.Boosts != nil {
			hit.Score *= float64(s.Boosts[d])
		}
		if i, ok := slices.BinarySearch(s.Exact, d); ok {
			hit.Score *= float64(s.ExactFactors[i])
		}
		if _, ok := slices.BinarySearch(s.First, d); s.First != nil && !ok {
			hit.Tier = 1
		}
		if s.After == nil || order(*s.After, hit) < 0 {
			want = append(want, hit)
		}
	}
	slices.SortFunc(want, order)
	want = want[:min(s.Limit, len(want))]
	if got.Matched != matched || len(got.Hits) != len(want) || s.Collect && !slices.Equal(got.Matches, matches) {
		return fmt.Errorf("%d matched, %d hits, %d collected; want %d, %d, %d", got.Matched, len(got.Hits), len(got.Matches), matched, len(want), len(matches))
	}
	for i := range want {
		if got.Hits[i].ID != want[i].ID || got.Hits[i].Tier != want[i].Tier || math.Abs(got.Hits[i].Score-want[i].Score) > 1e-9 {
			return fmt.Errorf("hit %d is %+v, want %+v", i, got.Hits[i], want[i])
		}
	}
	return nil
}

func order(a, b fts5.Hit) int {
	return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
}

// TestExplain wants the frequencies of single documents.
func TestExplain(t *testing.T) {
	c := newCorpus(t, rand.New(rand.NewPCG(3, 4)), 50)
	s := &fts5.Search{
		K1: 1, B: 0, Weights: []float64{2, 3}, Documents: 50, Average: c.average, Lengths: c.lengths,
		Phrases: []fts5.Phrase{{Term: 0, Weight: 0.5}}, Terms: []fts5.Term{{Documents: 7, Weight: 1}}, Explain: []uint32{3, 10, 11},
	}
	list, err := json.Marshal(s.Explain)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Run(func(address int64) error {
		rows, err := c.db.Query(fts5.StatementOf, `"w1"`, address, string(list))
		if err != nil {
			return err
		}
		if rows.Next() {
			return errors.New("a row")
		}
		return errors.Join(rows.Err(), rows.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	p := part{words: []string{"w1"}}
	for i, d := range s.Explain {
		want := 0.5 * (2*p.count(c.fields[d][0]) + 3*p.count(c.fields[d][1]))
		if got := out.Frequencies[i][0]; got != want {
			t.Errorf("document %d: %v, want %v", d, got, want)
		}
	}
	if len(out.Terms) == 1 && out.Terms[0].Documents != 7 {
		t.Errorf("documents = %v, want those that were given", out.Terms)
	}
}

// TestMisuse wants errors, not crashes, where the parts do not fit.
func TestMisuse(t *testing.T) {
	c := newCorpus(t, rand.New(rand.NewPCG(5, 6)), 20)
	good := fts5.Search{Weights: []float64{1, 1}, Documents: 20, Average: 1, Lengths: c.lengths, Limit: 1}
	for name, change := range map[string]func(*fts5.Search){
		"phrases": func(s *fts5.Search) { s.Phrases = make([]fts5.Phrase, 2) },
		"columns": func(s *fts5.Search) { s.Weights, s.Phrases = []float64{1}, make([]fts5.Phrase, 1) },
		"lengths": func(s *fts5.Search) { s.Lengths, s.Phrases = c.lengths[:2], []fts5.Phrase{{Term: -1}} },
		"terms":   func(s *fts5.Search) { s.Phrases = []fts5.Phrase{{Term: 1}} },
		"boosts":  func(s *fts5.Search) { s.Phrases, s.Boosts = []fts5.Phrase{{Term: -1}}, make([]float32, 3) },
		"factors": func(s *fts5.Search) { s.Phrases, s.Exact = []fts5.Phrase{{Term: -1}}, []uint32{1} },
		"average": func(s *fts5.Search) { s.Average, s.Terms = 0, make([]fts5.Term, 1) },
	} {
		s := good
		change(&s)
		if _, err := c.run(&s, `"w1"`); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := c.db.Exec("SELECT lupa_score(fts, 0) FROM fts WHERE fts MATCH 'w1'"); err == nil {
		t.Error("lupa_score without a search gives no error")
	}
}
