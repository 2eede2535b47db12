// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package pgengine is PostgreSQL's full-text search: a weighted tsvector with a GIN
// index, ranked by ts_rank or ts_rank_cd.
package pgengine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/engine"
)

// Engine is a PostgreSQL server. Nothing stays behind in its database: all tables
// are temporary.
type Engine struct {
	// DSN is the address of the database; without it the engine is missing.
	DSN string
}

// Name implements engine.Engine.
func (Engine) Name() string { return "postgres" }

// A variant is one way to search with PostgreSQL.
type variant struct {
	configuration string // of text search: how words are taken apart and stemmed
	rank          string
	normalization int // of the rank: 0 leaves length out, 1 divides by 1 + log(length)
	any           bool
}

// variants are pairs: all the words, then any.
var variants = []variant{
	{"simple", "ts_rank", 0, false},
	{"simple", "ts_rank", 0, true},
	{"english", "ts_rank", 0, false},
	{"english", "ts_rank", 0, true},
	{"english", "ts_rank", 1, false},
	{"english", "ts_rank", 1, true},
	{"english", "ts_rank_cd", 0, false},
	{"english", "ts_rank_cd", 0, true},
	{"english", "ts_rank_cd", 1, false},
	{"english", "ts_rank_cd", 1, true},
}

// Open implements engine.Engine: it copies the documents into a temporary table.
func (e Engine) Open(ctx context.Context, c *corpus.Collection) (engine.Index, error) {
	if e.DSN == "" {
		return nil, fmt.Errorf("%w: no address given", engine.ErrMissing)
	}
	if len(c.Fields) > len(labels) {
		return nil, fmt.Errorf("PostgreSQL knows %d weights; %s has %d fields", len(labels), c.Name, len(c.Fields))
	}
	conn, err := pgx.Connect(ctx, e.DSN)
	if err != nil {
		// The driver's own text may hold the address, and with it a password.
		return nil, errors.New("no connection to PostgreSQL at the address given")
	}
	ix := &index{conn: conn}
	if err := ix.fill(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("index in PostgreSQL: %w", err), ix.Close())
	}
	weights := weightsSQL(c)
	for i := 0; i < len(variants); i += 2 {
		all, some := newSearcher(conn, variants[i], weights), newSearcher(conn, variants[i+1], weights)
		ix.searchers = append(ix.searchers, all, some, engine.Then(all.Name()+", then OR", all, some))
	}
	return ix, nil
}

type index struct {
	conn      *pgx.Conn
	searchers []engine.Searcher
}

func (ix *index) Searchers() []engine.Searcher { return ix.searchers }

func (ix *index) Close() error { return ix.conn.Close(context.Background()) }

// labels are PostgreSQL's weights, the heaviest first.
const labels = "ABCD"

// fill copies the documents, and indexes them with both configurations.
func (ix *index) fill(ctx context.Context, c *corpus.Collection) error {
	columns := []string{"number", "key"}
	definitions := []string{"number integer PRIMARY KEY", "key text NOT NULL"}
	var simple, english []string
	for i, f := range c.Fields {
		column := pgx.Identifier{"f_" + f.Name}.Sanitize()
		columns = append(columns, "f_"+f.Name)
		definitions = append(definitions, column+" text NOT NULL")
		label := labels[slices.Index(byWeight(c), i)]
		simple = append(simple, fmt.Sprintf("setweight(to_tsvector('simple', %s), '%c')", column, label))
		english = append(english, fmt.Sprintf("setweight(to_tsvector('english', %s), '%c')", column, label))
	}
	definitions = append(definitions, "simple tsvector", "english tsvector")
	if _, err := ix.conn.Exec(ctx, "CREATE TEMPORARY TABLE doc ("+strings.Join(definitions, ", ")+")"); err != nil {
		return err
	}
	rows := pgx.CopyFromSlice(len(c.Documents), func(i int) ([]any, error) {
		row := []any{i, c.Documents[i].ID}
		for _, value := range c.Documents[i].Values {
			row = append(row, value)
		}
		return row, nil
	})
	if _, err := ix.conn.CopyFrom(ctx, pgx.Identifier{"doc"}, columns, rows); err != nil {
		return err
	}
	for _, statement := range []string{
		"UPDATE doc SET simple = " + strings.Join(simple, " || ") + ", english = " + strings.Join(english, " || "),
		"CREATE INDEX ON doc USING gin (simple)",
		"CREATE INDEX ON doc USING gin (english)",
		"ANALYZE doc",
	} {
		if _, err := ix.conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// byWeight lists the numbers of the fields, the heaviest first.
func byWeight(c *corpus.Collection) []int {
	order := make([]int, len(c.Fields))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.Fields[b].Weight, c.Fields[a].Weight) })
	return order
}

// weightsSQL gives the fields' weights as PostgreSQL wants them: in the order D, C,
// B, A, and 1 at most.
func weightsSQL(c *corpus.Collection) string {
	order := byWeight(c)
	weights := [len(labels)]float64{}
	for place, field := range order {
		weights[len(labels)-1-place] = c.Fields[field].Weight / c.Fields[order[0]].Weight
	}
	return fmt.Sprintf("'{%g, %g, %g, %g}'::float4[]", weights[0], weights[1], weights[2], weights[3])
}

// sql is the statement for a text and a number of documents.
func (v variant) sql(weights string) string {
	query := fmt.Sprintf("websearch_to_tsquery('%s', $1)", v.configuration)
	if v.any {
		// The only "&" in it are operators: text is in quotes, without one inside.
		query = fmt.Sprintf("replace(plainto_tsquery('%s', $1)::text, ' & ', ' | ')::tsquery", v.configuration)
	}
	return fmt.Sprintf("SELECT key FROM doc, (SELECT %s AS q) AS asked WHERE %s @@ q ORDER BY %s(%s, %s, q, %d) DESC, number LIMIT $2",
		query, v.configuration, v.rank, weights, v.configuration, v.normalization)
}

// A searcher keeps its answers: it is asked again as part of another.
type searcher struct {
	conn    *pgx.Conn
	variant variant
	query   string
	answers map[question][]string
}

type question struct {
	text string
	k    int
}

func newSearcher(conn *pgx.Conn, v variant, weights string) *searcher {
	return &searcher{conn: conn, variant: v, query: v.sql(weights), answers: make(map[question][]string)}
}

func (s *searcher) Name() string {
	operator := "AND"
	if s.variant.any {
		operator = "OR"
	}
	return fmt.Sprintf("postgres %s %s/%d %s", s.variant.configuration, s.variant.rank, s.variant.normalization, operator)
}

func (s *searcher) Search(ctx context.Context, text string, k int) ([]string, error) {
	if ids, known := s.answers[question{text, k}]; known {
		return slices.Clone(ids), nil
	}
	rows, err := s.conn.Query(ctx, s.query, text, k)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	s.answers[question{text, k}] = ids
	return slices.Clone(ids), nil
}
