// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

// SetWornLeast makes generations be renewed from so many numbers beside those they
// were built with.
func (s *Store) SetWornLeast(n int) { s.wornLeast = n }

// WaitRenewed waits until no generation is being renewed or removed.
func (s *Store) WaitRenewed() { s.retired.Wait() }
