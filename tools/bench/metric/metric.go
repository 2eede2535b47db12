// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package metric says how good a ranking is against judgements, and how sure one
// can be that one engine is better than another. All functions are pure.
package metric

import (
	"math"
	"slices"
)

// Judgements are the grades of one query's documents by id: 0 or absent is not
// relevant, a higher grade is more relevant. The zero value judges nothing
// relevant.
type Judgements map[string]int

// Relevant counts the documents that are relevant at all.
func (j Judgements) Relevant() int {
	n := 0
	for _, grade := range j {
		if grade > 0 {
			n++
		}
	}
	return n
}

// NDCG is the normalised discounted cumulated gain of a ranking's first k
// documents, from 0 to 1:
//
//	DCG  = Σ grade(i) / log2(1 + i)   over the ranks i = 1…k
//	NDCG = DCG / (DCG of the best possible ranking)
//
// The measure is that of K. Järvelin and J. Kekäläinen, Cumulated gain-based
// evaluation of IR techniques, ACM TOIS 20(4), 2002, pages 422–446, with the gain
// equal to the grade and the discount that is usual today (ndcg_cut of
// trec_eval): theirs, with base 2, leaves rank 2 undiscounted, too. A document
// that comes twice counts at its first rank only. Without relevant documents it
// is 0.
func NDCG(ranking []string, j Judgements, k int) float64 {
	var grades []int
	for _, grade := range j {
		if grade > 0 {
			grades = append(grades, grade)
		}
	}
	slices.SortFunc(grades, func(a, b int) int { return b - a })
	best := gain(grades, k)
	if best == 0 {
		return 0
	}
	return gain(gradesOf(ranking, j), k) / best
}

// gain is the discounted cumulated gain of the first k grades.
func gain(grades []int, k int) float64 {
	sum := 0.0
	for i, grade := range grades[:min(k, len(grades))] {
		sum += float64(grade) / math.Log2(float64(i)+2)
	}
	return sum
}

// Recall is the share of the relevant documents that are among the first k, from
// 0 to 1; without relevant documents it is 0.
func Recall(ranking []string, j Judgements, k int) float64 {
	relevant := j.Relevant()
	if relevant == 0 {
		return 0
	}
	found := 0
	grades := gradesOf(ranking, j)
	for _, grade := range grades[:min(k, len(grades))] {
		if grade > 0 {
			found++
		}
	}
	return float64(found) / float64(relevant)
}

// ReciprocalRank is 1 divided by the rank of the first relevant document, 0 where
// none was found. Its mean over queries is the MRR: E. M. Voorhees, The TREC-8
// question answering track report, 1999.
func ReciprocalRank(ranking []string, j Judgements) float64 {
	for i, grade := range gradesOf(ranking, j) {
		if grade > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// gradesOf gives the grade at each rank. Repeated documents keep their rank and
// have no grade.
func gradesOf(ranking []string, j Judgements) []int {
	seen := make(map[string]bool, len(ranking))
	grades := make([]int, len(ranking))
	for i, id := range ranking {
		if !seen[id] {
			grades[i] = max(j[id], 0)
		}
		seen[id] = true
	}
	return grades
}

// Mean is the arithmetic mean, 0 of nothing.
func Mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
