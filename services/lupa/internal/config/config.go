// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package config reads the service's configuration file: YAML, checked as a whole
// with every error at its line and column.
package config

import (
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml/parser"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
)

// A Config is a valid configuration, with defaults in place.
type Config struct {
	Listen      string        // address to serve on
	Cache       string        // folder for the index files, absolute
	LogFormat   string        // auto, json or text
	LogLevel    string        // debug, info, warn or error
	QueryTime   time.Duration // what one search may take
	Refresh     time.Duration // how often sources are looked at again; 0 is never
	Collections []Collection
}

// A Collection is one collection and where its documents come from.
type Collection struct {
	catalog.Collection
	Source filesource.Options // without Log
}

// Defaults of keys that may be left out.
const (
	DefaultListen    = ":8082"
	DefaultCache     = "/app/cache"
	DefaultQueryTime = 250 * time.Millisecond
	DefaultRefresh   = time.Minute
	DefaultID        = "id"
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
	c := r.config(document)
	if err := r.result(); err != nil {
		return Config{}, err
	}
	return c, nil
}

func (r *reader) config(document yamlFile) Config {
	top := r.top(document)
	c := Config{
		Listen:    top.text("listen", DefaultListen),
		Cache:     top.path("cache", top.text("cache", DefaultCache)),
		QueryTime: top.duration("query_time", DefaultQueryTime, time.Millisecond),
		Refresh:   top.duration("refresh", DefaultRefresh, 0),
	}
	log := top.section("log")
	c.LogFormat = log.choice("format", "auto", "auto", "json", "text")
	c.LogLevel = log.choice("level", "info", "debug", "info", "warn", "error")
	log.done()
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
	c.Source = filesource.Options{
		Format:  filesource.Format(source.choice("format", "", string(filesource.JSONL), string(filesource.CSV), string(filesource.TSV), string(filesource.WordNet))),
		Path:    source.path("path", source.required("path")),
		ID:      source.text("id", DefaultID),
		OnError: filesource.OnError(source.choice("on_error", string(filesource.Fail), string(filesource.Fail), string(filesource.Skip))),
	}
	if c.Source.Format == filesource.WordNet {
		source.unused("id", "synsets have their own ids")
	}
	source.done()
	r.fields(s, &c)
	s.done()
	return c
}

func (r *reader) fields(s *section, c *Collection) {
	seen := make(map[string]bool)
	for _, f := range s.list("fields", true) {
		field := catalog.Field{Name: f.required("name"), Weight: f.number("weight", 1)}
		from := f.text("from", field.Name)
		switch {
		case field.Name == "":
		case !fieldName.MatchString(field.Name):
			f.wrongAt("name", "field name %q: a lower-case letter, then up to 62 letters, digits and '_' are wanted", field.Name)
		case seen[field.Name]:
			f.wrongAt("name", "there is a field %q already", field.Name)
		}
		seen[field.Name] = true
		if field.Weight <= 0 || field.Weight > 1000 {
			f.wrongAt("weight", "weight %g: more than 0 and at most 1000 is wanted", field.Weight)
		}
		if c.Source.Format == filesource.WordNet && from != "" {
			f.oneOf("from", from, filesource.WordNetColumns)
		}
		f.done()
		c.Fields = append(c.Fields, field)
		c.Source.Columns = append(c.Source.Columns, from)
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
