// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package row

import (
	"bytes"
	"strings"
)

// A Lines takes what COPY gives in its text format, and hands over rows.
type Lines struct {
	// Row takes a row's values, which it may keep, but for the slice.
	Row func(values []Value) error

	rest   []byte
	values []Value
}

// Write takes some more of the text.
func (l *Lines) Write(data []byte) (int, error) {
	size := len(data)
	for {
		// A line end within a value is written \n, so each byte '\n' ends a row.
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			l.rest = append(l.rest, data...)
			return size, nil
		}
		line := data[:end]
		data = data[end+1:]
		if len(l.rest) > 0 {
			line = append(l.rest, line...)
			l.rest = nil
		}
		if err := l.line(string(line)); err != nil {
			return 0, err
		}
	}
}

func (l *Lines) line(line string) error {
	l.values = l.values[:0]
	for more := true; more; {
		var text string
		text, line, more = strings.Cut(line, "\t")
		if text == `\N` {
			l.values = append(l.values, Value{Null: true})
			continue
		}
		l.values = append(l.values, Value{Text: unescape(text)})
	}
	return l.Row(l.values)
}

// escapes are what letters behind a backslash stand for; others for themselves.
var escapes = map[byte]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}

func unescape(text string) string {
	at := strings.IndexByte(text, '\\')
	if at < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for ; at >= 0 && at+1 < len(text); at = strings.IndexByte(text, '\\') {
		out = append(out, text[:at]...)
		c := text[at+1]
		if escaped, ok := escapes[c]; ok {
			c = escaped
		}
		out = append(out, c)
		text = text[at+2:]
	}
	return string(append(out, text...))
}
