// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package row makes documents of PostgreSQL's rows, whose values come as text: by
// COPY, by a query, or in a stream of changes. Sessions that the text comes from
// must have the settings of Settings.
package row

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/field"
)

// Settings are the settings of a session that decide what values look like as
// text, as SQL that sets them. A database in SQL_ASCII does not know what its bytes
// mean, so they are taken as they are, and looked at here.
const Settings = `SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET intervalstyle = 'postgres';` +
	` SET extra_float_digits = 1; SET bytea_output = 'hex';` +
	` SELECT set_config('client_encoding', CASE current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END, false);` +
	` SET standard_conforming_strings = on`

// A Value is a column's value as text.
type Value struct {
	Text string
	Null bool
}

// A Decoder makes documents of rows. It is safe for concurrent use.
type Decoder struct {
	columns []column
	limit   int
}

// A column is a field's column with its type.
type column struct {
	field.Column
	kind  kind
	array bool
}

// A kind is how a type's text is read.
type kind int

const (
	plain   kind = iota // as it is
	numeric             // digits may be lost
	moment              // date and time
	json                // lists are several values
)

// NewDecoder makes a Decoder for columns of the types, as format_type names them,
// and rows of at most limit bytes; 0 is no limit. Types must fit (see Unfit).
func NewDecoder(columns []field.Column, types []string, limit int) *Decoder {
	d := &Decoder{limit: limit}
	for i, c := range columns {
		element, array := strings.CutSuffix(types[i], "[]")
		d.columns = append(d.columns, column{Column: c, kind: kindOf(element, c.Field.Kind), array: array})
	}
	return d
}

// kindOf tells how a type is read for a field.
func kindOf(typ string, field catalog.Kind) kind {
	switch {
	case typ == "json" || typ == "jsonb":
		return json
	case typ == "numeric" && field == catalog.Number:
		return numeric
	case field == catalog.Time && (typ == "date" || strings.HasPrefix(typ, "timestamp")):
		return moment
	}
	return plain
}

// Document makes a document of its id and of the columns' values, in their order.
// Errors are of catalog.CodeInvalid and name the column.
func (d *Decoder) Document(id Value, values []Value) (catalog.Document, error) {
	switch {
	case id.Null:
		return catalog.Document{}, invalid("the key is NULL")
	case id.Text == "":
		return catalog.Document{}, invalid("the key is empty")
	}
	if err := d.check(id, values); err != nil {
		return catalog.Document{}, err
	}
	document := catalog.Document{ID: id.Text, Values: make([]catalog.Value, len(values))}
	for i, v := range values {
		if v.Null {
			continue
		}
		value, err := d.columns[i].value(v.Text)
		if err != nil {
			return catalog.Document{}, invalid("column %q %v", d.columns[i].From, err)
		}
		document.Values[i] = value
	}
	return document, nil
}

// check refuses rows that are too large, and text that no text can be.
func (d *Decoder) check(id Value, values []Value) error {
	size := len(id.Text)
	if err := clean(id.Text); err != "" {
		return invalid("the key %s", err)
	}
	for i, v := range values {
		size += len(v.Text)
		if err := clean(v.Text); err != "" {
			return invalid("column %q %s", d.columns[i].From, err)
		}
	}
	if d.limit > 0 && size > d.limit {
		return invalid("the row has %d bytes, and max_row_bytes is %d", size, d.limit)
	}
	return nil
}

// clean says what is wrong with a text; "" for nothing.
func clean(text string) string {
	switch {
	case !utf8.ValidString(text):
		return "is not valid UTF-8"
	case strings.IndexByte(text, 0) >= 0:
		return "has a character NUL"
	}
	return ""
}

// value reads a column's text.
func (c *column) value(text string) (catalog.Value, error) {
	if !c.array && c.kind == plain {
		return c.Value([]string{text})
	}
	texts := []string{text}
	var err error
	switch {
	case c.array:
		if texts, err = elements(text); err != nil {
			return catalog.Value{}, err
		}
		if c.kind == json {
			texts, err = flatten(texts)
		}
	case c.kind == json:
		texts, err = field.JSON([]byte(text))
	}
	if err != nil {
		return catalog.Value{}, err
	}
	switch c.kind {
	case moment:
		return moments(texts)
	case numeric:
		for _, t := range texts {
			if !exact(t) {
				return catalog.Value{}, invalid("is %.60s, which a number cannot hold to the last digit; let the field be of type string, or round it in a query", t)
			}
		}
	case json:
		for _, t := range texts {
			if wrong := clean(t); wrong != "" {
				return catalog.Value{}, invalid("%s", wrong)
			}
		}
	}
	return c.Value(texts)
}

// flatten reads the elements of an array of JSON.
func flatten(elements []string) ([]string, error) {
	var all []string
	for _, e := range elements {
		texts, err := field.JSON([]byte(e))
		if err != nil {
			return nil, err
		}
		all = append(all, texts...)
	}
	return all, nil
}

// safeDigits is how many decimal digits every float holds.
const safeDigits = 15

// exact tells whether a float holds all digits of a numeric's text. What is no
// number is left to whoever reads it.
func exact(text string) bool {
	digits := significant(text)
	if len(digits) <= safeDigits {
		return true
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
		return true
	}
	return significant(strconv.FormatFloat(number, 'f', -1, 64)) == digits
}

// significant gives a decimal number's digits without zeros at the ends.
func significant(text string) string {
	text = strings.TrimLeft(text, "-0.")
	whole, fraction, _ := strings.Cut(text, ".")
	return strings.TrimRight(whole+fraction, "0")
}

func invalid(format string, args ...any) error {
	return catalog.Errorf(catalog.CodeInvalid, format, args...)
}
