// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package field makes the values of documents' fields of the texts that sources
// have: the one place that says what a number, a time or a list is.
package field

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A Column is where a field's values are in a source.
type Column struct {
	Field catalog.Field
	From  string // name of the key or column
	// Split divides a text into the values of a field that may have several; "" for
	// not at all. Lists of JSON are several values anyway.
	Split string
}

// Joint stands between several values that become one text.
const Joint = "; "

// Value makes a field's value of texts; empty ones are none.
func (c Column) Value(texts []string) (catalog.Value, error) {
	if c.Field.Multiple && c.Split != "" {
		var parts []string
		for _, text := range texts {
			parts = append(parts, strings.Split(text, c.Split)...)
		}
		texts = parts
	}
	kept := make([]string, 0, len(texts))
	for _, text := range texts {
		if c.Field.Kind != catalog.Text || c.Field.Multiple {
			text = strings.TrimSpace(text)
		}
		if text != "" {
			kept = append(kept, text)
		}
	}
	switch {
	case len(kept) == 0:
		return catalog.Value{}, nil
	case c.Field.Textual() && c.Field.Multiple:
		return catalog.Value{Texts: kept}, nil
	case c.Field.Textual():
		return catalog.TextValue(strings.Join(kept, Joint)), nil
	}
	var v catalog.Value
	for _, text := range kept {
		number, err := Parse(c.Field.Kind, text)
		if err != nil {
			return catalog.Value{}, err
		}
		v.Numbers = append(v.Numbers, number)
	}
	return v, nil
}

// Parse reads a number, a boolean or a time.
func Parse(kind catalog.Kind, text string) (float64, error) {
	switch kind {
	case catalog.Bool:
		switch strings.ToLower(text) {
		case "true", "t", "yes", "y", "1":
			return 1, nil
		case "false", "f", "no", "n", "0":
			return 0, nil
		}
		return 0, fmt.Errorf("is %.40q; true or false is wanted", text)
	case catalog.Time:
		return parseTime(text)
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return 0, fmt.Errorf("is %.40q, which is no number", text)
	}
	// From here on, not every whole number is a float.
	const exact = 1 << 53
	if math.Abs(number) >= exact && !strings.ContainsAny(text, ".eE") {
		return 0, fmt.Errorf("is %.40s, which cannot be kept to the last digit; let the field be of type string", text)
	}
	return number, nil
}

// Layouts of times; those without a zone are in UTC.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02"}

func parseTime(text string) (float64, error) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return float64(t.Unix()) + float64(t.Nanosecond()/1000)/1e6, nil
		}
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(seconds) > 1e11 {
		return 0, fmt.Errorf("is %.40q, which is no time; 2006-01-02, 2006-01-02T15:04:05Z or seconds since 1970 are wanted", text)
	}
	return seconds, nil
}
