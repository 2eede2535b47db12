// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"math"
	"sync"
	"time"
)

// boosts keeps the factor by which each document's score is multiplied besides its
// words. The zero value is ready for use.
type boosts struct {
	mu      sync.Mutex
	step    int64
	factors []float32
}

// boost gives the factors at a time, nil where there are none, and the number of
// the time's step: equal steps have equal factors.
func (g *generation) boost(now time.Time) (factors []float32, step int64) {
	c := g.collection
	if c.Boost.Field == "" && c.Recency.Field == "" {
		return nil, 0
	}
	step, now = c.Recency.Step(now)
	g.boosts.mu.Lock()
	defer g.boosts.mu.Unlock()
	if g.boosts.factors == nil || g.boosts.step != step {
		g.boosts.factors = g.computeBoosts(float64(now.UnixNano()) / 1e9)
		g.boosts.step = step
	}
	return g.boosts.factors, step
}

func (g *generation) computeBoosts(now float64) []float32 {
	c := g.collection
	factors := make([]float32, g.documents+1)
	for d := uint32(1); int(d) <= g.documents; d++ {
		factor := 1.0
		if c.Boost.Field != "" {
			// The saturation function of N. Craswell et al., Relevance Weighting for
			// Query Independent Evidence, 2005.
			if x, ok := g.columns[c.Boost.Field].Number(d); ok && x > 0 {
				factor *= 1 + c.Boost.Weight*x/(x+c.Boost.Pivot)
			}
		}
		if c.Recency.Field != "" {
			if at, ok := g.columns[c.Recency.Field].Number(d); ok {
				age := max(0, now-at)
				factor *= 1 + c.Recency.Weight*math.Exp2(-age/c.Recency.HalfLife.Seconds())
			}
		}
		factors[d] = float32(factor)
	}
	return factors
}
