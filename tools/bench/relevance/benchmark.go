// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package relevance

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/engine"
	"github.com/lupasearch/lupa/tools/bench/fts5engine"
	"github.com/lupasearch/lupa/tools/bench/judgements"
	"github.com/lupasearch/lupa/tools/bench/lupaengine"
	"github.com/lupasearch/lupa/tools/bench/pgengine"
	"github.com/lupasearch/lupa/tools/bench/place"
	"github.com/lupasearch/lupa/tools/bench/report"
)

// Benchmark is the relevance benchmark.
var Benchmark = report.Benchmark{
	Name:    "relevance",
	Summary: "nDCG@10, recall@100 and MRR of Lupa, SQLite FTS5 and PostgreSQL on judged queries",
	Help: `Asks every engine every judged query of two collections:

  wordnet  WordNet 3.0 with queries of our own (tools/bench/judgements)
  cisi     the CISI test collection, if -cisi names a folder with CISI.ALL,
           CISI.QRY and CISI.REL. Its queries have two halves: even numbers to
           tune by, and odd ones, -holdout, for a last look only.

Every engine gets the same fields with the same weights. The column 'against' is
the difference to Lupa's nDCG@10, p that of a paired randomisation test: how
likely so large a difference were, if both engines were equally good.`,
	Setup: setup,
}

func setup(fs *flag.FlagSet) report.Run {
	cisi := fs.String("cisi", "", "`folder` of the CISI collection; left out if empty")
	holdout := fs.Bool("holdout", false, "ask the half of CISI's queries that is kept for a last look")
	wordnet := place.WordNetFlag(fs)
	lupa := lupaengine.Flags(fs)
	dsn := place.PostgresFlag(fs)
	only := fs.String("only", "", "`name` of the only collection to ask")
	without := fs.String("without", "", "`kinds` of queries to leave out, with commas between; misspelling,prefix leaves what every engine can answer")
	each := fs.Bool("each", false, "show each query, too, beginning with those where Lupa is furthest behind the best of the others")
	return func(ctx context.Context) (*report.Report, error) {
		half := corpus.Tune
		if *holdout {
			half = corpus.Holdout
		}
		r := &report.Report{Facts: map[string]string{"CISI's queries": half.String()}}
		if *without != "" {
			r.Facts["left out"] = *without
		}
		engines := []engine.Engine{
			*lupa,
			fts5engine.Engine{},
			pgengine.Engine{DSN: dsn()},
		}
		collections, err := collections(*only, *wordnet, *cisi, half, r)
		if err != nil {
			return nil, err
		}
		for _, c := range collections {
			c.Queries = slices.DeleteFunc(c.Queries, func(q corpus.Query) bool {
				return slices.Contains(strings.Split(*without, ","), q.Kind)
			})
			if len(c.Queries) == 0 {
				return nil, fmt.Errorf("%s: -without=%s leaves no query", c.Name, *without)
			}
			if err := Compare(ctx, c, engines, *each, r); err != nil {
				return nil, err
			}
		}
		return r, nil
	}
}

// collections reads what there is to ask about; what is left out becomes a note.
func collections(only, wordnet, cisi string, half corpus.Half, r *report.Report) ([]*corpus.Collection, error) {
	var all []*corpus.Collection
	if only == "" || only == "wordnet" {
		c, err := judgedWordNet(wordnet)
		if err != nil {
			return nil, fmt.Errorf("wordnet: %w", err)
		}
		all = append(all, c)
	}
	switch {
	case only != "" && only != "cisi":
	case cisi == "":
		r.Notes = append(r.Notes, "cisi: left out; -cisi names its folder")
	default:
		c, err := corpus.CISI(cisi, half)
		if err != nil {
			return nil, fmt.Errorf("cisi: %w", err)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("no collection to ask: -only is wordnet or cisi, and cisi needs -cisi")
	}
	return all, nil
}

func judgedWordNet(folder string) (*corpus.Collection, error) {
	c, err := corpus.WordNet(folder)
	if err != nil {
		return nil, err
	}
	if c.Queries, err = judgements.WordNet(); err != nil {
		return nil, err
	}
	return c, c.Check()
}
