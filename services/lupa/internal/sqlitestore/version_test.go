// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore_test

import (
	"fmt"
	"testing"
)

// atLeast compares SQLite versions.
func atLeast(version string, major, minor, patch int) bool {
	var a, b, c int
	if n, err := fmt.Sscanf(version, "%d.%d.%d", &a, &b, &c); n != 3 || err != nil {
		return false
	}
	if a != major {
		return a > major
	}
	if b != minor {
		return b > minor
	}
	return c >= patch
}

func TestAtLeast(t *testing.T) {
	for version, want := range map[string]bool{"3.53.2": true, "3.53.1": false, "3.54.0": true, "4.0.0": true, "3.9.9": false, "x": false} {
		if got := atLeast(version, 3, 53, 2); got != want {
			t.Errorf("atLeast(%s) = %v, want %v", version, got, want)
		}
	}
}
