// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package pins holds the two files that say which Debian packages are used: the
// list that people write (packages.yaml) and the lock that is made from it
// (packages.lock.json), and how one is compared with the other.
package pins
