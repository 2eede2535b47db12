// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

#include "tokenizer.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite.h"

// Words longer than this are no words of a language and are not stemmed.
enum { kMaxStemmed = 128 };

// What is kept of stems: 4,096 words of up to 22 bytes, 188 KiB.
enum { kCacheSize = 4096, kCachedWord = 22 };

// The tokenizers of FTS5 that ours stand on, and the connection they are from. It
// is opened once and stays.
static struct {
  sqlite3 *db;
  fts5_api *api;
} base;

fts5_api *lupa_fts5(sqlite3 *db) {
  fts5_api *api = NULL;
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, NULL) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, (void *)&api, "fts5_api_ptr", NULL);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

// An inner is one of FTS5's own tokenizers.
typedef struct {
  fts5_tokenizer methods;
  Fts5Tokenizer *self;
} inner;

static int inner_open(fts5_api *api, const char *name, const char **argv, int argc, inner *out) {
  void *user = NULL;
  int rc = api->xFindTokenizer(api, name, &user, &out->methods);
  if (rc != SQLITE_OK) return rc;
  return out->methods.xCreate(user, argv, argc, &out->self);
}

static void inner_close(inner *in) {
  if (in->self) in->methods.xDelete(in->self);
  in->self = NULL;
}

// An ending that people type without its accent, which the stemmer needs. In these
// languages next to no word ends like that otherwise.
typedef struct {
  const char *language, *plain, *accented;
} ending;

static const ending kEndings[] = {
    {"spanish", "cion", "ci\xC3\xB3n"},
    {"spanish", "sion", "si\xC3\xB3n"},
    {"spanish", "xion", "xi\xC3\xB3n"},
    {"portuguese", "cao", "\xC3\xA7\xC3\xA3o"},
    {"portuguese", "coes", "\xC3\xA7\xC3\xB5"
                           "es"},
};

// A stem that was found before. Few words make up most of a text.
typedef struct {
  unsigned char word_length, stem_length;  // 0 for an empty place
  char word[kCachedWord], stem[kCachedWord + 1];
} cached;

// A tokenizer splits as unicode61 does and gives each word twice, at one place:
// without diacritics, and its stem. Queries get one of the two.
typedef struct {
  inner words;   // lower case, diacritics kept, for the stemmer
  inner folded;  // without diacritics
  struct sb_stemmer *stemmer;
  int first_ending, last_ending;  // of kEndings, for the language
  cached *cache;                  // kCacheSize places, by the word's hash
} tokenizer;

static void tokenizer_delete(Fts5Tokenizer *self) {
  tokenizer *t = (tokenizer *)self;
  if (!t) return;
  inner_close(&t->words);
  inner_close(&t->folded);
  if (t->stemmer) sb_stemmer_delete(t->stemmer);
  free(t->cache);
  free(t);
}

static int tokenizer_create(void *user, const char **argv, int argc, Fts5Tokenizer **out) {
  fts5_api *api = user;
  const char *keep[] = {"remove_diacritics", "0"};
  const char *strip[] = {"remove_diacritics", "2"};
  *out = NULL;
  if (argc != 1) return SQLITE_ERROR;
  tokenizer *t = calloc(1, sizeof *t);
  if (!t) return SQLITE_NOMEM;
  t->cache = calloc(kCacheSize, sizeof *t->cache);
  if (!t->cache) {
    free(t);
    return SQLITE_NOMEM;
  }
  const int endings = sizeof kEndings / sizeof kEndings[0];
  while (t->first_ending < endings && strcmp(kEndings[t->first_ending].language, argv[0]) != 0) t->first_ending++;
  t->last_ending = t->first_ending;
  while (t->last_ending < endings && strcmp(kEndings[t->last_ending].language, argv[0]) == 0) t->last_ending++;
  t->stemmer = sb_stemmer_new(argv[0], "UTF_8");
  int rc = t->stemmer ? SQLITE_OK : SQLITE_ERROR;
  if (rc == SQLITE_OK) rc = inner_open(api, "unicode61", keep, 2, &t->words);
  if (rc == SQLITE_OK) rc = inner_open(api, "unicode61", strip, 2, &t->folded);
  if (rc != SQLITE_OK) {
    tokenizer_delete((Fts5Tokenizer *)t);
    return rc;
  }
  *out = (Fts5Tokenizer *)t;
  return SQLITE_OK;
}

