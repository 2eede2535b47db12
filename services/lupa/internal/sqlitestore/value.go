// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// separator divides the values of a field that has several, in one column: ASCII's
// unit separator, which is no part of a word.
const separator = "\x1f"

// stored gives what a value is in the table of documents; nil for no value.
func stored(f catalog.Field, v catalog.Value) any {
	switch {
	case f.Textual() && len(v.Texts) == 1:
		return v.Texts[0]
	case f.Textual() && len(v.Texts) > 1:
		return strings.Join(v.Texts, separator)
	case !f.Textual() && len(v.Numbers) > 0 && !f.Multiple:
		return v.Numbers[0]
	case !f.Textual() && len(v.Numbers) > 0:
		texts := make([]string, len(v.Numbers))
		for i, number := range v.Numbers {
			texts[i] = strconv.FormatFloat(number, 'g', -1, 64)
		}
		return strings.Join(texts, separator)
	}
	return nil
}

// A cell reads one column of the table of documents.
type cell struct {
	field  catalog.Field
	text   sql.NullString
	number sql.NullFloat64
}

// into is what rows are scanned into.
func (c *cell) into() any {
	if c.field.Textual() || c.field.Multiple {
		return &c.text
	}
	return &c.number
}

// value gives back what stored was given.
func (c *cell) value() (catalog.Value, error) {
	switch {
	case !c.field.Textual() && !c.field.Multiple:
		if c.number.Valid {
			return catalog.NumberValue(c.number.Float64), nil
		}
		return catalog.Value{}, nil
	case !c.text.Valid:
		return catalog.Value{}, nil
	}
	texts := []string{c.text.String}
	if c.field.Multiple {
		texts = strings.Split(c.text.String, separator)
	}
	if c.field.Textual() {
		return catalog.Value{Texts: texts}, nil
	}
	var v catalog.Value
	for _, text := range texts {
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return catalog.Value{}, fmt.Errorf("field %s: %w", c.field.Name, err)
		}
		v.Numbers = append(v.Numbers, number)
	}
	return v, nil
}
