// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package resolve picks the packages that a list of packages needs. It decides
// only: it reads lists that package archive has read, and does no I/O.
package resolve
