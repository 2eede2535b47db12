// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package judgements holds judged queries of our own; README.md says how they were
// judged.
package judgements

import (
	_ "embed"
	"strings"

	"github.com/lupasearch/lupa/tools/bench/corpus"
)

//go:embed wordnet.tsv
var wordNet string

// WordNet gives the judged queries over WordNet 3.0.
func WordNet() ([]corpus.Query, error) { return corpus.ReadQueries(strings.NewReader(wordNet)) }
