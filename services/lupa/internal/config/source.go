// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"regexp"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// source reads where a collection's documents come from: files or PostgreSQL.
func (r *reader) source(s *section, c *Collection) {
	defer s.done()
	onError := s.choice("on_error", string(filesource.Fail), string(filesource.Fail), string(filesource.Skip))
	postgres := s.section("postgres")
	if postgres.present() || r.describing {
		c.Postgres = r.postgres(postgres, c.Name)
		c.Postgres.OnError = pgsource.OnError(onError)
	}
	if postgres.present() {
		for _, key := range []string{"format", "path", "id"} {
			s.value(key)
			s.unused(key, "it is of files, and the documents come from PostgreSQL")
		}
		return
	}
	c.Source = filesource.Options{
		Format:  filesource.Format(s.choice("format", "", string(filesource.JSONL), string(filesource.CSV), string(filesource.TSV), string(filesource.WordNet))),
		Path:    s.path("path", s.required("path")),
		ID:      s.text("id", DefaultID),
		OnError: filesource.OnError(onError),
	}
	if c.Source.Format == filesource.WordNet {
		s.unused("id", "synsets have their own ids")
	}
	if s.schema != nil {
		s.schema.Required = nil
		s.schema.OneOf = []*Schema{{Required: []string{"format", "path"}}, {Required: []string{"postgres"}}}
	}
}

// postgres reads a source in a database.
func (r *reader) postgres(s *section, collection string) *pgsource.Options {
	defer s.done()
	o := pgsource.Options{
		Collection: collection,
		DSNEnv:     s.text("dsn_env", ""),
		DSNFile:    s.path("dsn_file", s.text("dsn_file", "")),
		Table:      s.text("table", ""),
		Query:      s.text("query", ""),
		Key:        s.texts("key"),
		Replica:    s.text("replica", ""),
		MaxRow:     s.integer("max_row_bytes", pgsource.DefaultMaxRow, 1, 1<<30),
	}
	s.oneKey("dsn_env", o.DSNEnv, "dsn_file", o.DSNFile)
	s.oneKey("table", o.Table, "query", o.Query)
	if len(o.Key) == 0 {
		o.Key = []string{DefaultID}
	}
	r.changes(s.section("changes"), &o)
	return &o
}

// oneKey wants one of two keys.
func (s *section) oneKey(a, valueA, b, valueB string) {
	switch {
	case !s.present():
	case valueA == "" && valueB == "":
		s.wrong("%s or %s is missing", a, b)
	case valueA != "" && valueB != "":
		s.wrongAt(b, "%s is not wanted beside %s", b, a)
	}
}

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,40}$`)

// changes reads how changes of a database are noticed.
func (r *reader) changes(s *section, o *pgsource.Options) {
	defer s.done()
	o.Mode = pgsource.Mode(s.choice("mode", string(pgsource.Auto), string(pgsource.Auto), string(pgsource.Changefeed), string(pgsource.Logical), string(pgsource.Poll)))
	o.Schema = s.text("schema", pgsource.DefaultSchema)
	o.ChangesTable = s.text("table", "")
	o.ChangesKey = s.texts("key")
	o.Notify = s.boolean("notify", true)
	o.Keep = s.duration("keep", pgsource.DefaultKeep, time.Minute)
	o.Interval = s.duration("interval", pgsource.DefaultInterval, 100*time.Millisecond)
	o.Compare = s.duration("compare", pgsource.DefaultCompare, time.Second)
	o.Cursor = s.text("cursor", "")
	o.Overlap = s.duration("overlap", pgsource.DefaultOverlap, 0)
	o.Publication = s.text("publication", "")
	o.SlotLimit = int64(s.integer("slot_limit_bytes", pgsource.DefaultSlotLimit, 1<<20, 1<<50))
	o.DropIdle = s.boolean("slot_drop_idle", false)
	if !schemaName.MatchString(o.Schema) {
		s.wrongAt("schema", "schema %q: a lower-case letter, then up to 40 letters, digits and '_' are wanted", o.Schema)
	}
	if o.Table != "" {
		s.unused("table", "the changes are those of the table that is read")
		s.unused("key", "the key is that of the table that is read")
	}
	if o.ChangesTable != "" && len(o.ChangesKey) == 0 {
		o.ChangesKey = o.Key
	}
	if len(o.ChangesKey) > 0 && len(o.ChangesKey) != len(o.Key) {
		s.wrongAt("key", "key: %d columns are wanted, those that hold the source's key", len(o.Key))
	}
	if o.Mode != pgsource.Auto && o.Mode != pgsource.Poll {
		s.unused("cursor", "it is for mode poll")
		s.unused("compare", "it is for mode poll")
		s.unused("overlap", "it is for mode poll")
	}
	if o.Mode != pgsource.Auto && o.Mode != pgsource.Logical {
		s.unused("publication", "it is for mode logical")
		s.unused("slot_limit_bytes", "it is for mode logical")
		s.unused("slot_drop_idle", "it is for mode logical")
	}
}
