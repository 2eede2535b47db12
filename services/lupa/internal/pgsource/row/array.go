// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package row

import "strings"

// elements reads an array's text, such as {a,"b c",NULL}, of any number of
// dimensions. NULL gives no element.
func elements(text string) ([]string, error) {
	// Bounds other than 1 go before: [0:1]={a,b}.
	if strings.HasPrefix(text, "[") {
		_, text, _ = strings.Cut(text, "=")
	}
	var all []string
	var element strings.Builder
	quoted, was, begun := false, false, false
	end := func() {
		if begun && (was || element.String() != "NULL") {
			all = append(all, element.String())
		}
		element.Reset()
		was, begun = false, false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			element.WriteByte(text[i])
			begun = true
		case c == '"':
			quoted, was, begun = !quoted, true, true
		case quoted:
			element.WriteByte(c)
		case c == '{':
		case c == ',' || c == '}':
			end()
		default:
			element.WriteByte(c)
			begun = true
		}
	}
	if quoted || !strings.HasSuffix(text, "}") {
		return nil, invalid("is %.40q, which is no array", text)
	}
	return all, nil
}
