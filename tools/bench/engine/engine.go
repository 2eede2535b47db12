// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package engine says what a search engine is to a benchmark. The engines
// themselves are packages beside it.
package engine

import (
	"context"
	"errors"

	"github.com/lupasearch/lupa/tools/bench/corpus"
)

// ErrMissing says that an engine is not there to be measured: its program or
// server was not named. Reports say so, too.
var ErrMissing = errors.New("missing")

// A Searcher is one way of asking an engine. It is used by one goroutine.
type Searcher interface {
	// Name tells it from others in a report.
	Name() string
	// Search lists the ids of the best k documents at most, best first. The text
	// is what a person typed. Finding nothing is no error.
	Search(ctx context.Context, text string, k int) ([]string, error)
}

// An Index is a collection taken in by an engine, and the ways to ask it. The
// caller closes it.
type Index interface {
	Searchers() []Searcher
	Close() error
}

// An Engine can take a collection in.
type Engine interface {
	// Name tells it from others where it is missing.
	Name() string
	// Open makes an index; the error is ErrMissing where there is no engine.
	Open(ctx context.Context, c *corpus.Collection) (Index, error)
}
