// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

#include "scorer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite.h"

// better tells whether a goes before b: by tier, score, and at last by id, so
// that the order is total.
static int better(const lupa_hit *a, const lupa_hit *b) {
  if (a->tier != b->tier) return a->tier < b->tier;
  if (a->score != b->score) return a->score > b->score;
  return a->id < b->id;
}

// The hits are a heap with the worst on top.
static void sift_down(lupa_hit *hits, int32_t count, int32_t at) {
  for (;;) {
    int32_t child = 2 * at + 1;
    if (child >= count) return;
    if (child + 1 < count && better(&hits[child], &hits[child + 1])) child++;
    if (!better(&hits[at], &hits[child])) return;
    lupa_hit held = hits[at];
    hits[at] = hits[child];
    hits[child] = held;
    at = child;
  }
}

static void sift_up(lupa_hit *hits, int32_t at) {
  while (at > 0) {
    int32_t parent = (at - 1) / 2;
    if (!better(&hits[parent], &hits[at])) return;
    lupa_hit held = hits[at];
    hits[at] = hits[parent];
    hits[parent] = held;
    at = parent;
  }
}

static void offer(lupa_search *s, const lupa_hit *hit) {
  if (s->after && !better(&s->last, hit)) return;
  if (s->hit_count < s->limit) {
    s->hits[s->hit_count] = *hit;
    sift_up(s->hits, s->hit_count++);
  } else if (better(hit, &s->hits[0])) {
    s->hits[0] = *hit;
    sift_down(s->hits, s->hit_count, 0);
  }
}

static int compare(const void *a, const void *b) { return better(a, b) ? -1 : better(b, a); }

void lupa_sort(lupa_search *s) { qsort(s->hits, (size_t)s->hit_count, sizeof *s->hits, compare); }

void lupa_release(lupa_search *s) {
  free(s->hits);
  free(s->matches);
  s->hits = NULL;
  s->matches = NULL;
}

