// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package row_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/field"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/row"
)

func decode(f catalog.Field, typ, text string) (catalog.Value, error) {
	d := row.NewDecoder([]field.Column{{Field: f, From: "c"}}, []string{typ}, 100)
	document, err := d.Document(row.Value{Text: "1"}, []row.Value{{Text: text}})
	if err != nil {
		return catalog.Value{}, err
	}
	return document.Values[0], nil
}

func TestValues(t *testing.T) {
	many := func(k catalog.Kind) catalog.Field { return catalog.Field{Kind: k, Multiple: true} }
	one := func(k catalog.Kind) catalog.Field { return catalog.Field{Kind: k} }
	tests := []struct {
		name      string
		field     catalog.Field
		typ, text string
		want      catalog.Value
		wrong     string // what the error says
	}{
		{"text", one(catalog.Text), "text", " a\tb ", catalog.TextValue(" a\tb "), ""},
		{"empty", one(catalog.Text), "text", "", catalog.Value{}, ""},
		{"array", many(catalog.String), "text[]", `{a,"b c",NULL,"NULL","x\"y\\z",""}`, catalog.TextValue("a", "b c", "NULL", `x"y\z`), ""},
		{"array joined", one(catalog.Text), "text[]", `{a,b}`, catalog.TextValue("a; b"), ""},
		{"empty array", many(catalog.String), "text[]", `{}`, catalog.Value{}, ""},
		{"array with bounds", many(catalog.Number), "integer[]", `[0:1]={1,-2}`, catalog.NumberValue(1, -2), ""},
		{"nested array", many(catalog.Number), "integer[]", `{{1,2},{3,4}}`, catalog.NumberValue(1, 2, 3, 4), ""},
		{"braces in an element", many(catalog.String), "text[]", `{"{a,b}","c\\"}`, catalog.TextValue("{a,b}", `c\`), ""},
		{"no array", many(catalog.String), "text[]", `{"a`, catalog.Value{}, "no array"},
		{"json list", many(catalog.String), "jsonb", `["a", 1, null, true]`, catalog.TextValue("a", "1", "true"), ""},
		{"json object", one(catalog.Text), "jsonb", `{"a":1}`, catalog.Value{}, "is an object"},
		{"json NUL", one(catalog.Text), "json", `"a\u0000"`, catalog.Value{}, "NUL"},
		{"bigint", one(catalog.Number), "bigint", "9007199254740991", catalog.NumberValue(9007199254740991), ""},
		{"bigint too large", one(catalog.Number), "bigint", "9007199254740993", catalog.Value{}, "last digit"},
		{"numeric", one(catalog.Number), "numeric", "-0.10", catalog.NumberValue(-0.1), ""},
		{"numeric of 17 digits that a float holds", one(catalog.Number), "numeric", "0.30000000000000004", catalog.NumberValue(0.30000000000000004), ""},
		{"numeric of too many digits", one(catalog.Number), "numeric", "0.1234567890123456789", catalog.Value{}, "last digit"},
		{"NaN", one(catalog.Number), "numeric", "NaN", catalog.Value{}, "no number"},
		{"infinite", one(catalog.Number), "double precision", "-Infinity", catalog.Value{}, "no number"},
		{"bool", one(catalog.Bool), "boolean", "t", catalog.NumberValue(1), ""},
		{"timestamptz", one(catalog.Time), "timestamp with time zone", "2024-02-29 12:00:00.25+00", catalog.NumberValue(1709208000.25), ""},
		{"timestamp", one(catalog.Time), "timestamp without time zone", "1969-12-31 23:59:59", catalog.NumberValue(-1), ""},
		{"dates", many(catalog.Time), "date[]", "{1970-01-02,NULL}", catalog.NumberValue(86400), ""},
		{"infinity", one(catalog.Time), "date", "-infinity", catalog.Value{}, "no moment"},
		{"before Christ", one(catalog.Time), "date", "0044-03-15 BC", catalog.Value{}, "years from 1"},
		{"late", one(catalog.Time), "date", "10000-01-01", catalog.Value{}, "9999"},
		{"seconds", one(catalog.Time), "bigint", "5", catalog.NumberValue(5), ""},
		{"invalid UTF-8", one(catalog.Text), "text", "a\xff", catalog.Value{}, "UTF-8"},
		{"too large", one(catalog.Text), "text", strings.Repeat("x", 100), catalog.Value{}, "max_row_bytes is 100"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := decode(test.field, test.typ, test.text)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("value differs (-want +got):\n%s", diff)
			}
			switch {
			case test.wrong == "" && err != nil:
				t.Error(err)
			case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong) || catalog.CodeOf(err) != catalog.CodeInvalid):
				t.Errorf("error %v, want one of an invalid value with %q", err, test.wrong)
			}
		})
	}
}

