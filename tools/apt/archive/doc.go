// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package archive reads a Debian archive's own description of itself: the signed
// release file of a suite and its lists of packages. Every list is checked
// against the release, and the release against keys known beforehand.
package archive
