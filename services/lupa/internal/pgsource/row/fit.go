// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package row

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// Types by what their text can be read as.
var (
	numbers  = []string{"smallint", "integer", "bigint", "real", "double precision", "numeric", "oid"}
	integers = []string{"smallint", "integer", "bigint"}
	dates    = []string{"date", "timestamp without time zone", "timestamp with time zone"}
	texts    = []string{"text", "character varying", "character", "bpchar", "citext", "name", "json", "jsonb"}
)

// Unfit says why a field cannot have the values of a type, as format_type names
// it, and what can be done; "" where it can.
func Unfit(f catalog.Field, typ string) string {
	element, array := strings.CutSuffix(typ, "[]")
	if array && !f.Multiple && !f.Textual() {
		return fmt.Sprintf("is of type %s, an array; set multiple: true on the field", typ)
	}
	var fits []string
	switch f.Kind {
	case catalog.Number:
		fits = slices.Concat(numbers, texts)
	case catalog.Bool:
		fits = slices.Concat([]string{"boolean"}, integers, texts)
	case catalog.Time:
		fits = slices.Concat(dates, numbers, texts)
	default:
		if element == "bytea" {
			return "is of type bytea, which is no text; leave it out, or decode it in a query"
		}
		return ""
	}
	if slices.Contains(fits, element) {
		return ""
	}
	return fmt.Sprintf("is of type %s, which does not fit a field of type %s; change the field's type, or convert the column in a query", typ, f.Kind)
}
