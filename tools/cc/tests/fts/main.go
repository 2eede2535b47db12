// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command fts proves that a cgo program works: it indexes one document with
// SQLite's FTS5 and finds it.
package main

import (
	"database/sql"
	"fmt"
	"os"
	"runtime"

	_ "github.com/mattn/go-sqlite3" // the driver, in C
)

// word is what is searched for; the linker can set another.
var word = "wolf"

func main() {
	found, err := find(word)
	if err != nil {
		fmt.Fprintf(os.Stderr, "fts: %v\n", err)
		os.Exit(1)
	}
	fmt.Printf("%s %s\n", runtime.GOARCH, found)
}

// find indexes a document and returns where it holds word.
func find(word string) (string, error) {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return "", fmt.Errorf("open database: %w", err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE VIRTUAL TABLE document USING fts5(body);
		INSERT INTO document VALUES ('canis lupus, the grey wolf')`); err != nil {
		return "", fmt.Errorf("index document: %w", err)
	}
	const query = `SELECT snippet(document, 0, '<', '>', '', 9) FROM document WHERE body MATCH ?`
	var found string
	if err := db.QueryRow(query, word).Scan(&found); err != nil {
		return "", fmt.Errorf("search %q: %w", word, err)
	}
	return found, nil
}
