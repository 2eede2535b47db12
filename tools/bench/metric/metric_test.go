// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package metric_test

import (
	"math"
	"testing"

	"github.com/lupasearch/lupa/tools/bench/metric"
)

// The values are worked out by hand, with log2(3) = 1.584963 and log2(5) = 2.321928.
func TestMeasures(t *testing.T) {
	graded := metric.Judgements{"a": 2, "b": 1, "c": 3, "no": 0}
	tests := []struct {
		name     string
		ranking  []string
		relevant metric.Judgements
		k        int
		ndcg     float64
		recall   float64
		rr       float64
	}{
		{"best", []string{"c", "a", "b"}, graded, 10, 1, 1, 1},
		// (2/1 + 0 + 1/2) / (3/1 + 2/1.584963 + 1/2) = 2.5 / 4.761860
		{"a hole and a miss", []string{"a", "x", "b"}, graded, 10, 0.525005, 2.0 / 3, 1},
		// (0 + 0 + 3/2) / 4.761860
		{"first at three", []string{"x", "no", "c"}, graded, 10, 0.315003, 1.0 / 3, 1.0 / 3},
		// (2/1) / (3/1 + 2/1.584963) = 2 / 4.261860: the best possible is cut, too
		{"cut at two", []string{"a", "x", "c", "b"}, graded, 2, 0.469279, 1.0 / 3, 1},
		// (1 + 1/1.584963 + 1/2.321928) / (1 + 1/1.584963 + 1/2) = 2.061606 / 2.130930
		{"binary", []string{"p", "q", "x", "r"}, metric.Judgements{"p": 1, "q": 1, "r": 1}, 10, 0.967468, 1, 1},
		// The second a neither counts nor makes room: (2/1 + 3/2) / 4.761860
		{"repeated", []string{"a", "a", "c"}, graded, 10, 0.735007, 2.0 / 3, 1},
		{"nothing found", nil, graded, 10, 0, 0, 0},
		{"nothing right", []string{"x", "no"}, graded, 10, 0, 0, 0},
		{"nothing relevant", []string{"x"}, metric.Judgements{"no": 0}, 10, 0, 0, 0},
		{"negative grades are none", []string{"n", "a"}, metric.Judgements{"n": -1, "a": 1}, 10, 0.630930, 1, 0.5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			near(t, "NDCG", metric.NDCG(test.ranking, test.relevant, test.k), test.ndcg)
			near(t, "Recall", metric.Recall(test.ranking, test.relevant, test.k), test.recall)
			near(t, "ReciprocalRank", metric.ReciprocalRank(test.ranking, test.relevant), test.rr)
		})
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6 {
		t.Errorf("%s = %.6f, want %.6f", what, got, want)
	}
}

func TestMean(t *testing.T) {
	near(t, "Mean", metric.Mean([]float64{1, 2, 6}), 3)
	near(t, "Mean of nothing", metric.Mean(nil), 0)
}

func TestPValue(t *testing.T) {
	ones := func(n int) []float64 {
		all := make([]float64, n)
		for i := range all {
			all[i] = 1
		}
		return all
	}
	alternating := make([]float64, 100)
	for i := range alternating {
		alternating[i] = float64(1 - 2*(i%2))
	}
	tests := []struct {
		name string
		a, b []float64
		want float64
	}{
		// Two of the eight exchanges, none and all, give a difference of 3.
		{"three wins", ones(3), make([]float64, 3), 2.0 / 8},
		{"three losses", make([]float64, 3), ones(3), 2.0 / 8},
		// Differences 3, 1, -1 sum up to 3: of the eight sums 3, 5, 1, 3 and their
		// negatives, six are at least as far from 0.
		{"mixed", []float64{3, 1, 0}, []float64{0, 0, 1}, 6.0 / 8},
		{"equal pairs do not count", append(ones(3), 5, 7), []float64{0, 0, 0, 5, 7}, 2.0 / 8},
		{"equal", []float64{1, 2}, []float64{1, 2}, 1},
		{"nothing", nil, nil, 1},
		// Two of 2^20 exchanges are as extreme; the random ones find none, and the
		// observed one counts.
		{"twenty wins", ones(20), make([]float64, 20), 1.0 / 1001},
		{"a hundred, no difference", alternating, make([]float64, 100), 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			near(t, "PValue", metric.PValue(test.a, test.b, 1000, 1), test.want)
		})
	}
}

// A difference that is 2.0 standard deviations from 0 has p = 0.0455 where the sum
// is nearly normal; a hundred pairs of ±1 that sum up to 20 have 0.0569 exactly.
func TestPValueEstimate(t *testing.T) {
	a := make([]float64, 100)
	for i := range a {
		a[i] = 1
		if i < 40 {
			a[i] = -1
		}
	}
	got := metric.PValue(a, make([]float64, 100), 100_000, 1)
	if math.Abs(got-0.0569) > 0.003 {
		t.Errorf("PValue = %.4f, want 0.0569 within 0.003", got)
	}
	if again := metric.PValue(a, make([]float64, 100), 100_000, 1); again != got {
		t.Errorf("PValue of the same = %v, then %v", got, again)
	}
}

func TestPValueOfUnpaired(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for one value against two")
		}
	}()
	metric.PValue([]float64{1}, []float64{1, 2}, 10, 1)
}
