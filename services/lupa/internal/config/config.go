// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package config reads the service's configuration file: YAML, checked as a whole
// with every error at its line and column.
package config

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/parser"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// A Config is a valid configuration, with defaults in place.
type Config struct {
	Listen      string        // address to serve on
	Cache       string        // folder for the index files, absolute
	Assets      string        // folder with files that replace the page's own, absolute; "" for none
	Title       string        // of the page
	LogFormat   string        // auto, json or text
	LogLevel    string        // debug, info, warn or error
	Refresh     time.Duration // how often sources are looked at again; 0 is never
	Freshness   Freshness
	Token       string // of who may have copies of collections; "" for nobody
	Seed        string // address of an instance to copy collections from at first; "" for none
	Limits      Limits
	Origins     []string // pages of these origins may ask the API; "*" for all
	Collections []Collection
}

// Freshness says how far copies may be behind their sources, and what then. The
// zero value sets no limit.
type Freshness struct {
	Limit time.Duration // from which lag on a collection is stale; 0 is never
	Fail  bool          // whether readiness fails then
}

// Limits bound what a request may cost.
type Limits struct {
	QueryTime  time.Duration // what one search may take
	SlowQuery  time.Duration // from where a search is logged; 0 is never
	QueryBytes int           // length of a query
	BodyBytes  int           // length of a request's body
	Searches   int           // at the same time; 0 means two per CPU
}

// A Collection is one collection and where its documents come from.
type Collection struct {
	catalog.Collection
	Source   filesource.Options // without Log; of no meaning beside Postgres
	Postgres *pgsource.Options  // without Log and Getenv; nil for files
}

// Defaults of keys that may be left out.
const (
	DefaultListen     = ":8082"
	DefaultCache      = "/app/cache"
	DefaultTitle      = "Lupa"
	DefaultQueryTime  = 250 * time.Millisecond
	DefaultSlowQuery  = 100 * time.Millisecond
	DefaultQueryBytes = 4096
	DefaultBodyBytes  = 64 << 10
	DefaultRefresh    = time.Minute
	DefaultID         = "id"
)

// Parse reads a configuration. file is its name, for errors, and what relative
// paths in it are relative to; getenv gives the variables that ${NAME} in a path
// names. The error, if any, is an Errors.
func Parse(file string, data []byte, getenv func(string) string) (Config, error) {
	r := &reader{file: file, dir: filepath.Dir(file), getenv: getenv}
	document, err := parser.ParseBytes(data, 0)
	if err != nil {
		r.syntax(err)
		return Config{}, r.result()
	}
	c := r.config(r.top(document))
	if err := r.result(); err != nil {
		return Config{}, err
	}
	return c, nil
}

func (r *reader) config(top *section) Config {
	c := Config{
		Listen:  top.text("listen", DefaultListen),
		Cache:   top.path("cache", top.text("cache", DefaultCache)),
		Assets:  top.path("assets", top.text("assets", "")),
		Title:   top.text("title", DefaultTitle),
		Refresh: top.duration("refresh", DefaultRefresh, 0),
	}
	log := top.section("log")
	c.LogFormat = log.choice("format", "auto", "auto", "json", "text")
	c.LogLevel = log.choice("level", "info", "debug", "info", "warn", "error")
	log.done()
	fresh := top.section("freshness")
	c.Freshness = Freshness{
		Limit: fresh.duration("limit", 0, 0),
		Fail:  fresh.choice("when_stale", "serve", "serve", "fail") == "fail",
	}
	fresh.done()
	admin := top.section("admin")
	c.Token = admin.secret("token_env", "token_file")
	admin.done()
	if c.Seed = top.text("seed", ""); c.Seed != "" && !addressForm.MatchString(c.Seed) {
		top.wrongAt("seed", "seed %q: an address such as http://lupa-0:8082 is wanted", c.Seed)
	}
	if c.Seed != "" && c.Token == "" {
		top.wrongAt("seed", "seed needs the other instance's token: set admin.token_env or admin.token_file")
	}
	limits := top.section("limits")
	c.Limits = Limits{
		QueryTime:  limits.duration("query_time", DefaultQueryTime, time.Millisecond),
		SlowQuery:  limits.duration("slow_query", DefaultSlowQuery, 0),
		QueryBytes: limits.integer("query_bytes", DefaultQueryBytes, 1, 1<<20),
		BodyBytes:  limits.integer("body_bytes", DefaultBodyBytes, 1, 64<<20),
		Searches:   limits.integer("searches", 0, 0, 10000),
	}
	limits.done()
	cors := top.section("cors")
	c.Origins = cors.texts("origins")
	for _, origin := range c.Origins {
		if !originForm.MatchString(origin) {
			cors.wrongAt("origins", "origin %q: https://host, with a port if it has one, or \"*\" is wanted", origin)
		}
	}
	cors.done()
	seen := make(map[string]bool)
	for _, entry := range top.list("collections", true) {
		collection := r.collection(entry)
		if name := collection.Name; name != "" && seen[name] {
			entry.wrongAt("name", "there is a collection %q already", name)
		}
		seen[collection.Name] = true
		c.Collections = append(c.Collections, collection)
	}
	top.done()
	return c
}