// place looks an id up in a list in order; -1 where it is not.
static int64_t place(const uint32_t *ids, int64_t count, int64_t id) {
  int64_t low = 0, high = count;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (ids[middle] < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count && ids[low] == id ? low : -1;
}

static int count_row(const Fts5ExtensionApi *api, Fts5Context *row, void *count) {
  (void)api, (void)row;
  ++*(int64_t *)count;
  return SQLITE_OK;
}

// prepare finds each term's inverse document frequency, in the form of Lucene:
// log(1 + (N - n + 0.5) / (n + 0.5)), which is above 0 for every n.
static int prepare(lupa_search *s, const Fts5ExtensionApi *api, Fts5Context *row) {
  if (api->xPhraseCount(row) != s->phrase_count || api->xColumnCount(row) != s->columns) return SQLITE_MISUSE;
  for (int32_t i = 0; i < s->term_count; i++) {
    lupa_term *term = &s->terms[i];
    if (term->documents < 0) {
      int64_t count = 0;
      int rc = api->xQueryPhrase(row, term->phrase, &count, count_row);
      if (rc != SQLITE_OK) return rc;
      term->documents = (double)count;
    }
    s->idf[i] = log(1 + (s->documents - term->documents + 0.5) / (term->documents + 0.5));
  }
  if (s->limit > 0 && !(s->hits = malloc((size_t)s->limit * sizeof *s->hits))) return SQLITE_NOMEM;
  s->prepared = 1;
  return SQLITE_OK;
}

static int collect(lupa_search *s, int64_t id) {
  if (s->match_count == s->match_room) {
    int64_t room = s->match_room ? 2 * s->match_room : 1024;
    uint32_t *grown = realloc(s->matches, (size_t)room * sizeof *grown);
    if (!grown) return SQLITE_NOMEM;
    s->matches = grown;
    s->match_room = room;
  }
  s->matches[s->match_count++] = (uint32_t)id;
  return SQLITE_OK;
}

// frequencies adds up the weights of each term's occurrences in the row.
static int frequencies(lupa_search *s, const Fts5ExtensionApi *api, Fts5Context *row) {
  memset(s->tf, 0, (size_t)s->term_count * sizeof *s->tf);
  for (int32_t i = 0; i < s->phrase_count; i++) {
    const lupa_phrase *phrase = &s->phrases[i];
    if (phrase->term < 0) continue;
    Fts5PhraseIter iterator;
    int column = 0, offset = 0;
    int rc = api->xPhraseFirst(row, i, &iterator, &column, &offset);
    if (rc != SQLITE_OK) return rc;
    double sum = 0;
    for (; column >= 0; api->xPhraseNext(row, &iterator, &column, &offset)) sum += s->weights[column];
    s->tf[phrase->term] += phrase->weight * sum;
  }
  return SQLITE_OK;
}

// value is BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework,
// 2009, section 3.4) of the frequencies, times the boosts.
static double value(const lupa_search *s, int64_t id) {
  double length = s->k1 * (1 - s->b + s->b * (double)s->lengths[id] / s->average);
  double sum = 0;
  int32_t present = 0;
  for (int32_t i = 0; i < s->term_count; i++) {
    if (s->tf[i] <= 0) continue;
    sum += s->terms[i].weight * s->idf[i] * s->tf[i] * (s->k1 + 1) / (s->tf[i] + length);
    present++;
  }
  if (s->cover) sum *= (double)present / (double)s->term_count;
  if (s->boosts) sum *= (double)s->boosts[id];
  int64_t exact = s->exact_count ? place(s->exact, s->exact_count, id) : -1;
  return exact < 0 ? sum : sum * (double)s->exact_factors[exact];
}

static int score_row(lupa_search *s, const Fts5ExtensionApi *api, Fts5Context *row) {
  int rc = s->prepared ? SQLITE_OK : prepare(s, api, row);
  if (rc != SQLITE_OK) return rc;
  int64_t id = api->xRowid(row);
  if (id < 1 || id > s->most) return SQLITE_CORRUPT;
  if (s->collect && (rc = collect(s, id)) != SQLITE_OK) return rc;
  if (s->allowed && !(s->allowed[id >> 6] >> (id & 63) & 1)) return SQLITE_OK;
  s->matched++;
  int64_t explained = s->explained_count ? place(s->explained, s->explained_count, id) : -1;
  if (s->limit == 0 && explained < 0) return SQLITE_OK;
  if ((rc = frequencies(s, api, row)) != SQLITE_OK) return rc;
  if (explained >= 0) {
    memcpy(s->explained_tf + explained * s->term_count, s->tf, (size_t)s->term_count * sizeof *s->tf);
  }
  if (s->limit == 0) return SQLITE_OK;
  lupa_hit hit = {.score = value(s, id), .id = id};
  if (s->first_count) hit.tier = place(s->first, s->first_count, id) < 0;
  offer(s, &hit);
  return SQLITE_OK;
}

// score is the SQL function lupa_score(table, address). It gives 0 for each row;
// what counts is in the search at that address.
static void score(const Fts5ExtensionApi *api, Fts5Context *row, sqlite3_context *result, int argc, sqlite3_value **argv) {
  lupa_search *s = argc == 1 ? (lupa_search *)(intptr_t)sqlite3_value_int64(argv[0]) : NULL;
  if (!s || s->magic != LUPA_SEARCH) {
    sqlite3_result_error(result, "lupa_score wants a search", -1);
    return;
  }
  int rc = score_row(s, api, row);
  if (rc != SQLITE_OK) {
    s->failed = rc;
    sqlite3_result_error_code(result, rc);
    return;
  }
  sqlite3_result_int(result, 0);
}

int lupa_register_scorer(fts5_api *api) { return api->xCreateFunction(api, "lupa_score", NULL, score, NULL); }
