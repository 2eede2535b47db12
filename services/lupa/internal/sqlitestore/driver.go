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

// Nothing but the cache folder can be written to, so sorting stays in memory.
const inMemory = "PRAGMA temp_store = MEMORY"

// sealedConnector opens a generation that never changes again: without locks, and
// read-only in three ways.
func sealedConnector(file string) *connector {
	c := &connector{dsn: dsn(file, url.Values{
		"mode":        {"ro"},
		"immutable":   {"1"},
		"_query_only": {"1"},
		"_mutex":      {"no"},
		"_cache_size": {"-16384"}, // KiB per connection
	})}
	c.driver.ConnectHook = setup(inMemory, "PRAGMA trusted_schema = OFF")
	return c
}

// liveConnector opens a generation that changes, to read it.
func liveConnector(file string) *connector {
	c := &connector{dsn: dsn(file, url.Values{
		"mode":          {"ro"},
		"_query_only":   {"1"},
		"_mutex":        {"no"},
		"_busy_timeout": {"5000"},
		"_cache_size":   {"-16384"},
	})}
	c.driver.ConnectHook = setup(inMemory, "PRAGMA trusted_schema = OFF")
	return c
}

// writeConnector opens a complete generation to change it. What is committed is
// durable, as the source may forget it then. The log is moved into the file by us.
func writeConnector(file string) *connector {
	c := &connector{dsn: dsn(file, url.Values{
		"mode":          {"rw"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_mutex":        {"no"},
		"_busy_timeout": {"5000"},
		"_cache_size":   {"-16384"},
	})}
	c.driver.ConnectHook = setup(inMemory, "PRAGMA trusted_schema = OFF", "PRAGMA wal_autocheckpoint = 0")
	return c
}

// copyConnector opens a file that a whole generation is copied into.
func copyConnector(file string) *connector {
	c := &connector{dsn: dsn(file, url.Values{"mode": {"rw"}, "_journal_mode": {"OFF"}, "_synchronous": {"OFF"}, "_mutex": {"no"}})}
	c.driver.ConnectHook = setup(inMemory)
	return c
}

// openBeside opens a file that a builder has written and no longer changes, while
// the builder still has it open: without locks, which would be in each other's way.
func openBeside(file string) *sql.DB {
	c := &connector{dsn: dsn(file, url.Values{"mode": {"ro"}, "immutable": {"1"}, "_mutex": {"no"}, "_cache_size": {"-2048"}})}
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
		"_cache_size":   {"-4096"},
	})}
	c.driver.ConnectHook = setup("PRAGMA temp_store = MEMORY", "PRAGMA page_size = 4096")
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	return db
}
