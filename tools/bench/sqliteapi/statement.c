// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

#include "statement.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

// SQLite itself comes with go-sqlite3, which has its header in a package of its
// own; what is used of its stable interface is declared here.
typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_open_v2(const char *, sqlite3 **, int, const char *);
int sqlite3_exec(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
int sqlite3_prepare_v2(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
int sqlite3_bind_text(sqlite3_stmt *, int, const char *, int, void (*)(void *));
int sqlite3_step(sqlite3_stmt *);
int sqlite3_column_count(sqlite3_stmt *);
const unsigned char *sqlite3_column_text(sqlite3_stmt *, int);
int sqlite3_column_bytes(sqlite3_stmt *, int);
int sqlite3_reset(sqlite3_stmt *);
int sqlite3_finalize(sqlite3_stmt *);
int sqlite3_close_v2(sqlite3 *);
const char *sqlite3_errmsg(sqlite3 *);

enum {
  kOk = 0,            // SQLITE_OK
  kRow = 100,         // SQLITE_ROW
  kReadOnly = 0x1,    // SQLITE_OPEN_READONLY
  kAddress = 0x40,    // SQLITE_OPEN_URI
  kNoMutex = 0x8000,  // SQLITE_OPEN_NOMUTEX
};

struct statement {
  sqlite3 *database;
  sqlite3_stmt *prepared;
};

statement *statement_open(const char *database, const char *sql, char **error) {
  statement *s = calloc(1, sizeof *s);
  if (s == NULL) abort();
  int code = sqlite3_open_v2(database, &s->database, kReadOnly | kAddress | kNoMutex, NULL);
  if (code == kOk) code = sqlite3_exec(s->database, "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
  if (code == kOk) code = sqlite3_prepare_v2(s->database, sql, -1, &s->prepared, NULL);
  if (code == kOk) return s;
  *error = strdup(sqlite3_errmsg(s->database));
  statement_close(s);
  return NULL;
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

execution statement_execute(statement *s, const char *parameter, int length) {
  execution e = {0};
  int64_t start = now();
  e.code = sqlite3_bind_text(s->prepared, 1, parameter, length, NULL);
  if (e.code != kOk) return e;
  int columns = sqlite3_column_count(s->prepared);
  while ((e.code = sqlite3_step(s->prepared)) == kRow) {
    for (int i = 0; i < columns; i++) {
      sqlite3_column_text(s->prepared, i);
      e.bytes += sqlite3_column_bytes(s->prepared, i);
    }
    e.rows++;
  }
  sqlite3_reset(s->prepared);
  e.nanoseconds = now() - start;
  return e;
}

void statement_close(statement *s) {
  if (s == NULL) return;
  sqlite3_finalize(s->prepared);
  sqlite3_close_v2(s->database);
  free(s);
}
