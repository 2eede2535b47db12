// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"flag"
)

// A Benchmark is something that can be measured.
type Benchmark struct {
	Name    string // one word
	Summary string // one line
	Help    string // what it measures and what it needs
	// Setup declares its flags and returns what runs it once they are read.
	Setup func(*flag.FlagSet) Run
}

// A Run measures. The caller fills in the report's name.
type Run func(context.Context) (*Report, error)
