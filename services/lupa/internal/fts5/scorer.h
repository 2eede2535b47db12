// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// The scorer: keeps the best of all rows that an FTS5 query matches, inside FTS5's
// own walk over them.

#ifndef LUPA_FTS5_SCORER_H_
#define LUPA_FTS5_SCORER_H_

#include <stdint.h>

// A phrase of the query, in the order in which FTS5 numbers them. Its
// occurrences count for a term: a word and its stem are one term.
typedef struct {
  int32_t term;   // index into terms; below 0 where it does not count
  double weight;  // of one occurrence
} lupa_phrase;

// A term's documents give its inverse document frequency; below 0 they are
// counted, which takes a walk over the phrase.
typedef struct {
  double documents;
  double weight;   // the term's part of the score is multiplied by it
  int32_t phrase;  // the phrase to count
} lupa_term;

typedef struct {
  double score;
  int64_t id;
  int32_t tier;  // 0 is better than 1
} lupa_hit;

// A search is made zero, filled in, passed to lupa_score by its address, and
// read. Arrays belong to the caller, but for matches and hits.
typedef struct {
  uint64_t magic;  // LUPA_SEARCH

  // The formula: BM25 with k1, b, and a weight per column of the index.
  double k1, b;
  int32_t columns;
  const double *weights;
  double documents, average;  // of the collection; average length in words
  const uint32_t *lengths;    // words of each document, by id
  int64_t most;               // the highest id there is

  int32_t phrase_count, term_count;
  const lupa_phrase *phrases;
  lupa_term *terms;
  double *idf;  // room for term_count, set by the first row
  double *tf;   // room for term_count

  // What changes the order besides the words. Each may be NULL.
  const uint64_t *allowed;  // a bit per id: the others are no hits
  const float *boosts;      // by id: the score is multiplied by it
  const uint32_t *exact;    // ids in order: these are multiplied by their factor
  const float *exact_factors;
  int64_t exact_count;
  const uint32_t *first;  // ids in order: these come in tier 0, the others in tier 1
  int64_t first_count;

  // With cover set the score is multiplied by the part of the terms that the
  // document has.
  int32_t cover;

  // With after set only hits behind this one count.
  int32_t after;
  lupa_hit last;

  int32_t limit;    // hits wanted
  int32_t collect;  // whether all matches are wanted, allowed or not

  // The outcome. Hits are no order until lupa_sort.
  int32_t prepared, failed;
  int64_t matched;  // allowed documents
  lupa_hit *hits;
  int32_t hit_count;
  uint32_t *matches;
  int64_t match_count, match_room;

  // With explain set, the tf of each term of the rows of explained are kept, by
  // their order: explained_count times term_count.
  const uint32_t *explained;
  int32_t explained_count;
  double *explained_tf;
} lupa_search;

#define LUPA_SEARCH 0x4c7570615365656bULL

// lupa_sort puts the hits in order, best first.
void lupa_sort(lupa_search *s);

// lupa_release frees what the search took.
void lupa_release(lupa_search *s);

#endif  // LUPA_FTS5_SCORER_H_
