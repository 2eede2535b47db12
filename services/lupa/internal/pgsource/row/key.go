// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package row

import "strings"

// A key of one column is the document's id as it is. Several are joined by commas;
// commas and backslashes within them have a backslash before, so that different
// keys never give one id.

var escapeKey = strings.NewReplacer(`\`, `\\`, `,`, `\,`)

// JoinKey makes an id of a key's columns.
func JoinKey(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	var id strings.Builder
	for i, part := range parts {
		if i > 0 {
			id.WriteByte(',')
		}
		id.WriteString(escapeKey.Replace(part))
	}
	return id.String()
}

// SplitKey takes an id apart that JoinKey made of n columns; ok is false where it
// did not.
func SplitKey(id string, n int) (parts []string, ok bool) {
	if n == 1 {
		return []string{id}, true
	}
	var part strings.Builder
	for i := 0; i < len(id); i++ {
		switch {
		case id[i] == '\\' && i+1 < len(id):
			i++
			part.WriteByte(id[i])
		case id[i] == ',':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(id[i])
		}
	}
	parts = append(parts, part.String())
	return parts, len(parts) == n
}

// KeySQL gives an SQL expression that makes an id of a key's columns, as JoinKey
// does; NULL where one of them is NULL. Columns are SQL expressions.
func KeySQL(columns []string) string {
	if len(columns) == 1 {
		return columns[0] + "::text"
	}
	parts := make([]string, 0, len(columns))
	for _, c := range columns {
		parts = append(parts, `replace(replace(`+c+`::text, '\', '\\'), ',', '\,')`)
	}
	return strings.Join(parts, ` || ',' || `)
}
