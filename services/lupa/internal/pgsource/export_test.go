// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

// What decides alone, for tests.
var (
	Shows    = shows
	LogEnd   = logEnd
	WaitsFor = waitsFor
)

// SlotName is the name of the source's slot.
func (s *Source) SlotName() string { return s.slotName() }
