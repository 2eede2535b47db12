// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package mirror knows where copies of Debian's archives are and fetches files
// from them. No mirror is written down here: they come from a variable, from
// the machine's own apt configuration, or, last, from snapshot.debian.org.
package mirror
