// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package column_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/column"
)

// build makes a column, writes it, and reads it back.
func build(t *testing.T, kind catalog.Kind, values ...catalog.Value) *column.Column {
	t.Helper()
	b := column.NewBuilder(kind)
	for _, v := range values {
		b.Add(v)
	}
	c, err := column.Decode(kind, b.Column().Encode(), len(values))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	tags  = []catalog.Value{catalog.TextValue("b", "a", "b"), {}, catalog.TextValue("c"), catalog.TextValue("a")}
	sizes = []catalog.Value{catalog.NumberValue(3), {}, catalog.NumberValue(-1), catalog.NumberValue(3)}
	many  = []catalog.Value{catalog.NumberValue(3, 9), {}, catalog.NumberValue(-1), catalog.NumberValue(3, 0)}
)

func TestValues(t *testing.T) {
	for name, test := range map[string]struct {
		kind         catalog.Kind
		values, want []catalog.Value
	}{
		"texts":   {catalog.String, tags, []catalog.Value{catalog.TextValue("b", "a"), {}, tags[2], tags[3]}},
		"numbers": {catalog.Number, sizes, sizes},
		"several": {catalog.Time, many, many},
		"none":    {catalog.String, nil, nil},
	} {
		c := build(t, test.kind, test.values...)
		for i, want := range test.want {
			if diff := cmp.Diff(want, c.Value(uint32(i+1))); diff != "" {
				t.Errorf("%s: value of %d differs (-want +got):\n%s", name, i+1, diff)
			}
		}
		if c.Documents() != len(test.values) {
			t.Errorf("%s: %d documents", name, c.Documents())
		}
	}
}

func TestFilter(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		values []catalog.Value
		kind   catalog.Kind
		filter catalog.Filter
		want   []bool
	}{
		{tags, catalog.String, catalog.Filter{Tests: []catalog.Test{{Text: "a"}}}, []bool{true, false, false, true}},
		{tags, catalog.String, catalog.Filter{Tests: []catalog.Test{{Text: "a"}, {Text: "c"}}, Not: true}, []bool{false, true, false, false}},
		{tags, catalog.String, catalog.Filter{Tests: []catalog.Test{{Text: ""}}}, []bool{false, false, false, false}},
		{sizes, catalog.Number, catalog.Filter{Tests: []catalog.Test{{Low: -inf, High: inf}}}, []bool{true, false, true, true}},
		{sizes, catalog.Number, catalog.Filter{Tests: []catalog.Test{{Low: 3, LowOpen: true, High: inf}}}, []bool{false, false, false, false}},
		{many, catalog.Number, catalog.Filter{Tests: []catalog.Test{{Low: 5, High: 9, HighOpen: true}, {Low: 0, High: 0}}}, []bool{false, false, false, true}},
	} {
		set := build(t, test.kind, test.values...).Filter(test.filter)
		for i, want := range test.want {
			if got := set.Has(uint32(i + 1)); got != want {
				t.Errorf("%+v of document %d: %v, want %v", test.filter, i+1, got, want)
			}
		}
		if set.Has(0) {
			t.Errorf("%+v has document 0, which there is none of", test.filter)
		}
	}
}

func TestKey(t *testing.T) {
	c := build(t, catalog.Number, many...)
	for d, want := range map[uint32][2]float64{1: {3, 9}, 3: {-1, -1}, 4: {0, 3}} {
		low, _ := c.Key(d, false)
		high, ok := c.Key(d, true)
		if low != want[0] || high != want[1] || !ok {
			t.Errorf("keys of %d are %v and %v, want %v", d, low, high, want)
		}
	}
	if _, ok := c.Key(2, false); ok {
		t.Error("a document without a value has a key")
	}
}

func TestFacet(t *testing.T) {
	c := build(t, catalog.String, tags...)
	values, other := c.Facet([]uint32{1, 2, 3, 4}, nil, 2)
	want := []catalog.FacetValue{{Value: catalog.TextValue("a"), Count: 2}, {Value: catalog.TextValue("b"), Count: 1}}
	if diff := cmp.Diff(want, values); diff != "" || other != 1 {
		t.Errorf("%d other, facet differs (-want +got):\n%s", other, diff)
	}
	only := column.NewSet(4)
	only.Add(3)
	values, other = build(t, catalog.Number, sizes...).Facet([]uint32{1, 2, 3, 4}, only, 5)
	want = []catalog.FacetValue{{Value: catalog.NumberValue(-1), Count: 1}}
	if diff := cmp.Diff(want, values); diff != "" || other != 0 {
		t.Errorf("%d other, facet differs (-want +got):\n%s", other, diff)
	}
}

// TestDecodeDamaged cuts and changes what was written: an error each time, or the
// same number of documents.
func TestDecodeDamaged(t *testing.T) {
	b := column.NewBuilder(catalog.String)
	for _, v := range tags {
		b.Add(v)
	}
	data := b.Column().Encode()
	for cut := range len(data) {
		if _, err := column.Decode(catalog.String, data[:cut], len(tags)); err == nil {
			t.Errorf("cut at %d of %d: no error", cut, len(data))
		}
	}
	if _, err := column.Decode(catalog.String, append(data, 0), len(tags)); err == nil {
		t.Error("a byte too many: no error")
	}
	if _, err := column.Decode(catalog.String, data, len(tags)+1); err == nil {
		t.Error("another number of documents: no error")
	}
	for i := range data {
		changed := append([]byte(nil), data...)
		changed[i] ^= 0xFF
		c, err := column.Decode(catalog.String, changed, len(tags))
		if err != nil {
			continue
		}
		for d := range uint32(len(tags)) {
			c.Value(d + 1) // it must not panic
		}
	}
}
