// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package column_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/column"
)

// same compares two columns by all that they answer.
func same(t *testing.T, what string, got, want *column.Column) {
	t.Helper()
	if got.Documents() != want.Documents() {
		t.Fatalf("%s: %d documents, want %d", what, got.Documents(), want.Documents())
	}
	all := make([]uint32, 0, want.Documents())
	for d := uint32(1); int(d) <= want.Documents(); d++ {
		all = append(all, d)
		if diff := cmp.Diff(want.Value(d), got.Value(d)); diff != "" {
			t.Fatalf("%s: value of %d (-want +got):\n%s", what, d, diff)
		}
	}
	for _, descending := range []bool{false, true} {
		order := func(c *column.Column) []uint32 {
			return slices.SortedStableFunc(slices.Values(all), func(a, b uint32) int {
				x, okX := c.Key(a, descending)
				y, okY := c.Key(b, descending)
				switch {
				case okX != okY && okX:
					return -1
				case okX != okY:
					return 1
				case x < y:
					return -1
				case x > y:
					return 1
				}
				return 0
			})
		}
		if diff := cmp.Diff(order(want), order(got)); diff != "" {
			t.Fatalf("%s: order, descending %v (-want +got):\n%s", what, descending, diff)
		}
	}
	wantValues, wantOther := want.Facet(all, nil, 7)
	gotValues, gotOther := got.Facet(all, nil, 7)
	if diff := cmp.Diff(wantValues, gotValues); diff != "" || wantOther != gotOther {
		t.Fatalf("%s: facets, %d others and want %d (-want +got):\n%s", what, gotOther, wantOther, diff)
	}
	for i := range 12 {
		filter := catalog.Filter{Tests: []catalog.Test{{Text: fmt.Sprint("t", i), Low: float64(i), High: float64(i) + 2}}, Not: i%3 == 0}
		if diff := cmp.Diff(want.Filter(filter), got.Filter(filter)); diff != "" {
			t.Fatalf("%s: %+v (-want +got):\n%s", what, filter, diff)
		}
	}
}

func TestExtendIsAsBuiltAnew(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		kind := []catalog.Kind{catalog.String, catalog.Number, catalog.Time}[random.IntN(3)]
		several := 1 + random.IntN(3)
		value := func(most int) catalog.Value {
			var v catalog.Value
			for range random.IntN(most + 1) {
				if n := random.IntN(40); kind == catalog.String {
					v.Texts = append(v.Texts, fmt.Sprint("t", n))
				} else {
					v.Numbers = append(v.Numbers, float64(n))
				}
			}
			return v
		}
		var values []catalog.Value
		for range random.IntN(20) {
			values = append(values, value(1))
		}
		c := build(t, kind, values...)
		versions, counts := []*column.Column{c}, []int{len(values)}
		for range 12 {
			var more []catalog.Value
			for range random.IntN(5) {
				more = append(more, value(several))
			}
			values = append(values, more...)
			c = c.Extend(more)
			versions, counts = append(versions, c), append(counts, len(values))
		}
		for i, version := range versions { // the earlier ones are as they were
			same(t, fmt.Sprintf("seed %d, version %d", seed, i), version, build(t, kind, values[:counts[i]]...))
		}
	}
}