// A text is a small string that grows.
typedef struct {
  char *data;
  size_t length, room;
} text;

static int text_set(text *t, const char *data, size_t length) {
  if (length + 1 > t->room) {
    size_t room = 2 * length + 64;
    char *grown = realloc(t->data, room);
    if (!grown) return SQLITE_NOMEM;
    t->data = grown;
    t->room = room;
  }
  memcpy(t->data, data, length);
  t->length = length;
  t->data[length] = 0;
  return SQLITE_OK;
}

static int is_ascii(const char *data, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (data[i] & 0x80) return 0;
  }
  return 1;
}

static int fold_token(void *to, int flags, const char *token, int length, int start, int end) {
  (void)flags, (void)start, (void)end;
  text *t = to;
  // A word without its diacritics is one word; if ever it is several, the first.
  return t->length ? SQLITE_OK : text_set(t, token, (size_t)length);
}

// fold takes the diacritics off a word.
static int fold(tokenizer *t, const char *word, size_t length, text *out) {
  if (is_ascii(word, length)) return text_set(out, word, length);
  out->length = 0;
  int rc = t->folded.methods.xTokenize(t->folded.self, out, FTS5_TOKENIZE_AUX, word, (int)length, fold_token);
  if (rc == SQLITE_OK && out->length == 0) rc = text_set(out, word, length);
  return rc;
}

// find_stem finds the folded stem of a word, behind its mark.
static int find_stem(tokenizer *t, const char *word, size_t length, text *scratch, text *out) {
  int rc = text_set(scratch, word, length);
  for (int i = t->first_ending; rc == SQLITE_OK && i < t->last_ending; i++) {
    const ending *e = &kEndings[i];
    size_t n = strlen(e->plain);
    if (length > n && memcmp(word + length - n, e->plain, n) == 0) {
      char accented[kMaxStemmed + 8];
      memcpy(accented, word, length - n);
      strcpy(accented + length - n, e->accented);
      rc = text_set(scratch, accented, strlen(accented));
      break;
    }
  }
  if (rc != SQLITE_OK) return rc;
  const sb_symbol *found = sb_stemmer_stem(t->stemmer, (const sb_symbol *)scratch->data, (int)scratch->length);
  if (!found) return SQLITE_NOMEM;
  rc = fold(t, (const char *)found, (size_t)sb_stemmer_length(t->stemmer), scratch);
  char marked[4 * kMaxStemmed];
  if (rc == SQLITE_OK && scratch->length + 1 > sizeof marked) rc = SQLITE_ERROR;
  if (rc != SQLITE_OK) return rc;
  marked[0] = LUPA_STEM;
  memcpy(marked + 1, scratch->data, scratch->length);
  return text_set(out, marked, scratch->length + 1);
}

// stem is find_stem with a memory.
static int stem(tokenizer *t, const char *word, size_t length, text *scratch, text *out) {
  if (length == 0 || length > kCachedWord) return find_stem(t, word, length, scratch, out);
  uint32_t hash = 2166136261u;  // FNV-1a
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)word[i]) * 16777619u;
  cached *c = &t->cache[(hash ^ hash >> 15) % kCacheSize];
  if (c->word_length == length && memcmp(c->word, word, length) == 0) return text_set(out, c->stem, c->stem_length);
  int rc = find_stem(t, word, length, scratch, out);
  if (rc == SQLITE_OK && out->length <= sizeof c->stem) {
    c->word_length = (unsigned char)length;
    c->stem_length = (unsigned char)out->length;
    memcpy(c->word, word, length);
    memcpy(c->stem, out->data, out->length);
  }
  return rc;
}

typedef int (*token_function)(void *, int, const char *, int, int, int);

// A pass is one text on its way through a tokenizer.
typedef struct {
  tokenizer *t;
  void *context;
  token_function emit;
  int words, stems;  // what is wanted
  text word, scratch, stem;
} pass;

static int pass_token(void *to, int flags, const char *token, int length, int start, int end) {
  (void)flags;
  pass *p = to;
  int stemmed = length <= kMaxStemmed;
  int rc = SQLITE_OK;
  if (p->words || !stemmed) {
    rc = fold(p->t, token, (size_t)length, &p->word);
    if (rc == SQLITE_OK) rc = p->emit(p->context, 0, p->word.data, (int)p->word.length, start, end);
  }
  if (rc == SQLITE_OK && p->stems && stemmed) {
    rc = stem(p->t, token, (size_t)length, &p->scratch, &p->stem);
    int place = p->words ? FTS5_TOKEN_COLOCATED : 0;
    if (rc == SQLITE_OK) rc = p->emit(p->context, place, p->stem.data, (int)p->stem.length, start, end);
  }
  return rc;
}

