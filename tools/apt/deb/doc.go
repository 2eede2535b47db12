// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package deb reads Debian binary packages: the .deb container, its control and
// data archives, control paragraphs, and version numbers. It writes nothing and
// needs no tool of the machine. Nothing in it is safe for concurrent use on the
// same value, and no value is shared between calls.
package deb
