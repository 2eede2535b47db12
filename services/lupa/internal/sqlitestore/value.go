// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"database/sql/driver"
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

// loaded gives back the value that stored was given.
func loaded(f catalog.Field, column driver.Value) (catalog.Value, error) {
	var texts []string
	switch x := column.(type) {
	case nil:
		return catalog.Value{}, nil
	case float64:
		if !f.Textual() && !f.Multiple {
			return catalog.NumberValue(x), nil
		}
	case string:
		texts = []string{x}
		if f.Multiple {
			texts = strings.Split(x, separator)
		}
	}
	switch {
	case texts == nil || !f.Textual() && !f.Multiple:
		return catalog.Value{}, fmt.Errorf("field %s holds a %T", f.Name, column)
	case f.Textual():
		return catalog.Value{Texts: texts}, nil
	}
	var v catalog.Value
	for _, text := range texts {
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return catalog.Value{}, fmt.Errorf("field %s: %w", f.Name, err)
		}
		v.Numbers = append(v.Numbers, number)
	}
	return v, nil
}
