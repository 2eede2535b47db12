// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// The tokenizer for Go: the one that FTS5 has, without a table.

#ifndef LUPA_FTS5_TOKENIZER_H_
#define LUPA_FTS5_TOKENIZER_H_

#include <stddef.h>
#include <stdint.h>

// A stem stands in the index beside the word, behind this byte, so that words and
// stems are told apart.
#define LUPA_STEM 0x01

// At the beginning of a query's text: look for the words, not for their stems.
#define LUPA_EXACT "\xEE\x80\x83"

typedef struct lupa_analyzer lupa_analyzer;

// lupa_install makes every connection opened from now on have the tokenizer
// "lupa" and the function lupa_score. It returns an SQLite result code.
int lupa_install(void);

// lupa_analyzer_new makes an analyzer out of a tokenizer's name and arguments;
// NULL where there is no such tokenizer, language or memory.
lupa_analyzer *lupa_analyzer_new(const char **argv, int argc);
void lupa_analyzer_free(lupa_analyzer *a);

// lupa_analyze splits text as a document's. It returns a buffer that is valid until
// the next call and sets size: for each token four uint32 – its start and end in
// text in bytes, whether it stands at the place of the one before, its length –
// and then the token. failed is set for lack of memory. One call at a time.
const unsigned char *lupa_analyze(lupa_analyzer *a, const char *text, int length, size_t *size, int *failed);

#endif  // LUPA_FTS5_TOKENIZER_H_
