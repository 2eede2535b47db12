// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// What the C files of this package share.

#ifndef LUPA_FTS5_SQLITE_H_
#define LUPA_FTS5_SQLITE_H_

#include <sqlite3.h>

// SQLite is in another Go package, which cgo's own link of this one does not
// see: the symbols stay weak until the program is linked.
#pragma weak sqlite3_auto_extension
#pragma weak sqlite3_bind_pointer
#pragma weak sqlite3_finalize
#pragma weak sqlite3_free
#pragma weak sqlite3_malloc64
#pragma weak sqlite3_open_v2
#pragma weak sqlite3_prepare_v2
#pragma weak sqlite3_realloc64
#pragma weak sqlite3_result_error
#pragma weak sqlite3_result_error_code
#pragma weak sqlite3_result_int
#pragma weak sqlite3_step
#pragma weak sqlite3_value_int64

// lupa_fts5 gives the interface of FTS5 on a connection; NULL where it has none.
fts5_api *lupa_fts5(sqlite3 *db);

// lupa_register_tokenizer and lupa_register_scorer add what FTS5 lacks to a
// connection. They return SQLite result codes.
int lupa_register_tokenizer(fts5_api *api);
int lupa_register_scorer(fts5_api *api);

#endif  // LUPA_FTS5_SQLITE_H_
