// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package metric

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
)

// exactPairs is up to how many differing pairs all exchanges are counted.
const exactPairs = 16

// PValue is the two-sided p of Fisher's paired randomisation test on the
// difference of means: the share of all exchanges of a[i] and b[i] which give a
// difference at least as large as the one observed. Were both engines equally
// good, a p this small would come up with that probability. See M. D. Smucker,
// J. Allan and B. Carterette, A comparison of statistical significance tests for
// information retrieval evaluation, CIKM 2007.
//
// With few pairs that differ the share is exact; else it is estimated from rounds
// random exchanges, counting the observed one among them, so that p is never 0.
// The same arguments give the same p. It panics where a and b differ in length.
func PValue(a, b []float64, rounds int, seed uint64) float64 {
	if len(a) != len(b) {
		panic(fmt.Sprintf("metric: %d values are paired with %d", len(a), len(b)))
	}
	var differences []float64
	observed := 0.0
	for i := range a {
		if d := a[i] - b[i]; d != 0 {
			differences = append(differences, d)
			observed += d
		}
	}
	// Sums of the same numbers in another order differ in the last bits.
	least := math.Abs(observed) - 1e-9
	n := len(differences)
	if n <= exactPairs {
		return share(1<<n, func(round int) bool {
			return math.Abs(signed(differences, uint64(round))) >= least
		})
	}
	random := rand.New(rand.NewPCG(seed, 0))
	extreme := share(rounds, func(int) bool {
		sum := 0.0
		for at := 0; at < n; at += 64 {
			sum += signed(differences[at:min(at+64, n)], random.Uint64())
		}
		return math.Abs(sum) >= least
	})
	return (extreme*float64(rounds) + 1) / float64(rounds+1)
}

func share(rounds int, holds func(round int) bool) float64 {
	n := 0
	for round := range rounds {
		if holds(round) {
			n++
		}
	}
	return float64(n) / float64(rounds)
}

// signed sums the differences, those negated whose bit is set.
func signed(differences []float64, exchanged uint64) float64 {
	sum := 0.0
	for _, d := range differences {
		sum += d
	}
	for ; exchanged != 0; exchanged &= exchanged - 1 {
		if i := bits.TrailingZeros64(exchanged); i < len(differences) {
			sum -= 2 * differences[i]
		}
	}
	return sum
}
