// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"

	"github.com/mattn/go-sqlite3"
)

// A connector opens connections to one file. All settings are given here, so
// that every connection of a pool has them; one PRAGMA through the pool would
// reach one connection.
type connector struct {
	driver sqlite3.SQLiteDriver
	dsn    string
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

func (c *connector) Driver() driver.Driver { return &c.driver }

// setup runs statements on each new connection.
func setup(statements ...string) func(*sqlite3.SQLiteConn) error {
	return func(conn *sqlite3.SQLiteConn) error {
		for _, statement := range statements {
			if _, err := conn.Exec(statement, nil); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	}
}

// dsn makes an address of a file and options.
func dsn(file string, options url.Values) string {
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + options.Encode()
}

// readerConnector opens a complete generation, which never changes again: without
// locks, and read-only in three ways.
func readerConnector(file string) *connector {
	c := &connector{dsn: dsn(file, url.Values{
		"mode":        {"ro"},
		"immutable":   {"1"},
		"_query_only": {"1"},
		"_mutex":      {"no"},
		"_cache_size": {"-16384"}, // KiB per connection
	})}
	// Nothing but the cache folder can be written to, so sorting stays in memory.
	c.driver.ConnectHook = setup("PRAGMA temp_store = MEMORY", "PRAGMA trusted_schema = OFF")
	return c
}

// openBeside opens a file that a builder has written and no longer changes, while
// the builder still has it open: without locks, which would be in each other's way.
func openBeside(file string) *sql.DB {
	c := &connector{dsn: dsn(file, url.Values{"mode": {"ro"}, "immutable": {"1"}, "_mutex": {"no"}, "_cache_size": {"-16384"}})}
	c.driver.ConnectHook = setup("PRAGMA temp_store = MEMORY")
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(2)
	return db
}

// openWriter opens a new file for one builder. It is thrown away unless it gets
// complete, so there is no journal and nothing is synchronised on the way.
func openWriter(file string) *sql.DB {
	c := &connector{dsn: dsn(file, url.Values{
		"mode":          {"rwc"},
		"_journal_mode": {"OFF"},
		"_locking_mode": {"EXCLUSIVE"},
		"_synchronous":  {"OFF"},
		"_mutex":        {"no"},
		"_cache_size":   {"-65536"},
	})}
	c.driver.ConnectHook = setup("PRAGMA temp_store = MEMORY", "PRAGMA page_size = 4096")
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	return db
}
