// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
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

func TestDefaults(t *testing.T) {
	got, err := parse(least)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Listen: ":8082", Cache: "/app/cache", LogFormat: "auto", LogLevel: "info", QueryTime: 250 * time.Millisecond, Refresh: time.Minute,
		Collections: []config.Collection{{
			Collection: catalog.Collection{Name: "notes", Fields: []catalog.Field{{Name: "text", Weight: 1}}},
			Source:     filesource.Options{Path: "/etc/lupa/notes.jsonl", Format: "jsonl", ID: "id", Columns: []string{"text"}, OnError: "fail"},
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
query_time: 1s
refresh: 0s
log: {format: text, level: debug}
collections:
  - name: word-net
    source:
      format: wordnet
      path: ${CORPUS}/wordnet
      on_error: skip
    fields:
      - name: title
        weight: 2.5
        from: words
  - name: table
    source: {format: csv, path: "${MISSING:-/default}/t.csv", id: key}
    fields: [{name: a, from: Column A}, {name: b}]
`)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Listen: "127.0.0.1:9000", Cache: "/etc/cache", LogFormat: "text", LogLevel: "debug", QueryTime: time.Second,
		Collections: []config.Collection{
			{
				Collection: catalog.Collection{Name: "word-net", Fields: []catalog.Field{{Name: "title", Weight: 2.5}}},
				Source:     filesource.Options{Path: "/data/corpus/wordnet", Format: "wordnet", ID: "id", Columns: []string{"words"}, OnError: "skip"},
			},
			{
				Collection: catalog.Collection{Name: "table", Fields: []catalog.Field{{Name: "a", Weight: 1}, {Name: "b", Weight: 1}}},
				Source:     filesource.Options{Path: "/default/t.csv", Format: "csv", ID: "key", Columns: []string{"Column A", "b"}, OnError: "fail"},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration differs (-want +got):\n%s", diff)
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
		{"far from any key", "zzzzzz: x\n" + least[1:], []string{`:1:1: unknown key "zzzzzz"; known are listen, cache, query_time, refresh, log, collections`}},
		{"key twice", "listen: x\nlisten: y\n" + least[1:], []string{`:2:1:…`}},
		{"durations", "query_time: 5\nrefresh: -1s\n" + least[1:], []string{
			`:1:13: query_time: "5" is no duration; write 250ms, 30s or 5m`, ":2:10: refresh: -1s is less than 0s",
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

func FuzzParse(f *testing.F) {
	f.Add(least)
	f.Add("a: &x [*x]")
	f.Add("collections: [{fields: [[]]}, 1, null]")
	f.Add("? {a: b}\n: c")
	f.Fuzz(func(_ *testing.T, text string) {
		parse(text) //nolint:errcheck // it must not panic
	})
}
