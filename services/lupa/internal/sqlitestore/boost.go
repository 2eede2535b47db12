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
func (g *generation) boost(v *view, now time.Time) (factors []float32, step int64) {
	c := g.collection
	if c.Boost.Field == "" && c.Recency.Field == "" {
		return nil, 0
	}
	step, now = c.Recency.Step(now)
	g.boosts.mu.Lock()
	defer g.boosts.mu.Unlock()
	if g.boosts.factors == nil || g.boosts.step != step {
		g.boosts.factors = make([]float32, 1, v.most+1) // there is no document 0
		g.boosts.step = step
	}
	g.extendBoosts(v, float64(now.UnixNano())/1e9)
	return g.boosts.factors[:v.most+1], step
}

// extendBoosts computes the factors of documents that have none yet.
func (g *generation) extendBoosts(v *view, now float64) {
	c := g.collection
	for d := uint32(len(g.boosts.factors)); int(d) <= v.most; d++ {
		factor := 1.0
		if c.Boost.Field != "" {
			// The saturation function of N. Craswell et al., Relevance Weighting for
			// Query Independent Evidence, 2005.
			if x, ok := v.columns[c.Boost.Field].Number(d); ok && x > 0 {
				factor *= 1 + c.Boost.Weight*x/(x+c.Boost.Pivot)
			}
		}
		if c.Recency.Field != "" {
			if at, ok := v.columns[c.Recency.Field].Number(d); ok {
				age := max(0, now-at)
				factor *= 1 + c.Recency.Weight*math.Exp2(-age/c.Recency.HalfLife.Seconds())
			}
		}
		g.boosts.factors = append(g.boosts.factors, float32(factor))
	}
}
