// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
)

// database is where the table is.
const database = "postgres"

const table = `
CREATE TABLE synset (
	id      text PRIMARY KEY,
	words   text[] NOT NULL,
	pos     text NOT NULL,
	gloss   text NOT NULL
);
COMMENT ON TABLE synset IS 'WordNet 3.0: words of one meaning'`

// load copies WordNet into a table, and says how many rows there are.
func load(ctx context.Context, dsn, folder string) (rows int64, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	synsets, err := read(ctx, folder)
	if err != nil {
		return 0, fmt.Errorf("read WordNet: %w", err)
	}
	if _, err := conn.Exec(ctx, table); err != nil {
		return 0, err
	}
	rows, err = conn.CopyFrom(ctx, pgx.Identifier{"synset"}, []string{"id", "words", "pos", "gloss"}, pgx.CopyFromRows(synsets))
	if err != nil {
		return 0, err
	}
	_, err = conn.Exec(ctx, "ANALYZE synset")
	return rows, err
}

// read reads WordNet's files as rows of the table.
func read(ctx context.Context, folder string) ([][]any, error) {
	source := filesource.New(filesource.Options{
		Path: folder, Format: filesource.WordNet, OnError: filesource.Fail, Log: slog.New(slog.DiscardHandler),
		Columns: []filesource.Column{
			{Field: catalog.Field{Name: "words", Kind: catalog.Text, Multiple: true}, From: "words"},
			{Field: catalog.Field{Name: "pos", Kind: catalog.String}, From: "pos"},
			{Field: catalog.Field{Name: "gloss", Kind: catalog.Text}, From: "gloss"},
		},
	})
	var rows [][]any
	err := source.Documents(ctx, func(d catalog.Document) error {
		for i, value := range d.Values[1:] {
			if len(value.Texts) != 1 {
				return fmt.Errorf("%s has %d values in column %d, want 1", d.ID, len(value.Texts), i+1)
			}
		}
		rows = append(rows, []any{d.ID, d.Values[0].Texts, d.Values[1].Texts[0], d.Values[2].Texts[0]})
		return nil
	})
	return rows, err
}
