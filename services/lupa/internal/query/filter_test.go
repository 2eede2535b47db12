// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

func at(year, month, day int) float64 {
	return float64(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix())
}

func TestParseFilter(t *testing.T) {
	low, high := math.Inf(-1), math.Inf(1)
	for text, want := range map[string]catalog.Filter{
		"tags:net":                     {Field: "tags", Tests: []catalog.Test{{Text: "net"}}},
		" -tags: net , x11 ":           {Field: "tags", Not: true, Tests: []catalog.Test{{Text: "net"}, {Text: "x11"}}},
		`tags:"a, b",c`:                {Field: "tags", Tests: []catalog.Test{{Text: "a, b"}, {Text: "c"}}},
		`tags:"a" b,"c`:                {Field: "tags", Tests: []catalog.Test{{Text: `"a" b`}, {Text: `"c`}}},
		"tags:a:b":                     {Field: "tags", Tests: []catalog.Test{{Text: "a:b"}}},
		"tags:":                        {Field: "tags", Tests: []catalog.Test{{Text: ""}}},
		"pages:10":                     {Field: "pages", Tests: []catalog.Test{{Low: 10, High: 10}}},
		"pages:>=10":                   {Field: "pages", Tests: []catalog.Test{{Low: 10, High: high}}},
		"pages:> 10":                   {Field: "pages", Tests: []catalog.Test{{Low: 10, LowOpen: true, High: high}}},
		"pages:<-1.5e3":                {Field: "pages", Tests: []catalog.Test{{Low: low, High: -1500, HighOpen: true}}},
		"pages:<=10,20..30,40..":       {Field: "pages", Tests: []catalog.Test{{Low: low, High: 10}, {Low: 20, High: 30}, {Low: 40, High: high}}},
		"pages:..7":                    {Field: "pages", Tests: []catalog.Test{{Low: low, High: 7}}},
		"lent:true":                    {Field: "lent", Tests: []catalog.Test{{Low: 1, High: 1}}},
		"lent:false,true":              {Field: "lent", Tests: []catalog.Test{{}, {Low: 1, High: 1}}},
		"printed:2020":                 {Field: "printed", Tests: []catalog.Test{{Low: at(2020, 1, 1), High: at(2021, 1, 1), HighOpen: true}}},
		"printed:>2020-02":             {Field: "printed", Tests: []catalog.Test{{Low: at(2020, 3, 1), High: high}}},
		"printed:<=2020-02-28":         {Field: "printed", Tests: []catalog.Test{{Low: low, High: at(2020, 2, 29), HighOpen: true}}},
		"printed:<2020":                {Field: "printed", Tests: []catalog.Test{{Low: low, High: at(2020, 1, 1), HighOpen: true}}},
		"printed:2020..2021-06":        {Field: "printed", Tests: []catalog.Test{{Low: at(2020, 1, 1), High: at(2021, 7, 1), HighOpen: true}}},
		"printed:2020-01-01T00:00:01Z": {Field: "printed", Tests: []catalog.Test{{Low: at(2020, 1, 1) + 1, High: at(2020, 1, 1) + 1}}},
		"printed:>=1577836800.5":       {Field: "printed", Tests: []catalog.Test{{Low: 1577836800.5, High: high}}},
	} {
		got, err := query.ParseFilter(catalogtest.Books, text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("filter %q differs (-want +got):\n%s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"tags": "FIELD:VALUE is wanted", "title:x": "has no field", "nope:x": `no field "nope"`, "pages:": "is no number", "pages:a": `"a" is no number`, "pages:..": "is no number",
		"pages:NaN": "is no number", "pages:>Inf": "is no number", "pages:1..x": "is no number", "lent:1": "true or false", "printed:2020-13": "is no time",
		"tags:" + strings.Repeat("a,", 300): "256 are allowed",
	} {
		if _, err := query.ParseFilter(catalogtest.Books, text); catalog.CodeOf(err) != catalog.CodeInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("filter %.40q: %v, want %q", text, err, want)
		}
	}
	if _, err := query.ParseFilter(catalogtest.Collections[0], "a:b"); err == nil || !strings.Contains(err.Error(), "no fields for that") {
		t.Errorf("filter of a collection of text: %v", err)
	}
}

func TestParseOrder(t *testing.T) {
	for text, want := range map[string]catalog.Order{
		"pages": {Field: "pages"}, " pages:asc": {Field: "pages"}, "printed:desc": {Field: "printed", Descending: true},
	} {
		if got, err := query.ParseOrder(catalogtest.Books, text); err != nil || got != want {
			t.Errorf("order %q = %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "title", "pages:down"} {
		if _, err := query.ParseOrder(catalogtest.Books, text); catalog.CodeOf(err) != catalog.CodeInvalid {
			t.Errorf("order %q: %v", text, err)
		}
	}
}

// TestQuote wants what is quoted to be read back.
func TestQuote(t *testing.T) {
	for _, text := range []string{"a", "a, b", ` "a`, `a"b`, `a",b`, "", " a ", "a:b", ",", `"`} {
		quoted, ok := query.Quote(text)
		if !ok {
			continue
		}
		f, err := query.ParseFilter(catalogtest.Books, "tags:"+quoted)
		if err != nil || len(f.Tests) != 1 || f.Tests[0].Text != text {
			t.Errorf("Quote(%q) = %s is read as %+v, %v", text, quoted, f, err)
		}
	}
}
