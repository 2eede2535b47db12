// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package cdep_test

import (
	"testing"

	"github.com/lupasearch/lupa/tools/cc/tests/cdep"
)

func TestSum(t *testing.T) {
	for _, test := range []struct {
		numbers []int
		want    int
	}{
		{nil, 0},
		{[]int{1}, 1},
		{[]int{1, -2, 40}, 39},
	} {
		if got := cdep.Sum(test.numbers...); got != test.want {
			t.Errorf("Sum(%v) = %d, want %d", test.numbers, got, test.want)
		}
	}
}