func TestNoKey(t *testing.T) {
	d := row.NewDecoder(nil, nil, 0)
	for _, id := range []row.Value{{Null: true}, {}} {
		if _, err := d.Document(id, nil); catalog.CodeOf(err) != catalog.CodeInvalid || err == nil {
			t.Errorf("key %+v: error %v, want an invalid document", id, err)
		}
	}
}

// TestLines wants rows whole however the text is cut.
func TestLines(t *testing.T) {
	const text = "a\t\\N\t\n\\\\N\tx\\ty\\nz\\\\\\b\\f\\r\\v\té\n\\q\t1\t2\n"
	want := [][]row.Value{
		{{Text: "a"}, {Null: true}, {}},
		{{Text: `\N`}, {Text: "x\ty\nz\\\b\f\r\v"}, {Text: "é"}},
		{{Text: "q"}, {Text: "1"}, {Text: "2"}},
	}
	for size := 1; size <= len(text); size++ {
		var got [][]row.Value
		l := &row.Lines{Row: func(values []row.Value) error {
			got = append(got, append([]row.Value(nil), values...))
			return nil
		}}
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if _, err := l.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("rows of pieces of %d bytes differ (-want +got):\n%s", size, diff)
		}
	}
}

func TestKeys(t *testing.T) {
	ids := make(map[string][]string)
	for _, parts := range [][]string{{"a"}, {"a,b"}, {"a", "b"}, {"a,", "b"}, {"a", ",b"}, {`a\`, "b"}, {`a\,b`, ""}, {"", ""}, {"", "", ""}, {`\`, `\,`}} {
		id := row.JoinKey(parts)
		if other, ok := ids[id]; ok && len(other) == len(parts) {
			t.Errorf("keys %q and %q have the same id %q", parts, other, id)
		}
		ids[id] = parts
		if got, ok := row.SplitKey(id, len(parts)); !ok || !cmp.Equal(got, parts) {
			t.Errorf("id %q is taken apart into %q, %t; want %q", id, got, ok, parts)
		}
	}
	if _, ok := row.SplitKey("a,b,c", 2); ok {
		t.Error("an id of three parts is taken for one of two")
	}
}

func TestUnfit(t *testing.T) {
	tests := []struct {
		field catalog.Field
		typ   string
		fits  bool
	}{
		{catalog.Field{Kind: catalog.Text}, "uuid", true},
		{catalog.Field{Kind: catalog.Text}, "bytea", false},
		{catalog.Field{Kind: catalog.Text}, "text[]", true},
		{catalog.Field{Kind: catalog.Number}, "numeric", true},
		{catalog.Field{Kind: catalog.Number}, "money", false},
		{catalog.Field{Kind: catalog.Number}, "integer[]", false},
		{catalog.Field{Kind: catalog.Number, Multiple: true}, "integer[]", true},
		{catalog.Field{Kind: catalog.Bool}, "double precision", false},
		{catalog.Field{Kind: catalog.Time}, "timestamp with time zone", true},
		{catalog.Field{Kind: catalog.Time}, "interval", false},
	}
	for _, test := range tests {
		if why := row.Unfit(test.field, test.typ); (why == "") != test.fits {
			t.Errorf("%s of %s: %q, want fitting to be %t", test.field.Kind, test.typ, why, test.fits)
		}
	}
}

func BenchmarkLines(b *testing.B) {
	columns := []field.Column{{Field: catalog.Field{Kind: catalog.Text}, From: "a"}, {Field: catalog.Field{Kind: catalog.Text}, From: "b"}}
	d := row.NewDecoder(columns, []string{"text", "text"}, 1<<20)
	line := []byte("123456\tusr/share/doc/libexample-dev/examples/README.gz\tlibdevel/libexample-dev\n")
	l := &row.Lines{Row: func(values []row.Value) error {
		_, err := d.Document(values[0], values[1:])
		return err
	}}
	for b.Loop() {
		if _, err := l.Write(line); err != nil {
			b.Fatal(err)
		}
	}
}
