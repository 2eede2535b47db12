// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package timing summarises how long things took.
package timing

import (
	"math"
	"slices"
	"time"

	"github.com/lupasearch/lupa/tools/bench/report"
)

// Samples are durations of the same thing, done again and again. The zero value is
// ready to use.
type Samples struct {
	all    []time.Duration
	sorted bool
}

// Add appends a duration.
func (s *Samples) Add(d time.Duration) {
	s.all = append(s.all, d)
	s.sorted = false
}

// Len is the number of durations.
func (s *Samples) Len() int { return len(s.all) }

// Quantile is the smallest duration that a share q of all, from 0 to 1, does not
// exceed (the nearest rank: nothing is interpolated). Of nothing it is 0.
func (s *Samples) Quantile(q float64) time.Duration {
	if len(s.all) == 0 {
		return 0
	}
	if !s.sorted {
		slices.Sort(s.all)
		s.sorted = true
	}
	// Shares such as 0.99 are a little off in binary: 99.00000000000001 is 99.
	rank := int(math.Ceil(q*float64(len(s.all)) - 1e-9))
	return s.all[min(max(rank, 1), len(s.all))-1]
}

// Max is the longest.
func (s *Samples) Max() time.Duration { return s.Quantile(1) }

// Columns are those of Row.
func Columns() []report.Column {
	return []report.Column{
		{Name: "n"},
		{Name: "p50", Unit: "ms", Digits: 3},
		{Name: "p90", Unit: "ms", Digits: 3},
		{Name: "p99", Unit: "ms", Digits: 3},
		{Name: "max", Unit: "ms", Digits: 3},
	}
}

// Row summarises the samples for a report.
func (s *Samples) Row() []any {
	return []any{s.Len(), Milliseconds(s.Quantile(0.5)), Milliseconds(s.Quantile(0.9)), Milliseconds(s.Quantile(0.99)), Milliseconds(s.Max())}
}

// Milliseconds is a duration as a number.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
