// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/sqliteapi"
)

// A peer is a statement that gives the best ten documents with their texts and
// snippets, as an answer of Lupa's does.
type peer struct {
	name      string
	statement *sqliteapi.Statement
}

// buildPeer makes a database of a collection: a table with the texts, and an FTS5
// index over it in one segment, with the default tokenizer.
func buildPeer(ctx context.Context, folder string, c *corpus.Collection) (file string, err error) {
	file = filepath.Join(folder, "peer.db")
	db, err := sql.Open("sqlite3", file+"?_journal_mode=OFF&_synchronous=OFF")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	columns := strings.Join(columnNames(c), ", ")
	for _, statement := range []string{
		"CREATE TABLE doc(id INTEGER PRIMARY KEY, key TEXT NOT NULL, " + columns + ")",
		"CREATE VIRTUAL TABLE fts USING fts5(" + columns + ", content='doc', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
		"INSERT INTO fts(fts, rank) VALUES('rank', 'bm25(" + weights(c) + ")')",
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return "", err
		}
	}
	if err := insertAll(ctx, db, c); err != nil {
		return "", err
	}
	for _, statement := range []string{"INSERT INTO fts(fts) VALUES('rebuild')", "INSERT INTO fts(fts) VALUES('optimize')"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return "", err
		}
	}
	return file, nil
}

func insertAll(ctx context.Context, db *sql.DB, c *corpus.Collection) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	insert, err := tx.PrepareContext(ctx, "INSERT INTO doc VALUES(NULL, ?"+strings.Repeat(", ?", len(c.Fields))+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, d := range c.Documents {
		row := []any{d.ID}
		for _, value := range d.Values {
			row = append(row, value)
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func columnNames(c *corpus.Collection) []string {
	var names []string
	for _, f := range c.Fields {
		names = append(names, `"`+f.Name+`"`)
	}
	return names
}

func weights(c *corpus.Collection) string {
	var all []string
	for _, f := range c.Fields {
		all = append(all, strconv.FormatFloat(f.Weight, 'g', -1, 64))
	}
	return strings.Join(all, ", ")
}

// openPeers prepares the two ways of writing that query. Which one is faster
// depends on the number of matches; Lupa is held against the better one.
func openPeers(file string, c *corpus.Collection) ([]peer, error) {
	address := (&url.URL{Scheme: "file", Path: file, RawQuery: "mode=ro&immutable=1"}).String()
	columns, marked := strings.Join(columnNames(c), ", "), ""
	for i := range c.Fields {
		marked += fmt.Sprintf(", snippet(fts, %d, '<mark>', '</mark>', '…', 32)", i)
	}
	values := strings.ReplaceAll("doc."+columns, ", ", ", doc.")
	var peers []peer
	for _, p := range []struct{ name, sql string }{
		{
			"FTS5, ORDER BY rank",
			"SELECT doc.key, rank, " + values + marked + " FROM fts JOIN doc ON doc.id = fts.rowid WHERE fts MATCH ? ORDER BY rank LIMIT 10",
		},
		{
			"FTS5, ids first",
			"WITH best AS MATERIALIZED (SELECT rowid AS id, bm25(fts, " + weights(c) + ") AS score FROM fts WHERE fts MATCH ?1 ORDER BY score, rowid LIMIT 10) " +
				"SELECT doc.key, score, " + values + marked + " FROM best CROSS JOIN fts ON fts.rowid = best.id CROSS JOIN doc ON doc.id = best.id WHERE fts MATCH ?1 ORDER BY score, best.id",
		},
	} {
		statement, err := sqliteapi.Open(address, p.sql)
		if err != nil {
			closePeers(peers)
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		peers = append(peers, peer{p.name, statement})
	}
	return peers, nil
}

func closePeers(peers []peer) {
	for _, p := range peers {
		p.statement.Close()
	}
}
