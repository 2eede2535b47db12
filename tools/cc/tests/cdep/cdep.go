// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package cdep proves that Go can use a C library that is a target of its own,
// which takes the archiver too.
package cdep

// #include "sum.h"
import "C"

// Sum returns the sum of numbers, computed in C.
func Sum(numbers ...int) int {
	if len(numbers) == 0 {
		return 0
	}
	long := make([]C.long, len(numbers))
	for i, number := range numbers {
		long[i] = C.long(number)
	}
	return int(C.sum(&long[0], C.int(len(long))))
}
