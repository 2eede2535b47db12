// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package deb

import (
	"fmt"
	"strings"
)

// Compare orders two Debian versions the way dpkg does: by epoch, then by
// upstream version, then by revision. It returns a negative number if a is older
// than b, zero if they are equal, and a positive number if a is newer. A missing
// epoch counts as 0 and a missing revision as "0". Compare accepts any text;
// use CheckVersion where the text comes from people.
func Compare(a, b string) int {
	ea, ua, ra := splitVersion(a)
	eb, ub, rb := splitVersion(b)
	if c := compareDigits(ea, eb); c != 0 {
		return c
	}
	if c := comparePart(ua, ub); c != 0 {
		return c
	}
	return comparePart(ra, rb)
}

// CheckVersion says what is wrong with v as a Debian version, or returns nil.
func CheckVersion(v string) error {
	epoch, upstream, revision := splitVersion(v)
	switch {
	case v == "":
		return fmt.Errorf("empty version")
	case strings.Contains(v, ":") && (epoch == "" || strings.Trim(epoch, "0123456789") != ""):
		return fmt.Errorf("version %q: epoch %q is not a number", v, epoch)
	case upstream == "":
		return fmt.Errorf("version %q: nothing before the revision", v)
	case upstream[0] < '0' || upstream[0] > '9':
		return fmt.Errorf("version %q: does not start with a digit", v)
	case strings.Contains(v, "-") && revision == "":
		return fmt.Errorf("version %q: empty revision", v)
	}
	for _, c := range upstream + revision {
		if !strings.ContainsRune(".+-:~", c) && !isDigit(byte(c)) && !isLetter(byte(c)) || c > 127 {
			return fmt.Errorf("version %q: %q is not allowed", v, c)
		}
	}
	return nil
}

// splitVersion cuts [epoch:]upstream[-revision].
func splitVersion(v string) (epoch, upstream, revision string) {
	if i := strings.IndexByte(v, ':'); i >= 0 {
		epoch, v = v[:i], v[i+1:]
	}
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return epoch, v[:i], v[i+1:]
	}
	return epoch, v, ""
}

// comparePart compares an upstream version or a revision: alternately a run of
// non-digits by weight and a run of digits by value.
func comparePart(a, b string) int {
	for a != "" || b != "" {
		for a != "" && !isDigit(a[0]) || b != "" && !isDigit(b[0]) {
			if d := weight(a) - weight(b); d != 0 {
				return d
			}
			a, b = rest(a), rest(b)
		}
		da, db := digits(a), digits(b)
		if c := compareDigits(a[:da], b[:db]); c != 0 {
			return c
		}
		a, b = a[da:], b[db:]
	}
	return 0
}

// weight is the rank of the first character of s among non-digits: a tilde sorts
// before the end of the text, the end before letters, letters before the rest.
func weight(s string) int {
	switch {
	case s == "" || isDigit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case isLetter(s[0]):
		return int(s[0])
	}
	return int(s[0]) + 256
}

// rest drops the first character, but never reads into a number.
func rest(s string) string {
	if s == "" || isDigit(s[0]) {
		return s
	}
	return s[1:]
}

// compareDigits compares two decimal numbers of any length; "" is 0.
func compareDigits(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if d := len(a) - len(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
