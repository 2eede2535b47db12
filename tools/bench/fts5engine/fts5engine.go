// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package fts5engine is what one gets from SQLite's FTS5 without more ado: its own
// tokenizers, its own bm25, and the words of the question quoted and joined.
package fts5engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/engine"
)

// Engine is FTS5 in this process. The zero value is ready to use.
type Engine struct{}

// Name implements engine.Engine.
func (Engine) Name() string { return "fts5" }

// tokenizers are the two that people use for text in words.
var tokenizers = []struct{ name, arguments string }{
	{"unicode61", "unicode61 remove_diacritics 2"},
	{"porter", "porter unicode61 remove_diacritics 2"},
}

// Open implements engine.Engine: it indexes the collection in memory, once with
// each tokenizer.
func (Engine) Open(ctx context.Context, c *corpus.Collection) (engine.Index, error) {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	ix := &index{db: db}
	for _, t := range tokenizers {
		if err := fill(ctx, db, c, t.name, t.arguments); err != nil {
			return nil, errors.Join(fmt.Errorf("index with %s: %w", t.name, err), db.Close())
		}
		all := &searcher{db: db, tokenizer: t.name, operator: "AND", query: rankSQL(c, t.name)}
		some := &searcher{db: db, tokenizer: t.name, operator: "OR", query: all.query}
		ix.searchers = append(ix.searchers, all, some, engine.Then(all.Name()+", then OR", all, some))
	}
	return ix, nil
}

type index struct {
	db        *sql.DB
	searchers []engine.Searcher
}

func (ix *index) Searchers() []engine.Searcher { return ix.searchers }

func (ix *index) Close() error { return ix.db.Close() }

// fill makes the table name and copies the documents into it.
func fill(ctx context.Context, db *sql.DB, c *corpus.Collection, name, tokenize string) error {
	var columns []string
	for _, f := range c.Fields {
		columns = append(columns, `"`+f.Name+`"`)
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf("CREATE VIRTUAL TABLE %s USING fts5(key UNINDEXED, %s, tokenize='%s')", name, strings.Join(columns, ", "), tokenize))
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+name+" VALUES(?"+strings.Repeat(", ?", len(columns))+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	row := make([]any, 1+len(columns))
	for _, d := range c.Documents {
		row[0] = d.ID
		for i, value := range d.Values {
			row[i+1] = value
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return fmt.Errorf("document %q: %w", d.ID, err)
		}
	}
	return tx.Commit()
}

// rankSQL orders by bm25 with the collection's weights.
func rankSQL(c *corpus.Collection, name string) string {
	weights := "0" // of key
	for _, f := range c.Fields {
		weights += ", " + strconv.FormatFloat(f.Weight, 'g', -1, 64)
	}
	return fmt.Sprintf("SELECT key FROM %s WHERE %s MATCH ? ORDER BY bm25(%s, %s), rowid LIMIT ?", name, name, name, weights)
}

type searcher struct {
	db        *sql.DB
	tokenizer string
	operator  string // AND or OR
	query     string
}

func (s *searcher) Name() string { return "fts5 " + s.tokenizer + " " + s.operator }

func (s *searcher) Search(ctx context.Context, text string, k int) ([]string, error) {
	expression := Expression(text, s.operator)
	if expression == "" {
		return nil, nil
	}
	rows, err := s.db.QueryContext(ctx, s.query, expression, k)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Expression quotes each word of a text, so that it is no syntax, and joins them by
// an operator of FTS5. Words that come twice stay, and count twice.
func Expression(text, operator string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.Co) })
	for i, word := range words {
		words[i] = `"` + word + `"`
	}
	return strings.Join(words, " "+operator+" ")
}
