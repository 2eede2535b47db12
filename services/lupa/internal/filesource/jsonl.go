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
	id, err := texts(object[o.ID])
	if err != nil {
		return catalog.Document{}, invalid("key %q: %v", o.ID, err)
	}
	d := catalog.Document{ID: strings.Join(id, joint), Values: make([]catalog.Value, len(o.Columns))}
	if d.ID == "" {
		return catalog.Document{}, invalid("no id: key %q is absent or empty", o.ID)
	}
	for i, column := range o.Columns {
		values, err := texts(object[column.From])
		if err == nil {
			d.Values[i], err = column.value(values)
		}
		if err != nil {
			return catalog.Document{}, invalid("key %q: %v", column.From, err)
		}
	}
	return d, nil
}

// texts turns a JSON value into texts: strings as they are, numbers and booleans
// as written, a list's elements one by one, null into none.
func texts(raw json.RawMessage) ([]string, error) {
	raw = bytes.TrimSpace(raw)
	if !bytes.HasPrefix(raw, []byte("[")) {
		one, err := text(raw)
		if err != nil || one == "" {
			return nil, err
		}
		return []string{one}, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	all := make([]string, 0, len(list))
	for _, element := range list {
		if bytes.HasPrefix(element, []byte("[")) {
			return nil, errors.New("is a list of lists; text, a number, a boolean or a list of these is wanted")
		}
		one, err := text(element)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// text turns a JSON value that is no list into text.
func text(raw json.RawMessage) (string, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return "", nil
	}
	switch raw[0] {
	case '"':
		return unquote(raw)
	case '{':
		return "", errors.New("is an object; text, a number, a boolean or a list of these is wanted")
	}
	return string(raw), nil
}

// unquote reads a JSON string. Half of a surrogate pair, which encoding/json
// silently replaces, is an error: a character would be lost.
func unquote(raw []byte) (string, error) {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", err
	}
	const replacement = "\uFFFD"
	if strings.Contains(s, replacement) && !bytes.Contains(raw, []byte(replacement)) && !bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
		return "", errors.New("has half of a surrogate pair")
	}
	return s, nil
}
