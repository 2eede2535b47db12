// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"slices"
)

// Then asks one searcher and, where it finds fewer than wanted, another, whose
// documents come below: what a careful caller makes of an engine that finds either
// too little or too much.
func Then(name string, first, rest Searcher) Searcher { return &then{name, first, rest} }

type then struct {
	name        string
	first, rest Searcher
}

func (t *then) Name() string { return t.name }

func (t *then) Search(ctx context.Context, text string, k int) ([]string, error) {
	ids, err := t.first.Search(ctx, text, k)
	if err != nil || len(ids) >= k {
		return ids, err
	}
	more, err := t.rest.Search(ctx, text, k)
	if err != nil {
		return nil, err
	}
	found := slices.Clone(ids)
	for _, id := range more {
		if len(ids) < k && !slices.Contains(found, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