static int tokenizer_run(Fts5Tokenizer *self, void *context, int flags, const char *data, int length, token_function emit) {
  pass p = {.t = (tokenizer *)self, .context = context, .emit = emit, .words = 1, .stems = 1};
  const int mark = sizeof LUPA_EXACT - 1;
  if (flags & FTS5_TOKENIZE_QUERY) {
    int exact = length >= mark && memcmp(data, LUPA_EXACT, mark) == 0;
    if (exact) {
      data += mark;
      length -= mark;
    }
    // The beginning of a word has no stem.
    p.words = exact || (flags & FTS5_TOKENIZE_PREFIX);
    p.stems = !p.words;
  }
  int rc = p.t->words.methods.xTokenize(p.t->words.self, &p, flags, data, length, pass_token);
  free(p.word.data);
  free(p.scratch.data);
  free(p.stem.data);
  return rc;
}

int lupa_register_tokenizer(fts5_api *api) {
  fts5_tokenizer methods = {tokenizer_create, tokenizer_delete, tokenizer_run};
  return api->xCreateTokenizer(api, "lupa", api, &methods, NULL);
}

static int on_connection(sqlite3 *db, char **message, const struct sqlite3_api_routines *routines) {
  (void)message, (void)routines;
  fts5_api *api = lupa_fts5(db);
  if (!api) return SQLITE_OK;  // a SQLite without FTS5, which the service complains of
  int rc = lupa_register_tokenizer(api);
  return rc == SQLITE_OK ? lupa_register_scorer(api) : rc;
}

int lupa_install(void) {
  int rc = sqlite3_auto_extension((void (*)(void))on_connection);
  if (rc != SQLITE_OK) return rc;
  rc = sqlite3_open_v2(":memory:", &base.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_FULLMUTEX, NULL);
  if (rc != SQLITE_OK) return rc;
  base.api = lupa_fts5(base.db);
  return base.api ? SQLITE_OK : SQLITE_ERROR;
}

struct lupa_analyzer {
  inner in;
  unsigned char *out;
  size_t length, room;
};

lupa_analyzer *lupa_analyzer_new(const char **argv, int argc) {
  if (!base.api || argc < 1) return NULL;
  lupa_analyzer *a = calloc(1, sizeof *a);
  if (a && inner_open(base.api, argv[0], argv + 1, argc - 1, &a->in) != SQLITE_OK) {
    lupa_analyzer_free(a);
    a = NULL;
  }
  return a;
}

void lupa_analyzer_free(lupa_analyzer *a) {
  if (!a) return;
  inner_close(&a->in);
  free(a->out);
  free(a);
}

static int append(lupa_analyzer *a, const void *data, size_t length) {
  if (a->length + length > a->room) {
    size_t room = 2 * (a->length + length) + 1024;
    unsigned char *grown = realloc(a->out, room);
    if (!grown) return SQLITE_NOMEM;
    a->out = grown;
    a->room = room;
  }
  memcpy(a->out + a->length, data, length);
  a->length += length;
  return SQLITE_OK;
}

// analyze_token writes one record; a stem is a record without a word.
static int analyze_token(void *to, int flags, const char *token, int length, int start, int end) {
  lupa_analyzer *a = to;
  uint32_t head[4] = {(uint32_t)start, (uint32_t)end, 0, (uint32_t)length};
  head[2] = (flags & FTS5_TOKEN_COLOCATED) != 0;
  int rc = append(a, head, sizeof head);
  return rc == SQLITE_OK ? append(a, token, (size_t)length) : rc;
}

const unsigned char *lupa_analyze(lupa_analyzer *a, const char *data, int length, size_t *size, int *failed) {
  a->length = 0;
  int rc = a->in.methods.xTokenize(a->in.self, a, FTS5_TOKENIZE_DOCUMENT, data, length, analyze_token);
  *failed = rc != SQLITE_OK;
  *size = *failed ? 0 : a->length;
  return a->out;
}
