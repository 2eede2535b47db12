// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package config

// Descriptions counts the keys that have one.
func Descriptions() int { return len(descriptions) }
