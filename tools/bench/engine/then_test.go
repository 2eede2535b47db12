// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/bench/engine"
)

// A list is a searcher that finds the same for each text.
type list struct {
	ids []string
	err error
}

func (list) Name() string { return "list" }

func (l list) Search(_ context.Context, _ string, k int) ([]string, error) {
	return l.ids[:min(k, len(l.ids))], l.err
}

func TestThen(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name        string
		first, rest list
		k           int
		want        []string
		err         error
	}{
		{"below", list{ids: []string{"a", "b"}}, list{ids: []string{"c", "a", "d"}}, 10, []string{"a", "b", "c", "d"}, nil},
		{"enough", list{ids: []string{"a", "b"}}, list{err: broken}, 2, []string{"a", "b"}, nil},
		{"cut", list{ids: []string{"a"}}, list{ids: []string{"a", "b", "c"}}, 2, []string{"a", "b"}, nil},
		{"nothing first", list{}, list{ids: []string{"c"}}, 10, []string{"c"}, nil},
		{"first broken", list{err: broken}, list{ids: []string{"c"}}, 10, nil, broken},
		{"second broken", list{ids: []string{"a"}}, list{err: broken}, 10, nil, broken},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := engine.Then("both", test.first, test.rest)
			got, err := s.Search(context.Background(), "text", test.k)
			if diff := cmp.Diff(test.want, got); diff != "" || !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v; (-want +got):\n%s", err, test.err, diff)
			}
			if s.Name() != "both" {
				t.Errorf("Name = %q", s.Name())
			}
		})
	}
}
