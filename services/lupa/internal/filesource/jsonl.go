// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package filesource

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/field"
)

// readJSONL reads a JSON object from each line. Empty lines are passed over.
func readJSONL(r io.Reader, to *queue) error {
	for in := newLines(r); ; {
		line, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			if err := to.refuse(in.number, err); err != nil {
				return err
			}
			continue
		case len(bytes.TrimSpace(line)) == 0:
			continue
		}
		d, err := parseObject(line, to.options)
		if err != nil {
			err = to.refuse(in.number, err)
		} else {
			err = to.add(in.number, d)
		}
		if err != nil {
			return err
		}
	}
}

// parseObject makes a document of one object. A key that is absent or null gives
// an empty field; other keys than the wanted ones are passed over.
func parseObject(line []byte, o Options) (catalog.Document, error) {
	if !utf8.Valid(line) {
		return catalog.Document{}, invalid("the line is not valid UTF-8")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil {
		return catalog.Document{}, invalid("not a JSON object: %v", err)
	}
	if object == nil {
		return catalog.Document{}, invalid("not a JSON object: null")
	}
	id, err := field.JSON(object[o.ID])
	if err != nil {
		return catalog.Document{}, invalid("key %q: %v", o.ID, err)
	}
	d := catalog.Document{ID: strings.Join(id, field.Joint), Values: make([]catalog.Value, len(o.Columns))}
	if d.ID == "" {
		return catalog.Document{}, invalid("no id: key %q is absent or empty", o.ID)
	}
	for i, column := range o.Columns {
		values, err := field.JSON(object[column.From])
		if err == nil {
			d.Values[i], err = column.Value(values)
		}
		if err != nil {
			return catalog.Document{}, invalid("key %q: %v", column.From, err)
		}
	}
	return d, nil
}
