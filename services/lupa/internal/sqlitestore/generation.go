// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/column"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
	"github.com/lupasearch/lupa/services/lupa/internal/vocabulary"
)

// A generation is one complete file, open for searching, with what is derived from
// it in memory. Documents are numbers from 1.
type generation struct {
	file        string
	collection  catalog.Collection
	documents   int
	bytes       int64
	built       time.Time
	fingerprint string

	analyzer  *fts5.Analyzer
	folder    *fts5.Analyzer // for words as the vocabulary has them
	whole     *fts5.Analyzer // for values that are matched as a whole
	stopWords map[string]bool
	searched  []string  // names of the searched fields
	weights   []float64 // of the searched fields
	lengths   []uint32  // words, by document
	average   float64
	words     *vocabulary.Vocabulary
	exact     exactList
	columns   map[string]*column.Column
	boosts    boosts

	readers *readers
	fetch   string // SQL: docids as JSON → docid, key, values

	users sync.WaitGroup // searches under way
}

// openGeneration opens a file and makes sure that it is one of ours, of this
// version and of these fields, and that its index answers.
func openGeneration(file string, c catalog.Collection, readers int) (*generation, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	g := &generation{file: file, collection: c, bytes: info.Size(), columns: make(map[string]*column.Column)}
	if g.analyzer, err = fts5.New(specOf(c)); err != nil {
		return nil, err
	}
	if g.folder, err = fts5.New(fts5.Spec{}); err != nil {
		return nil, err
	}
	if g.whole, err = fts5.New(wholeSpec(c)); err != nil {
		return nil, err
	}
	g.stopWords = query.StopWords(c.Language)
	for _, f := range c.Fields {
		if f.Searched() {
			g.searched = append(g.searched, f.Name)
			g.weights = append(g.weights, f.Weight)
		}
	}
	g.readers, g.fetch = newReaders(file, readers), g.fetchSQL()
	if err := g.prepare(); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// name is the generation's, as it stands in CURRENT.
func (g *generation) name() string { return filepath.Base(g.file) }

func (g *generation) prepare() (err error) {
	db := sql.OpenDB(readerConnector(g.file))
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := g.readMeta(db); err != nil {
		return err
	}
	if err := g.readDerived(db); err != nil {
		return err
	}
	var probe int
	return db.QueryRow("SELECT count(*) FROM fts WHERE fts MATCH ?", `"lupa"`).Scan(&probe)
}

func (g *generation) readMeta(db *sql.DB) error {
	var application, version int
	if err := db.QueryRow("SELECT application_id, user_version FROM pragma_application_id, pragma_user_version").Scan(&application, &version); err != nil {
		return err
	}
	if application != applicationID || version != schemaVersion {
		return fmt.Errorf("application id %#x and schema version %d, want %#x and %d", application, version, applicationID, schemaVersion)
	}
	var defined, built string
	row := db.QueryRow("SELECT definition, fingerprint, documents, built FROM meta")
	if err := row.Scan(&defined, &g.fingerprint, &g.documents, &built); err != nil {
		return err
	}
	if want := definition(g.collection); defined != want {
		return fmt.Errorf("it is for %s, the configuration is for %s", defined, want)
	}
	if g.documents < 0 || g.documents >= math.MaxUint32 {
		return fmt.Errorf("it has %d documents", g.documents)
	}
	var err error
	g.built, err = time.Parse(time.RFC3339Nano, built)
	return err
}

// readDerived reads what is derived into memory.
func (g *generation) readDerived(db *sql.DB) error {
	data, err := derived(db, lengthsName)
	if err != nil {
		return err
	}
	if len(data) != 4*(g.documents+1) {
		return fmt.Errorf("there are lengths of %d documents of %d", len(data)/4-1, g.documents)
	}
	g.lengths = make([]uint32, g.documents+1)
	total := 0.0
	for i := range g.lengths {
		g.lengths[i] = binary.LittleEndian.Uint32(data[4*i:])
		total += float64(g.lengths[i])
	}
	g.average = max(1, total) / float64(max(1, g.documents))
	if data, err = derived(db, vocabularyName); err != nil {
		return err
	}
	if g.words, err = vocabulary.Open(data, ' '); err != nil {
		return fmt.Errorf("%s: %w", vocabularyName, err)
	}
	if data, err = derived(db, exactName); err != nil {
		return err
	}
	g.exact = data
	if err := g.exact.check(g.documents, len(g.collection.Fields)); err != nil {
		return fmt.Errorf("%s: %w", exactName, err)
	}
	for _, f := range g.collection.Fields {
		if !f.Filterable() {
			continue
		}
		if data, err = derived(db, columnPrefix+f.Name); err != nil {
			return err
		}
		if g.columns[f.Name], err = column.Decode(f.Kind, data, g.documents); err != nil {
			return fmt.Errorf("%s%s: %w", columnPrefix, f.Name, err)
		}
	}
	return nil
}

// definition tells apart collections whose files differ. Weights and boosts do not
// count: they are for searching.
func definition(c catalog.Collection) string {
	parts := make([]string, 0, len(c.Fields)+1)
	for _, f := range c.Fields {
		part := f.Name + " " + string(f.Kind)
		for _, trait := range []struct {
			has  bool
			name string
		}{{f.Searched(), "searched"}, {f.Exact > 0, "exact"}, {f.Multiple, "multiple"}} {
			if trait.has {
				part += " " + trait.name
			}
		}
		parts = append(parts, part)
	}
	tokenize, err := specOf(c).FTS5()
	if err != nil {
		tokenize = err.Error()
	}
	return strings.Join(append(parts, tokenize), ", ")
}

// fetchSQL reads the documents of one page, in any order.
func (g *generation) fetchSQL() string {
	var columns strings.Builder
	for _, f := range g.collection.Fields {
		columns.WriteString(", doc." + columnName(f.Name))
	}
	return "SELECT doc.docid, doc.key" + columns.String() + " FROM json_each(?1) AS page CROSS JOIN doc ON doc.docid = page.value"
}

func (g *generation) close() error { return g.readers.close() }
