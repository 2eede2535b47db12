// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package query

import "strings"

// FTS5 prints a query as an FTS5 expression: a document must match one of the
// alternatives. It is "" for an empty query.
func (q Query) FTS5() string {
	var alternatives []string
	for _, c := range q.Alternatives {
		alternatives = append(alternatives, c.print(" AND "))
	}
	return join(alternatives, " OR ")
}

// Loose gives the query that asks for any of the words instead of all; false
// where that would ask for the same.
func (q Query) Loose() (Query, bool) {
	loose := Query{Truncated: q.Truncated}
	changed := false
	for _, c := range q.Alternatives {
		changed = changed || len(c.All) > 1
		for _, term := range c.All {
			loose.Alternatives = append(loose.Alternatives, Conjunction{All: []Term{term}, None: c.None})
		}
	}
	return loose, changed
}

func (c Conjunction) print(and string) string {
	all := join(printTerms(c.All), and)
	if len(c.None) == 0 {
		return all
	}
	return "(" + all + ") NOT (" + join(printTerms(c.None), " OR ") + ")"
}

func printTerms(terms []Term) []string {
	var printed []string
	for _, t := range terms {
		// Tokens hold no quotes: they are letters, numbers and diacritics.
		s := `"` + strings.Join(t.Tokens, " ") + `"`
		if t.Prefix {
			s += "*"
		}
		printed = append(printed, s)
	}
	return printed
}

// join brackets the parts where there are several.
func join(parts []string, operator string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return "(" + strings.Join(parts, ")"+operator+"(") + ")"
}
