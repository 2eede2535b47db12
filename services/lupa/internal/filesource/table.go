// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package filesource

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// readTable reads rows of separated values below a header. Quoted values may
// hold line ends.
func readTable(r io.Reader, separator rune, to *queue) error {
	buffered := bufio.NewReaderSize(r, 256<<10)
	if start, err := buffered.Peek(len(byteOrderMark)); err == nil && bytes.Equal(start, byteOrderMark) {
		if _, err := buffered.Discard(len(byteOrderMark)); err != nil {
			return err
		}
	}
	in := csv.NewReader(buffered)
	in.Comma = separator
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: the file is empty; its first line must name the columns", to.file)
	}
	if err != nil {
		return fmt.Errorf("%s:1: header: %w", to.file, err)
	}
	id, columns, err := locate(header, to.options)
	if err != nil {
		return fmt.Errorf("%s:1: %w", to.file, err)
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err := addRow(in, row, err, id, columns, to); err != nil {
			return err
		}
	}
}

func addRow(in *csv.Reader, row []string, err error, id int, columns []int, to *queue) error {
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return to.refuse(wrong.StartLine, invalid("%v (header has %d columns, row has %d)", wrong.Err, in.FieldsPerRecord, len(row)))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", to.file, err)
	}
	line, _ := in.FieldPos(0)
	if row[id] == "" {
		return to.refuse(line, invalid("no id: column %q is empty", to.options.ID))
	}
	d := catalog.Document{ID: strings.Clone(row[id]), Values: make([]catalog.Value, len(columns))}
	for i, column := range columns {
		if d.Values[i], err = to.options.Columns[i].Value([]string{strings.Clone(row[column])}); err != nil {
			return to.refuse(line, invalid("column %q: %v", to.options.Columns[i].From, err))
		}
	}
	return to.add(line, d)
}

// locate finds the wanted columns in a header.
func locate(header []string, o Options) (id int, columns []int, err error) {
	find := func(name string) int {
		at := slices.Index(header, name)
		switch {
		case err != nil:
		case at < 0:
			err = fmt.Errorf("there is no column %q; the header has %q", name, header)
		case slices.Contains(header[at+1:], name):
			err = fmt.Errorf("column %q is there twice", name)
		}
		return at
	}
	id = find(o.ID)
	for _, column := range o.Columns {
		columns = append(columns, find(column.From))
	}
	return id, columns, err
}
