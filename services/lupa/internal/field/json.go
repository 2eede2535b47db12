// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package field

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// JSON turns a JSON value into texts: strings as they are, numbers and booleans
// as written, a list's elements one by one, null into none.
func JSON(raw json.RawMessage) ([]string, error) {
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
