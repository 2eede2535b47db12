// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package deb_test

import (
	"testing"

	"github.com/lupasearch/lupa/tools/apt/deb"
)

func TestCompare(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"1.0", "1.0", 0},
		{"1.0", "1.0-0", 0},
		{"0:1.0-1", "1.0-1", 0},
		{"1.0", "1.00", 0},
		{"1.0", "1.0a", -1},
		{"1.9", "1.10", -1},
		{"1.0~rc1", "1.0", -1},
		{"1.0~~", "1.0~", -1},
		{"1.0~~a", "1.0~", -1},
		{"1.0~", "1.0", -1},
		{"1.0", "1.0+deb12u1", -1},
		{"1.0a", "1.0+", -1},
		{"1.0Z", "1.0a", -1},
		{"1:0.1", "2.0", 1},
		{"10:1", "9:1", 1},
		{"1.0-1", "1.0-1.1", -1},
		{"1.0-1~bpo12+1", "1.0-1", -1},
		{"1.0-1", "1.0-1+b1", -1},
		{"1.0-1-1", "1.0-1", 1},
		{"2.36-9+deb12u9", "2.36-9+deb12u14", -1},
		{"20230311+deb12u1", "20250419~deb12u2", -1},
		{"7.2+dfsg-7+deb12u18", "7.2+dfsg-7+deb12u18+b3", -1},
		{"1.0.", "1.0", 1},
		{"1.0-", "1.0-0", 0},
		{"99999999999999999999", "100000000000000000000", -1},
		{"1.001", "1.1", 0},
	}
	for _, tt := range tests {
		t.Run(tt.a+" "+tt.b, func(t *testing.T) {
			if got := sign(deb.Compare(tt.a, tt.b)); got != tt.want {
				t.Errorf("Compare(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
			}
			if got := sign(deb.Compare(tt.b, tt.a)); got != -tt.want {
				t.Errorf("Compare(%q, %q) = %d, want %d", tt.b, tt.a, got, -tt.want)
			}
		})
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func TestCheckVersion(t *testing.T) {
	tests := []struct {
		version string
		want    string
	}{
		{"1:2.36-9+deb12u14~x", ""},
		{"", "empty version"},
		{"x:1", `version "x:1": epoch "x" is not a number`},
		{":1", `version ":1": epoch "" is not a number`},
		{"-1", `version "-1": nothing before the revision`},
		{"a1", `version "a1": does not start with a digit`},
		{"1-", `version "1-": empty revision`},
		{"1 2", `version "1 2": ' ' is not allowed`},
		{"1é", `version "1é": 'é' is not allowed`},
	}
	for _, tt := range tests {
		got := ""
		if err := deb.CheckVersion(tt.version); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("CheckVersion(%q) = %q, want %q", tt.version, got, tt.want)
		}
	}
}
