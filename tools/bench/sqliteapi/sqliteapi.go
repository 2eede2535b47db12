// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package sqliteapi executes a prepared statement through SQLite's C interface and
// measures it there, with nothing of Go or its database drivers in between: the
// least time that a query can take.
package sqliteapi

// // cgo links each package by itself to look for libraries; SQLite's functions come
// // only with go-sqlite3, when the program is linked.
// #cgo LDFLAGS: -Wl,--unresolved-symbols=ignore-all
// #include <stdlib.h>
// #include "statement.h"
import "C"

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	_ "github.com/mattn/go-sqlite3" // has SQLite itself
)

// A Statement is a prepared statement with one parameter, on a connection of its
// own. It is used by one goroutine at a time; the caller closes it.
type Statement struct {
	c   *C.statement
	sql string
}

// An Execution is what one run of a statement gave.
type Execution struct {
	Rows int
	// Bytes is the length of all values as text.
	Bytes int64
	// Time is measured in C, from binding to resetting.
	Time time.Duration
}

// Open opens a database, an address such as file:NAME?immutable=1, for reading, and
// prepares a statement.
func Open(database, sql string) (*Statement, error) {
	name, text := C.CString(database), C.CString(sql)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(text))
	var message *C.char
	s := C.statement_open(name, text, &message)
	if s == nil {
		defer C.free(unsafe.Pointer(message))
		return nil, errors.New(C.GoString(message))
	}
	return &Statement{s, sql}, nil
}

// done is SQLITE_DONE.
const done = 101

// Execute runs the statement with a parameter and reads all values.
func (s *Statement) Execute(parameter string) (Execution, error) {
	text := C.CString(parameter)
	defer C.free(unsafe.Pointer(text))
	e := C.statement_execute(s.c, text, C.int(len(parameter)))
	if e.code != done {
		return Execution{}, fmt.Errorf("SQLite's error %d in %s with %q", e.code, s.sql, parameter)
	}
	return Execution{int(e.rows), int64(e.bytes), time.Duration(e.nanoseconds)}, nil
}

// Close closes the connection.
func (s *Statement) Close() { C.statement_close(s.c) }
