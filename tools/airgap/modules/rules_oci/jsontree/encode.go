// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package jsontree

import (
	"fmt"
	"strings"
)

// Encode writes value with an indent of two spaces and no newline at the end:
// one element per line, empty containers closed at once, and only what JSON
// demands escaped, that is quotes, backslashes and control characters.
func Encode(value any) []byte {
	var b strings.Builder
	writeValue(&b, value, "\n")
	return []byte(b.String())
}

func writeValue(b *strings.Builder, value any, newline string) {
	switch v := value.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		fmt.Fprint(b, v)
	case int:
		fmt.Fprint(b, v)
	case int64:
		fmt.Fprint(b, v)
	case Number:
		b.WriteString(string(v))
	case string:
		writeString(b, v)
	case []any:
		writeArray(b, v, newline)
	case *Object:
		writeObject(b, v, newline)
	default:
		// Only this module's own mistakes come here.
		panic(fmt.Sprintf("jsontree: %T is no JSON value", value))
	}
}

func writeArray(b *strings.Builder, array []any, newline string) {
	if len(array) == 0 {
		b.WriteString("[]")
		return
	}
	inner := newline + "  "
	for i, element := range array {
		b.WriteString(opening(i, "["))
		b.WriteString(inner)
		writeValue(b, element, inner)
	}
	b.WriteString(newline + "]")
}

func writeObject(b *strings.Builder, object *Object, newline string) {
	if len(object.keys) == 0 {
		b.WriteString("{}")
		return
	}
	inner := newline + "  "
	for i, key := range object.keys {
		b.WriteString(opening(i, "{"))
		b.WriteString(inner)
		writeString(b, key)
		b.WriteString(": ")
		writeValue(b, object.values[key], inner)
	}
	b.WriteString(newline + "}")
}

func opening(i int, bracket string) string {
	if i == 0 {
		return bracket
	}
	return ","
}

var shortEscapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`,
}

func writeString(b *strings.Builder, text string) {
	b.WriteByte('"')
	for _, r := range text {
		switch escape, short := shortEscapes[r]; {
		case short:
			b.WriteString(escape)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
