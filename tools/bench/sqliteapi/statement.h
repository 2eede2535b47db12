// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

#ifndef LUPA_TOOLS_BENCH_SQLITEAPI_STATEMENT_H_
#define LUPA_TOOLS_BENCH_SQLITEAPI_STATEMENT_H_

#include <stdint.h>

// One connection with one prepared statement.
typedef struct statement statement;

// What one execution gave.
typedef struct {
  int code;             // SQLite's result: 101 (SQLITE_DONE) is success.
  int rows;             // Number of rows.
  int64_t bytes;        // Length of all values as text.
  int64_t nanoseconds;  // From binding the parameter to resetting.
} execution;

// Opens the database, an address of SQLite's, and prepares the statement. Returns
// NULL and sets *error, which the caller frees, when it cannot.
statement *statement_open(const char *database, const char *sql, char **error);

// Executes the statement with its one parameter, and reads each value as text.
execution statement_execute(statement *s, const char *parameter, int length);

// Closes both. NULL is passed over.
void statement_close(statement *s);

#endif  // LUPA_TOOLS_BENCH_SQLITEAPI_STATEMENT_H_
