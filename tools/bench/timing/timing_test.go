// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package timing_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/bench/timing"
)

func TestQuantile(t *testing.T) {
	var s timing.Samples
	if got := s.Quantile(0.5); got != 0 {
		t.Errorf("of nothing: %v, want 0", got)
	}
	for i := 100; i > 0; i-- {
		s.Add(time.Duration(i))
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.01: 1, 0.011: 2, 0.5: 50, 0.9: 90, 0.99: 99, 0.995: 100, 1: 100} {
		if got := s.Quantile(q); got != want {
			t.Errorf("Quantile(%v) = %d, want %d", q, got, want)
		}
	}
	s.Add(1000)
	if got := s.Max(); got != 1000 {
		t.Errorf("Max after one more = %d, want 1000", got)
	}
}

func TestRow(t *testing.T) {
	var s timing.Samples
	for _, d := range []time.Duration{3, 1, 2} {
		s.Add(d * time.Millisecond)
	}
	if diff := cmp.Diff([]any{3, 2.0, 3.0, 3.0, 3.0}, s.Row()); diff != "" {
		t.Errorf("Row (-want +got):\n%s", diff)
	}
	if got, want := len(timing.Columns()), len(s.Row()); got != want {
		t.Errorf("%d columns for %d values", got, want)
	}
}
