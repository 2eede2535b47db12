// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"sync"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/column"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/vocabulary"
)

// What is derived from the documents and their index, and read into memory when a
// generation is opened. All of it could be made again.
const (
	lengthsName    = "lengths"    // words of each document
	vocabularyName = "vocabulary" // words and stems with numbers of documents
	exactName      = "exact"      // values that are matched as a whole
	columnPrefix   = "column:"    // values of a field
)

// A builder is one generation being built.
type builder struct {
	ctx       context.Context
	c         catalog.Collection
	exact     *exactBuilder
	analyzer  *fts5.Analyzer    // for values that are matched as a whole
	columns   []*column.Builder // by field; nil for those without
	documents int
	row       []any
}

func newBuilder(ctx context.Context, c catalog.Collection) (*builder, error) {
	analyzer, err := fts5.New(wholeSpec(c))
	if err != nil {
		return nil, err
	}
	b := &builder{ctx: ctx, c: c, exact: newExactBuilder(analyzer), columns: make([]*column.Builder, len(c.Fields))}
	for i, f := range c.Fields {
		if f.Filterable() {
			b.columns[i] = column.NewBuilder(f.Kind)
		}
	}
	return b, nil
}

// wholeSpec says how values that are matched as a whole are split: as words, in a
// trigram index, too.
func wholeSpec(c catalog.Collection) fts5.Spec {
	if spec := specOf(c); spec.Kind != fts5.Trigram {
		return spec
	}
	return fts5.Spec{}
}

// derive makes what is derived and writes it. The index is read on two connections
// of its own while check runs on the first.
func (b *builder) derive(db *sql.DB, file string, check func() error) error {
	beside := openBeside(file)
	var lengths, words []byte
	var lengthsErr, wordsErr error
	var work sync.WaitGroup
	work.Go(func() { lengths, lengthsErr = b.lengths(beside) })
	work.Go(func() { words, wordsErr = b.vocabulary(beside) })
	err := check()
	exact := b.exact.encode()
	work.Wait()
	if err := errors.Join(err, lengthsErr, wordsErr, beside.Close()); err != nil {
		return err
	}
	parts := []derivedPart{{lengthsName, lengths}, {vocabularyName, words}, {exactName, exact}}
	for i, f := range b.c.Fields {
		if b.columns[i] != nil {
			parts = append(parts, derivedPart{columnPrefix + f.Name, b.columns[i].Column().Encode()})
			b.columns[i] = nil // its memory is not needed any more
		}
	}
	for _, part := range parts {
		if err := b.keep(db, part.name, part.data); err != nil {
			return err
		}
	}
	return nil
}

type derivedPart struct {
	name string
	data []byte
}

func (b *builder) keep(db *sql.DB, name string, data []byte) error {
	_, err := db.ExecContext(b.ctx, "INSERT INTO derived VALUES(?, ?, ?)", name, data, crc32.ChecksumIEEE(data))
	if err != nil {
		return fmt.Errorf("%s of %d bytes: %w", name, len(data), err)
	}
	return nil
}

// derived reads what keep wrote.
func (r *reader) derived(name string) ([]byte, error) {
	var data []byte
	err := r.one("SELECT data, crc FROM derived WHERE name = ?", func(row []driver.Value) error {
		read, _ := row[0].([]byte)
		if crc, ok := row[1].(int64); !ok || int64(crc32.ChecksumIEEE(read)) != crc {
			return errors.New("the checksum is wrong")
		}
		data = slices.Clone(read)
		return nil
	}, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// lengths adds up the words of each document's fields: FTS5 has a varint for each
// field.
func (b *builder) lengths(db *sql.DB) ([]byte, error) {
	rows, err := db.QueryContext(b.ctx, "SELECT sz FROM fts_docsize ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make([]byte, 4, 4*(b.documents+1)) // there is no document 0
	var sizes sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&sizes); err != nil {
			return nil, err
		}
		total, value := uint32(0), uint32(0)
		for _, c := range sizes {
			// SQLite's varint: seven bits a byte, the highest first; lengths are far
			// below those for which its ninth byte differs.
			value = value<<7 | uint32(c&0x7f)
			if c < 0x80 {
				total += value
				value = 0
			}
		}
		out = binary.LittleEndian.AppendUint32(out, total)
	}
	return out, rows.Err()
}

// vocabulary lists the index's terms. Of a trigram index that would be trigrams,
// so the words are indexed once more, for a moment.
func (b *builder) vocabulary(pool *sql.DB) (data []byte, err error) {
	db, err := pool.Conn(b.ctx) // the one that the temporary tables are on
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	statements := []string{"CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, fts, 'row')"}
	if specOf(b.c).Kind == fts5.Trigram {
		statements = b.wordsOfTrigrams()
	}
	if err := execAll(b.ctx, db, "vocabulary", statements); err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(b.ctx, "SELECT term, doc FROM temp.terms ORDER BY term")
	if err != nil {
		return nil, err
	}
	defer func() {
		_, dropErr := db.ExecContext(b.ctx, "DROP TABLE temp.terms")
		err = errors.Join(err, dropErr)
	}()
	defer rows.Close()
	return vocabulary.Write(func() (word string, documents int, ok bool, err error) {
		if !rows.Next() {
			return "", 0, false, rows.Err()
		}
		err = rows.Scan(&word, &documents)
		return word, documents, true, err
	})
}

func (b *builder) wordsOfTrigrams() []string {
	var columns []string
	for _, f := range b.c.Fields {
		if f.Searched() {
			columns = append(columns, columnName(f.Name))
		}
	}
	list := strings.Join(columns, ", ")
	return []string{
		"CREATE VIRTUAL TABLE temp.words USING fts5(" + list + ", content='', detail='none', columnsize=0, tokenize='unicode61 remove_diacritics 2')",
		"INSERT INTO temp.words(rowid, " + list + ") SELECT docid, " + list + " FROM doc",
		"CREATE VIRTUAL TABLE temp.terms USING fts5vocab(temp, words, 'row')",
	}
}
