// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package fts5engine_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/fts5engine"
)

func TestExpression(t *testing.T) {
	for text, want := range map[string]string{
		"small animal":          `"small" OR "animal"`,
		`what's "up" -NOT a*b?`: `"what" OR "s" OR "up" OR "NOT" OR "a" OR "b"`,
		"the cat the":           `"the" OR "cat" OR "the"`,
		"  ?! ":                 "",
	} {
		if got := fts5engine.Expression(text, "OR"); got != want {
			t.Errorf("Expression(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestSearch(t *testing.T) {
	c := &corpus.Collection{
		Name: "c", Fields: []corpus.Field{{Name: "title", Weight: 5}, {Name: "body", Weight: 1}},
		Documents: []corpus.Document{
			{ID: "body", Values: []string{"other", "dogs bark"}},
			{ID: "title", Values: []string{"dogs", "other bark"}},
			{ID: "cat", Values: []string{"cat", "purrs"}},
			{ID: "rest", Values: []string{"nothing", "else"}},
			{ID: "more", Values: []string{"no", "word"}},
		},
	}
	ix, err := fts5engine.Engine{}.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	got := make(map[string][]string)
	for _, s := range ix.Searchers() {
		for _, text := range []string{"dogs", "dog cat", "?", "dogs bark"} {
			ids, err := s.Search(context.Background(), text, 2)
			if err != nil {
				t.Fatalf("%s %q: %v", s.Name(), text, err)
			}
			got[s.Name()+": "+text] = ids
		}
	}
	want := map[string][]string{
		"fts5 unicode61 AND: dogs": {"title", "body"}, "fts5 unicode61 AND: dog cat": nil,
		"fts5 unicode61 OR: dogs": {"title", "body"}, "fts5 unicode61 OR: dog cat": {"cat"},
		"fts5 porter AND: dogs": {"title", "body"}, "fts5 porter AND: dog cat": nil,
		"fts5 porter OR: dogs": {"title", "body"}, "fts5 porter OR: dog cat": {"cat", "title"},
		"fts5 unicode61 AND: dogs bark": {"title", "body"}, "fts5 unicode61 OR: dogs bark": {"title", "body"},
		"fts5 porter AND: dogs bark": {"title", "body"}, "fts5 porter OR: dogs bark": {"title", "body"},
		"fts5 unicode61 AND, then OR: dogs": {"title", "body"}, "fts5 unicode61 AND, then OR: dog cat": {"cat"},
		"fts5 porter AND, then OR: dogs": {"title", "body"}, "fts5 porter AND, then OR: dog cat": {"cat", "title"},
		"fts5 unicode61 AND, then OR: dogs bark": {"title", "body"}, "fts5 porter AND, then OR: dogs bark": {"title", "body"},
		"fts5 unicode61 AND, then OR: ?": nil, "fts5 porter AND, then OR: ?": nil,
		"fts5 unicode61 AND: ?": nil, "fts5 unicode61 OR: ?": nil, "fts5 porter AND: ?": nil, "fts5 porter OR: ?": nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hits (-want +got):\n%s", diff)
	}
}