// secret reads what a variable or a file holds: "" where neither key is set.
func (s *section) secret(env, file string) string {
	name, path := s.text(env, ""), s.path(file, s.text(file, ""))
	value := ""
	switch {
	case name != "" && path != "":
		s.wrongAt(file, "%s and %s: one of them is enough", env, file)
	case name != "":
		if value = strings.TrimSpace(s.r.getenv(name)); value == "" {
			s.wrongAt(env, "%s: variable %s is not set", env, name)
		}
	case path != "":
		data, err := os.ReadFile(path)
		if value = strings.TrimSpace(string(data)); err != nil || value == "" {
			s.wrongAt(file, "%s: %v", file, cmp.Or(err, errors.New("the file is empty")))
		}
	}
	return value
}

var addressForm = regexp.MustCompile(`^https?://[^/?#\s]+/?$`)

var originForm = regexp.MustCompile(`^(\*|https?://[^/?#\s]+)$`)

var (
	collectionName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)
	fieldName      = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
)

func (r *reader) collection(s *section) Collection {
	var c Collection
	c.Name = s.required("name")
	if c.Name != "" && !collectionName.MatchString(c.Name) {
		s.wrongAt("name", "collection name %q: a lower-case letter, then up to 62 letters, digits, '_' and '-' are wanted", c.Name)
	}
	source := s.section("source")
	if !source.present() {
		s.wrong("the collection has no source")
	}
	r.source(source, &c)
	c.Tokenizer = s.choice("tokenizer", string(fts5.Unicode), string(fts5.Unicode), string(fts5.Porter), string(fts5.Trigram))
	if c.Language = s.text("language", ""); c.Language != "" {
		s.oneOf("language", c.Language, fts5.Languages())
		if c.Tokenizer != string(fts5.Unicode) {
			s.wrongAt("language", "language is not wanted beside tokenizer %s", c.Tokenizer)
		}
	}
	r.fields(s, &c)
	r.ranking(s.section("ranking"), &c)
	s.done()
	return c
}

func (r *reader) fields(s *section, c *Collection) {
	for _, f := range s.list("fields", true) {
		field, column := r.field(f, c)
		f.done()
		c.Fields = append(c.Fields, field)
		if c.Postgres != nil {
			c.Postgres.Columns = append(c.Postgres.Columns, column)
		} else {
			c.Source.Columns = append(c.Source.Columns, column)
		}
	}
	if len(c.Fields) > 0 && !slices.ContainsFunc(c.Fields, catalog.Field.Searched) && s.present() {
		s.wrongAt("fields", "no field is searched; let one be of type text, or set its search")
	}
}

