// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/column"
	"github.com/lupasearch/lupa/services/lupa/internal/vocabulary"
)

// A view is what is derived from one state of a generation's documents, in memory.
// It does not change. Documents are numbers from 1; a changed document gets a new
// one, so that all that is kept by number only grows.
type view struct {
	changes int64 // how many times the file was changed
	mark    catalog.Mark
	changed time.Time // when documents changed last

	documents int        // there are
	base      int        // the highest number when the file was built
	most      int        // the highest number that a document has, or had
	gone      column.Set // numbers whose documents are no more; may be nil
	lengths   []uint32   // words, by document
	total     int64      // words of all documents
	words     *vocabulary.Vocabulary
	exact     exactList
	columns   map[string]*column.Column
}

// average is the mean length of documents in words, above 0.
func (v *view) average() float64 { return float64(max(1, v.total)) / float64(max(1, v.documents)) }

// version tells apart states of one generation.
func (v *view) version() string {
	if v.changes == 0 {
		return ""
	}
	return fmt.Sprint("+", v.changes)
}

// worn is how much the view has beside what the file was built with: numbers
// without documents, and documents that came since.
func (v *view) worn() int { return (v.most - v.documents) + (v.most - v.base) }

// readView makes the view of a file as it is. r reads it; nothing may change
// meanwhile.
func (g *generation) readView(r *reader) (*view, error) {
	v := &view{columns: make(map[string]*column.Column)}
	if err := g.readMeta(r, v); err != nil {
		return nil, err
	}
	documents, most := v.documents, v.most
	v.documents, v.most = v.base, v.base
	if err := g.readDerived(r, v); err != nil {
		return nil, err
	}
	if v.changes == 0 {
		return v, nil
	}
	v, err := g.replay(r, v, most)
	if err == nil && (v.documents != documents || v.most != most) {
		err = fmt.Errorf("it has %d documents up to %d, not %d up to %d", v.documents, v.most, documents, most)
	}
	return v, err
}

const metaSQL = "SELECT definition, fingerprint, position, documents, base, most, changes, built, changed FROM meta"

func (g *generation) readMeta(r *reader, v *view) error {
	application, err := r.integer("PRAGMA application_id")
	if err != nil {
		return err
	}
	version, err := r.integer("PRAGMA user_version")
	if err != nil {
		return err
	}
	if application != applicationID || version != schemaVersion {
		return fmt.Errorf("application id %#x and schema version %d, want %#x and %d", application, version, applicationID, schemaVersion)
	}
	return r.one(metaSQL, func(row []driver.Value) error {
		texts, numbers := make([]string, 0, 5), make([]int64, 0, 4)
		for _, value := range row {
			switch x := value.(type) {
			case string:
				texts = append(texts, x)
			case int64:
				numbers = append(numbers, x)
			}
		}
		if len(texts) != 5 || len(numbers) != 4 {
			return fmt.Errorf("meta has %d texts and %d numbers", len(texts), len(numbers))
		}
		if want := definition(g.collection); texts[0] != want {
			return fmt.Errorf("it is for %s, the configuration is for %s", texts[0], want)
		}
		v.mark = catalog.Mark{Fingerprint: texts[1], Position: texts[2]}
		v.documents, v.base, v.most, v.changes = int(numbers[0]), int(numbers[1]), int(numbers[2]), numbers[3]
		if v.documents < 0 || v.base < 0 || v.most < max(v.base, v.documents) || v.most > maxDocuments {
			return fmt.Errorf("it has %d documents, %d at first, up to %d", v.documents, v.base, v.most)
		}
		if g.built, err = time.Parse(time.RFC3339Nano, texts[3]); err != nil {
			return err
		}
		v.changed, err = time.Parse(time.RFC3339Nano, texts[4])
		return err
	})
}

// maxDocuments bounds the numbers of documents.
const maxDocuments = 1<<32 - 2

// readDerived reads what was derived when the file was built.
func (g *generation) readDerived(r *reader, v *view) error {
	data, err := r.derived(lengthsName)
	if err != nil {
		return err
	}
	if len(data) != 4*(v.base+1) {
		return fmt.Errorf("there are lengths of %d documents of %d", len(data)/4-1, v.base)
	}
	v.lengths = make([]uint32, v.base+1)
	for i := range v.lengths {
		v.lengths[i] = binary.LittleEndian.Uint32(data[4*i:])
		v.total += int64(v.lengths[i])
	}
	if data, err = r.derived(vocabularyName); err != nil {
		return err
	}
	if v.words, err = vocabulary.Open(data, ' '); err != nil {
		return fmt.Errorf("%s: %w", vocabularyName, err)
	}
	if data, err = r.derived(exactName); err != nil {
		return err
	}
	if v.exact, err = newExactList(data, v.base, len(g.collection.Fields)); err != nil {
		return fmt.Errorf("%s: %w", exactName, err)
	}
	for _, f := range g.collection.Fields {
		if !f.Filterable() {
			continue
		}
		if data, err = r.derived(columnPrefix + f.Name); err != nil {
			return err
		}
		if v.columns[f.Name], err = column.Decode(f.Kind, data, v.base); err != nil {
			return fmt.Errorf("%s%s: %w", columnPrefix, f.Name, err)
		}
	}
	return nil
}

// replayStep is how many documents are read between two views.
const replayStep = 10000

// replay makes the view of a file that was changed since it was built.
func (g *generation) replay(r *reader, v *view, most int) (*view, error) {
	e := g.edit(v)
	err := r.query(background, "SELECT docid, length, terms FROM gone", func(row []driver.Value) error {
		docid, okID := row[0].(int64)
		length, okLength := row[1].(int64)
		terms, okTerms := row[2].(string)
		if !okID || !okLength || !okTerms || docid < 1 || docid > int64(v.base) {
			return fmt.Errorf("a document that is gone has the number %v", row[0])
		}
		e.drop(uint32(docid), textTerms{length: int(length), terms: splitTerms(terms)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = r.query(background, g.fetchFrom, func(row []driver.Value) error {
		docid, document, err := g.scan(row, most)
		if err != nil {
			return err
		}
		e.skip(int(docid))
		e.put(document, g.terms(document.Values))
		if len(e.values) >= replayStep {
			e = g.edit(e.view())
		}
		return nil
	}, int64(v.base), int64(most))
	if err != nil {
		return nil, err
	}
	e.skip(most + 1)
	return e.view(), nil
}

// textTerms are a document's searched texts: their length in words, and the
// different terms that the index has of them.
type textTerms struct {
	length int
	terms  []string
}

// terms splits a document's texts as the index does. A trigram index's vocabulary
// has words.
func (g *generation) terms(values []catalog.Value) textTerms {
	var t textTerms
	seen := make(map[string]bool)
	add := func(term string) {
		if term != "" && !seen[term] {
			seen[term] = true
			t.terms = append(t.terms, term)
		}
	}
	for i, f := range g.collection.Fields {
		text, ok := stored(f, values[i]).(string)
		if !ok || !f.Searched() {
			continue
		}
		tokens := g.analyzer.Tokens(text)
		t.length += len(tokens)
		if g.trigram {
			tokens = g.folder.Tokens(text)
		}
		for _, token := range tokens {
			add(token.Word)
			add(token.Stem)
		}
	}
	return t
}

// termSeparator divides terms; it is in none of them.
const termSeparator = "\n"

func splitTerms(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, termSeparator)
}
