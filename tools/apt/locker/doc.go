// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package locker makes a lock from a list: it fetches the suites, verifies them,
// resolves the groups, and writes down which package files were meant.
package locker