func (r *reader) field(f *section, c *Collection) (catalog.Field, filesource.Column) {
	field := catalog.Field{
		Name: f.required("name"),
		Kind: catalog.Kind(f.choice("type", string(catalog.Text), string(catalog.Text), string(catalog.String),
			string(catalog.Number), string(catalog.Bool), string(catalog.Time))),
		Multiple: f.boolean("multiple", false),
		Hidden:   f.boolean("hidden", false),
	}
	switch {
	case field.Name == "":
	case !fieldName.MatchString(field.Name):
		f.wrongAt("name", "field name %q: a lower-case letter, then up to 62 letters, digits and '_' are wanted", field.Name)
	case c.Field(field.Name) >= 0:
		f.wrongAt("name", "there is a field %q already", field.Name)
	}
	search := f.boolean("search", field.Kind == catalog.Text)
	switch {
	case search && !field.Textual():
		f.wrongAt("search", "a field of type %s cannot be searched for words; filter by it", field.Kind)
	case !search && field.Kind == catalog.Text:
		f.wrongAt("search", "a field of type text is always searched; let it be of type string")
	}
	weight := f.number("weight", 1)
	if weight <= 0 || weight > 1000 {
		f.wrongAt("weight", "weight %g: more than 0 and at most 1000 is wanted", weight)
	}
	exact := f.number("exact", 0)
	if exact < 0 || exact > 1000 {
		f.wrongAt("exact", "exact %g: 0 to 1000 is wanted", exact)
	}
	if search {
		field.Weight, field.Exact = weight, exact
	} else {
		f.unused("weight", "the field is not searched")
		f.unused("exact", "the field is not searched")
	}
	column := filesource.Column{Field: field, From: f.text("from", field.Name), Split: f.text("split", "")}
	if column.Split != "" && !field.Multiple {
		f.wrongAt("split", "split is for fields with several values; set multiple: true")
	}
	if c.Source.Format == filesource.WordNet && column.From != "" {
		f.oneOf("from", column.From, filesource.WordNetColumns)
	}
	return field, column
}

// ranking reads what changes the order besides the words.
func (r *reader) ranking(s *section, c *Collection) {
	defer s.done()
	if boost := s.section("boost"); boost.present() || r.describing {
		c.Boost = catalog.Boost{Field: boost.required("field"), Weight: boost.positive("weight", 1), Pivot: boost.positive("pivot", 1)}
		boost.ofKind("field", c, c.Boost.Field, catalog.Number)
		boost.done()
	}
	if recency := s.section("recency"); recency.present() || r.describing {
		c.Recency = catalog.Recency{
			Field: recency.required("field"), Weight: recency.positive("weight", 1),
			HalfLife: recency.duration("half_life", defaultHalfLife, time.Second),
		}
		recency.ofKind("field", c, c.Recency.Field, catalog.Time)
		recency.done()
	}
}

const defaultHalfLife = 30 * 24 * time.Hour

// ofKind complains where a key does not name a field of the kind.
func (s *section) ofKind(key string, c *Collection, name string, kind catalog.Kind) {
	if name == "" {
		return
	}
	if i := c.Field(name); i < 0 || c.Fields[i].Kind != kind || c.Fields[i].Multiple {
		s.wrongAt(key, "%s: %q is no field of type %s with one value", key, name, kind)
	}
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}`)

// path puts variables into a key's value, ${NAME} or ${NAME:-default}, and makes
// it absolute.
func (s *section) path(key, p string) string {
	p = variable.ReplaceAllStringFunc(p, func(reference string) string {
		parts := variable.FindStringSubmatch(reference)
		if value := s.r.getenv(parts[1]); value != "" {
			return value
		}
		if !strings.Contains(reference, ":-") {
			s.wrongAt(key, "%s: variable %s is not set; set it, or write ${%s:-default}", key, parts[1], parts[1])
		}
		return parts[2]
	})
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	absolute, err := filepath.Abs(filepath.Join(s.r.dir, p))
	if err != nil {
		s.wrongAt(key, "%s: %v", key, err)
	}
	return absolute
}
