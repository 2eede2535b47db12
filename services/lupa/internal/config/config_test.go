// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

func parse(text string) (config.Config, error) {
	return config.Parse("/etc/lupa/lupa.yaml", []byte(text), func(name string) string {
		return map[string]string{"CORPUS": "/data/corpus"}[name]
	})
}

const least = `
collections:
  - name: notes
    source: {format: jsonl, path: notes.jsonl}
    fields: [{name: text}]
`

func text(name string, weight float64) catalog.Field {
	return catalog.Field{Name: name, Kind: catalog.Text, Weight: weight}
}

func TestDefaults(t *testing.T) {
	got, err := parse(least)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Listen: ":8082", Cache: "/app/cache", Title: "Lupa", LogFormat: "auto", LogLevel: "info", Refresh: time.Minute,
		Limits: config.Limits{QueryTime: 250 * time.Millisecond, SlowQuery: 100 * time.Millisecond, QueryBytes: 4096, BodyBytes: 65536},
		Collections: []config.Collection{{
			Collection: catalog.Collection{Name: "notes", Fields: []catalog.Field{text("text", 1)}, Tokenizer: "unicode61"},
			Source: filesource.Options{
				Path: "/etc/lupa/notes.jsonl", Format: "jsonl", ID: "id", OnError: "fail",
				Columns: []filesource.Column{{Field: text("text", 1), From: "text"}},
			},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration differs (-want +got):\n%s", diff)
	}
}

func TestEverythingSet(t *testing.T) {
	got, err := parse(`# a comment
listen: "127.0.0.1:9000"
cache: ../cache
assets: assets
title: Books
refresh: 0s
log: {format: text, level: debug}
limits: {query_time: 1s, slow_query: 0s, query_bytes: 100, body_bytes: 200, searches: 3}
cors: {origins: ["https://example.org:8443", "*"]}
collections:
  - name: word-net
    source:
      format: wordnet
      path: ${CORPUS}/wordnet
      on_error: skip
    language: en
    fields:
      - name: title
        weight: 2.5
        exact: 0.5
        multiple: true
        from: words
      - {name: pos, type: string, search: true, weight: 0.5}
  - name: table
    source: {format: csv, path: "${MISSING:-/default}/t.csv", id: key}
    tokenizer: trigram
    fields:
      - {name: a, from: Column A}
      - {name: tags, type: string, multiple: true, split: ","}
      - {name: sold, type: number, hidden: true}
      - {name: at, type: time}
    ranking:
      boost: {field: sold, weight: 2, pivot: 100}
      recency: {field: at, half_life: 24h}
`)
	if err != nil {
		t.Fatal(err)
	}
	title := catalog.Field{Name: "title", Kind: catalog.Text, Weight: 2.5, Exact: 0.5, Multiple: true}
	pos := catalog.Field{Name: "pos", Kind: catalog.String, Weight: 0.5}
	tags := catalog.Field{Name: "tags", Kind: catalog.String, Multiple: true}
	sold := catalog.Field{Name: "sold", Kind: catalog.Number, Hidden: true}
	at := catalog.Field{Name: "at", Kind: catalog.Time}
	want := config.Config{
		Listen: "127.0.0.1:9000", Cache: "/etc/cache", Assets: "/etc/lupa/assets", Title: "Books", LogFormat: "text", LogLevel: "debug",
		Limits:  config.Limits{QueryTime: time.Second, QueryBytes: 100, BodyBytes: 200, Searches: 3},
		Origins: []string{"https://example.org:8443", "*"},
		Collections: []config.Collection{
			{
				Collection: catalog.Collection{Name: "word-net", Fields: []catalog.Field{title, pos}, Tokenizer: "unicode61", Language: "en"},
				Source: filesource.Options{
					Path: "/data/corpus/wordnet", Format: "wordnet", ID: "id", OnError: "skip",
					Columns: []filesource.Column{{Field: title, From: "words"}, {Field: pos, From: "pos"}},
				},
			},
			{
				Collection: catalog.Collection{
					Name: "table", Fields: []catalog.Field{text("a", 1), tags, sold, at}, Tokenizer: "trigram",
					Boost:   catalog.Boost{Field: "sold", Weight: 2, Pivot: 100},
					Recency: catalog.Recency{Field: "at", Weight: 1, HalfLife: 24 * time.Hour},
				},
				Source: filesource.Options{
					Path: "/default/t.csv", Format: "csv", ID: "key", OnError: "fail",
					Columns: []filesource.Column{
						{Field: text("a", 1), From: "Column A"}, {Field: tags, From: "tags", Split: ","}, {Field: sold, From: "sold"}, {Field: at, From: "at"},
					},
				},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration differs (-want +got):\n%s", diff)
	}
}

func TestPostgres(t *testing.T) {
	got, err := parse(`
collections:
  - name: items
    source:
      postgres:
        dsn_file: secret/dsn
        table: public.item
        changes: {mode: poll, cursor: updated_at, compare: 5m}
      on_error: skip
    fields: [{name: text, from: body}]
  - name: books
    source:
      postgres: {dsn_env: DSN, query: SELECT 1, key: [a, b], changes: {table: t, key: [c, d], notify: false}}
    fields: [{name: text}]
  - name: logs
    source:
      postgres: {dsn_env: DSN, table: log, changes: {mode: logical, publication: all_of_it, slot_limit_bytes: 1073741824, slot_drop_idle: true}}
    fields: [{name: text}]
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []*pgsource.Options{
		{
			Collection: "items", DSNFile: "/etc/lupa/secret/dsn", Table: "public.item", Key: []string{"id"}, Mode: "poll", Schema: "lupa", Notify: true,
			Cursor: "updated_at", Keep: 24 * time.Hour, Interval: 2 * time.Second, Compare: 5 * time.Minute, Overlap: 5 * time.Minute, MaxRow: 16 << 20, OnError: "skip", SlotLimit: 8 << 30,
			Columns: []filesource.Column{{Field: text("text", 1), From: "body"}},
		},
		{
			Collection: "books", DSNEnv: "DSN", Query: "SELECT 1", Key: []string{"a", "b"}, Mode: "auto", Schema: "lupa", ChangesTable: "t", ChangesKey: []string{"c", "d"},
			Keep: 24 * time.Hour, Interval: 2 * time.Second, Compare: time.Minute, Overlap: 5 * time.Minute, MaxRow: 16 << 20, OnError: "fail", SlotLimit: 8 << 30,
			Columns: []filesource.Column{{Field: text("text", 1), From: "text"}},
		},
		{
			Collection: "logs", DSNEnv: "DSN", Table: "log", Key: []string{"id"}, Mode: "logical", Schema: "lupa", Notify: true,
			Keep: 24 * time.Hour, Interval: 2 * time.Second, Compare: time.Minute, Overlap: 5 * time.Minute, MaxRow: 16 << 20, OnError: "fail",
			Publication: "all_of_it", SlotLimit: 1 << 30, DropIdle: true,
			Columns: []filesource.Column{{Field: text("text", 1), From: "text"}},
		},
	}
	for i, c := range got.Collections {
		if diff := cmp.Diff(want[i], c.Postgres); diff != "" {
			t.Errorf("collection %s differs (-want +got):\n%s", c.Name, diff)
		}
	}
}

func TestErrors(t *testing.T) {
	// One line each, as it is shown; "…" stands for anything.
	tests := []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{"/etc/lupa/lupa.yaml: the file is empty…"}},
		{"only a comment", "# nothing\n", []string{"/etc/lupa/lupa.yaml: the file is empty…"}},
		{"not a mapping", "- a\n", []string{":1:1: keys with values are wanted here, not sequence"}},
		{"syntax", "a: [1\nb: 2\n", []string{"/etc/lupa/lupa.yaml:…"}},
		{"two documents", least[1:] + "---\na: 1\n", []string{":6:1: a second document begins; one is wanted"}},
		{"no collections", "listen: x\n", []string{":1:1: collections is missing or empty; at least one is wanted"}},
		{"empty collections", "collections: []\n", []string{":1:14: collections is missing or empty; at least one is wanted"}},
		{"collections are no list", "collections: 5\n", []string{":1:14: collections: a list is wanted, not integer"}},
		{"unknown key", "listn: x\n" + least[1:], []string{`:1:1: unknown key "listn"; did you mean "listen"?`}},
		{"far from any key", "zzzzzz: x\n" + least[1:], []string{`:1:1: unknown key "zzzzzz"; known are listen, cache, assets, title, refresh, log, freshness, admin, seed, limits, cors, collections`}},
		{"key twice", "listen: x\nlisten: y\n" + least[1:], []string{`:2:1:…`}},
		{"durations", "limits: {query_time: 5}\nrefresh: -1s\n" + least[1:], []string{
			`:1:22: query_time: "5" is no duration; write 250ms, 30s or 5m`, ":2:10: refresh: -1s is less than 0s",
		}},
		{"log", "log: {format: xml, level: wrn}\n" + least[1:], []string{
			`:1:15: format: "xml" is not allowed; allowed are auto, json, text`, `:1:27: level: "wrn" is not allowed; allowed are debug, info, warn, error; did you mean "warn"?`,
		}},
		{"variable", strings.Replace(least[1:], "notes.jsonl", "'${NOWHERE}/x'", 1), []string{":3:35: path: variable NOWHERE is not set; set it, or write ${NOWHERE:-default}"}},
		{"collection", `collections:
  - name: A B
    source: {format: xml, path: /x, colour: red}
    fields: [{name: rank!}, {name: a, weight: 0}, {name: a, weight: x}]
  - {}
`, []string{
			`:2:11: collection name "A B": a lower-case letter…`,
			`:3:22: format: "xml" is not allowed; allowed are jsonl, csv, tsv, wordnet`,
			`:3:37: unknown key "colour"…`,
			`:4:21: field name "rank!": a lower-case letter…`,
			":4:47: weight 0: more than 0 and at most 1000 is wanted",
			`:4:58: there is a field "a" already`,
			`:4:69: weight: "x" is no number`,
			"…name is missing or empty", "…the collection has no source", "…fields is missing or empty; at least one is wanted",
		}},
		{"same collection", least[1:] + least[len("\ncollections:\n"):], []string{`:5:11: there is a collection "notes" already`}},
		{"wordnet", `collections:
  - name: w
    source: {format: wordnet, path: /x, id: i}
    fields: [{name: word}]
`, []string{
			":3:45: id is not wanted here: synsets have their own ids",
			`:4:…: from: "word" is not allowed; allowed are words, pos, gloss; did you mean "words"?`,
		}},
		{"postgres", `collections:
  - name: a
    source: {postgres: {dsn_env: DSN, dsn_file: f, changes: {mode: pol, schema: A}}, path: /x, format: csv}
    fields: [{name: a}]
  - name: b
    source:
      postgres:
        table: t
        changes: {table: u, mode: changefeed, cursor: at, interval: 1ms, publication: p}
    fields: [{name: a}]
  - name: c
    source:
      postgres: {dsn_env: DSN, query: SELECT 1, key: [a, b], changes: {table: t, key: [a]}, colour: red}
    fields: [{name: a}]
`, []string{
			":3:25: table or query is missing",
			":3:49: dsn_file is not wanted beside dsn_env",
			`:3:68: mode: "pol" is not allowed; allowed are auto, changefeed, logical, poll; did you mean "poll"?`,
			`:3:81: schema "A": a lower-case letter…`,
			":3:92: path is not wanted here: it is of files…",
			":3:104: format is not wanted here: it is of files…",
			":8:9: dsn_env or dsn_file is missing",
			":9:26: table is not wanted here: the changes are those of the table that is read",
			":9:55: cursor is not wanted here: it is for mode poll",
			":9:69: interval: 1ms is less than 100ms",
			":9:87: publication is not wanted here…",
			":13:87: key: 2 columns are wanted…",
			`:13:93: unknown key "colour"…`,
		}},
		{"limits and origins", "limits: {searches: -1, query_bytes: many}\ncors: {origins: [example.org]}\n" + least[1:], []string{
			`:1:20: searches: "-1" is no whole number from 0 to 10000`, `:1:37: query_bytes: "many" is no whole number from 1 to 1048576`,
			`:2:17: origin "example.org": https://host…`,
		}},
		{"fields", `collections:
  - name: w
    source: {format: csv, path: /x}
    tokenizer: porter
    language: es
    fields:
      - {name: a, type: number, search: true}
      - {name: b, type: string, weight: 2, exact: 1}
      - {name: c, type: time, split: ","}
      - {name: d, type: text, search: false, hidden: maybe}
      - {name: e, type: nmber}
    ranking:
      boost: {field: c, weight: -1, pivot: 0}
      recency: {field: none}
`, []string{
			":5:15: language is not wanted beside tokenizer porter",
			":7:41: a field of type number cannot be searched for words; filter by it",
			":8:41: weight is not wanted here: the field is not searched",
			":8:51: exact is not wanted here: the field is not searched",
			":9:38: split is for fields with several values; set multiple: true",
			":10:39: a field of type text is always searched; let it be of type string",
			`:10:54: hidden: "maybe" is neither true nor false`,
			`:11:25: type: "nmber" is not allowed; allowed are text, string, number, bool, time; did you mean "number"?`,
			`:13:22: field: "c" is no field of type number with one value`,
			":13:33: weight -1: more than 0 is wanted",
			":13:44: pivot 0: more than 0 is wanted",
			`:14:24: field: "none" is no field of type time with one value`,
		}},
		{"language", strings.Replace(least[1:], "    fields", "    language: sp\n    fields", 1), []string{`:4:15: language: "sp" is not allowed; allowed are ar, ca…`}},
		{"nothing searched", strings.Replace(least[1:], "{name: text}", "{name: text, type: string}", 1), []string{":4:13: no field is searched; let one be of type text, or set its search"}},
		{"no path", "collections:\n  - name: n\n    source: {format: csv}\n    fields: [{name: a}]\n", []string{":3:14: path is missing or empty"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parse(test.text)
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(test.want) && test.name != "syntax" {
				t.Fatalf("%d errors, want %d:\n%v", len(lines), len(test.want), err)
			}
			for i, want := range test.want {
				if !like(lines[i], want) {
					t.Errorf("error %d is\n%s\nwant\n%s", i, lines[i], want)
				}
			}
		})
	}
}

// like compares a line with a wanted one, in which "…" stands for anything. Where
// it begins with a place, the file's name goes before.
func like(line, want string) bool {
	if strings.HasPrefix(want, ":") {
		want = "/etc/lupa/lupa.yaml" + want
	}
	rest := line
	for i, part := range strings.Split(want, "…") {
		at := strings.Index(rest, part)
		if at < 0 || i == 0 && at != 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return rest == "" || strings.HasSuffix(want, "…")
}

// TestJSONSchema wants the schema to know every key with a description, and no
// description without its key.
func TestJSONSchema(t *testing.T) {
	data, err := config.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	var root config.Schema
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	seen := 0
	var walk func(path string, s *config.Schema)
	walk = func(path string, s *config.Schema) {
		seen++
		if s.Description == "" {
			t.Errorf("%s has no description", path)
		}
		for key, property := range s.Properties {
			walk(path+"."+key, property)
		}
		if s.Items != nil && s.Items.Type == "object" {
			walk(path+"[]", s.Items)
		}
	}
	walk("", &root)
	if seen != config.Descriptions() {
		t.Errorf("the schema has %d keys, there are %d descriptions", seen, config.Descriptions())
	}
	fields := root.Properties["collections"].Items.Properties["fields"].Items
	if got := fields.Properties["type"]; !slices.Equal(got.Enum, []string{"text", "string", "number", "bool", "time"}) || got.Default != "text" {
		t.Errorf("schema of a field's type is %+v", got)
	}
	if !slices.Equal(fields.Required, []string{"name"}) || !slices.Equal(root.Required, []string{"collections"}) {
		t.Errorf("required are %v and %v", root.Required, fields.Required)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(least)
	f.Add("a: &x [*x]")
	f.Add("collections: [{fields: [[]]}, 1, null]")
	f.Add("? {a: b}\n: c")
	f.Fuzz(func(_ *testing.T, text string) {
		parse(text) //nolint:errcheck // it must not panic
	})
}

// TestDocumented wants every key in the page about the configuration.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range config.Keys() {
		if !strings.Contains(string(page), "`"+key+"`") {
			t.Errorf("docs/configuration.md lacks %s", key)
		}
	}
}
