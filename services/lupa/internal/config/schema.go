// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/json"
	"slices"
)

// A Schema is a JSON Schema (2020-12) of a part of the configuration.
type Schema struct {
	Meta                 string             `json:"$schema,omitempty"`
	Title                string             `json:"title,omitempty"`
	Description          string             `json:"description,omitempty"`
	Type                 string             `json:"type,omitempty"`
	Properties           map[string]*Schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties *bool              `json:"additionalProperties,omitempty"`
	Items                *Schema            `json:"items,omitempty"`
	Enum                 []string           `json:"enum,omitempty"`
	Pattern              string             `json:"pattern,omitempty"`
	Minimum              *int               `json:"minimum,omitempty"`
	Maximum              *int               `json:"maximum,omitempty"`
	Default              any                `json:"default,omitempty"`
	OneOf                []*Schema          `json:"oneOf,omitempty"`

	required bool
}

// durationPattern is what time.ParseDuration takes, but for signs.
const durationPattern = `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$|^0$`

func object() Schema {
	no := false
	return Schema{Type: "object", AdditionalProperties: &no, Properties: make(map[string]*Schema)}
}

// given is a default to show; none for "".
func given(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// describe notes what a key may be, where a schema is made, and gives that note.
func (s *section) describe(key string, schema Schema) *Schema {
	if s.schema == nil {
		return nil
	}
	s.schema.Properties[key] = &schema
	if schema.required {
		s.schema.Required = append(s.schema.Required, key)
	}
	return &schema
}

// JSONSchema describes the configuration for editors. It is made by reading an
// empty configuration, so it knows the keys that Parse knows.
func JSONSchema() ([]byte, error) {
	root := object()
	root.Meta = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "Configuration of Lupa"
	r := &reader{file: "schema", describing: true, getenv: func(string) string { return "" }}
	r.config(&section{r: r, schema: &root})
	explain(&root, "")
	return json.MarshalIndent(root, "", "  ")
}

// explain puts the descriptions in.
func explain(s *Schema, path string) {
	s.Description = descriptions[path]
	slices.Sort(s.Required)
	for key, property := range s.Properties {
		explain(property, join(path, key))
	}
	if s.Items != nil && s.Items.Type == "object" {
		explain(s.Items, path+"[]")
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// descriptions say what each key is for, by its path.
var descriptions = map[string]string{
	"":                                                       "What Lupa serves, and how.",
	"listen":                                                 "Address to serve on, host:port.",
	"cache":                                                  "Folder for the index files; the only one that is written to. ${NAME} and ${NAME:-default} stand for variables.",
	"assets":                                                 "Folder with files that replace the page's own, such as logo.svg and style.css.",
	"title":                                                  "Name of the search page.",
	"refresh":                                                "How often sources are looked at for changes; 0s for never.",
	"log":                                                    "The service's log, on standard error.",
	"log.format":                                             "auto is text on a terminal and JSON elsewhere.",
	"log.level":                                              "The least important lines that are written.",
	"freshness":                                              "How far collections may be behind their sources, and what then.",
	"freshness.limit":                                        "How far a collection may be behind its source before it is stale; 0s for no limit.",
	"freshness.when_stale":                                   "serve: what there is, and /readyz says so; fail: /readyz fails.",
	"limits":                                                 "What a request may cost.",
	"limits.query_time":                                      "What one search may take; what it found until then is answered.",
	"limits.slow_query":                                      "From where a search is logged as slow, without its words; 0s for never.",
	"limits.query_bytes":                                     "Longest query.",
	"limits.body_bytes":                                      "Longest body of a request.",
	"limits.searches":                                        "Searches at the same time; more are refused with 503. 0 for two per CPU.",
	"cors":                                                   "Pages of other origins that may ask the API.",
	"cors.origins":                                           "Origins such as https://example.org, or \"*\" for all. None by default.",
	"collections":                                            "What can be searched.",
	"collections[]":                                          "Documents of one kind.",
	"collections[].name":                                     "Name in addresses: a lower-case letter, then letters, digits, '_' and '-'.",
	"collections[].source":                                   "Where the documents come from.",
	"collections[].source.format":                            "jsonl has a JSON object on each line; csv and tsv have a header; wordnet is a folder with WordNet's data files.",
	"collections[].source.path":                              "The file, or folder, relative to the configuration.",
	"collections[].source.id":                                "Key or column with the document's id.",
	"collections[].source.on_error":                          "What to do with a row that is no document: fail, or skip it and log it.",
	"collections[].tokenizer":                                "unicode61 splits into words without case and accents; porter is for English; trigram finds parts of words.",
	"collections[].language":                                 "ISO 639-1 code of the texts' language: words are found in all their forms, and words such as 'the' are passed over. With unicode61.",
	"collections[].fields":                                   "The fields of a document.",
	"collections[].fields[]":                                 "One field.",
	"collections[].fields[].name":                            "Name in queries and answers: a lower-case letter, then letters, digits and '_'.",
	"collections[].fields[].type":                            "text is searched; the others can be filtered, sorted and counted by.",
	"collections[].fields[].search":                          "Whether words are looked for in a field of type string, too. Text always is.",
	"collections[].fields[].weight":                          "What a word in this field counts against one in a field of weight 1.",
	"collections[].fields[].exact":                           "Raises documents of which one value of this field is all that was asked for: their score is multiplied by 1 + exact.",
	"collections[].fields[].multiple":                        "Whether a document may have several values.",
	"collections[].fields[].hidden":                          "Leaves the field out of answers.",
	"collections[].fields[].from":                            "Key or column in the source; the field's name by default.",
	"collections[].fields[].split":                           "Divides a text into several values.",
	"collections[].ranking":                                  "What changes the order besides the words.",
	"collections[].ranking.boost":                            "Raises documents by a number: the score is multiplied by 1 + weight·x/(x+pivot).",
	"collections[].ranking.boost.field":                      "A field of type number.",
	"collections[].ranking.boost.weight":                     "The most that the factor may grow by.",
	"collections[].ranking.boost.pivot":                      "The number that gains half of weight.",
	"collections[].ranking.recency":                          "Raises new documents: the score is multiplied by 1 + weight·2^(-age/half_life).",
	"collections[].ranking.recency.field":                    "A field of type time.",
	"collections[].ranking.recency.weight":                   "What a document of this moment gains.",
	"collections[].ranking.recency.half_life":                "The age that gains half of that.",
	"collections[].source.postgres":                          "A table or a query of a PostgreSQL database.",
	"collections[].source.postgres.dsn_env":                  "Name of the variable with the connection string.",
	"collections[].source.postgres.dsn_file":                 "File with the connection string.",
	"collections[].source.postgres.table":                    "The table, named as in SQL.",
	"collections[].source.postgres.query":                    "A query instead of a table.",
	"collections[].source.postgres.key":                      "Columns that make the document's id; by default the one named id.",
	"collections[].source.postgres.replica":                  "Name of this instance among those that read one changefeed; the host's name by default.",
	"collections[].source.postgres.max_row_bytes":            "The most that a row may have.",
	"collections[].source.postgres.changes":                  "How changes are noticed.",
	"collections[].source.postgres.changes.mode":             "auto takes the best that the database offers; changefeed needs triggers, logical a replication slot, poll nothing.",
	"collections[].source.postgres.changes.schema":           "Schema with the changefeed's tables.",
	"collections[].source.postgres.changes.table":            "For a query: the table whose changes change the query's rows.",
	"collections[].source.postgres.changes.key":              "For a query: the columns of that table with the query's key; the same names by default.",
	"collections[].source.postgres.changes.notify":           "Whether the changefeed wakes readers up with NOTIFY.",
	"collections[].source.postgres.changes.keep":             "How long the changefeed keeps changes for readers that are away.",
	"collections[].source.postgres.changes.interval":         "How often the changefeed is read when nothing wakes the reader up, or the cursor column.",
	"collections[].source.postgres.changes.compare":          "With poll: how often all keys are compared.",
	"collections[].source.postgres.changes.cursor":           "With poll: a column that grows when a row changes, such as updated_at.",
	"collections[].source.postgres.changes.overlap":          "With a cursor: longer than any transaction takes.",
	"collections[].source.postgres.changes.publication":      "With logical: the publication that is read; one that lupa makes by default.",
	"collections[].source.postgres.changes.slot_limit_bytes": "With logical: how much of the server's log a replication slot may retain until it is told.",
	"collections[].source.postgres.changes.slot_drop_idle":   "With logical: whether replication slots of other replicas that nobody reads are dropped beyond the limit.",
	"admin":            "What is for those who run the service.",
	"admin.token_env":  "Environment variable with the token for /v1/admin/snapshot.",
	"admin.token_file": "File with the token for /v1/admin/snapshot.",
	"seed":             "Address of an instance to copy collections from at first, instead of reading a database.",
}
