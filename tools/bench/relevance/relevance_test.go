// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package relevance_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/engine"
	"github.com/lupasearch/lupa/tools/bench/metric"
	"github.com/lupasearch/lupa/tools/bench/relevance"
	"github.com/lupasearch/lupa/tools/bench/report"
)

// A fake engine has its answers by query, or is missing.
type fake struct {
	name    string
	answers map[string][]string
	err     error
	closed  *int
}

func (f fake) Name() string { return f.name }

func (f fake) Open(context.Context, *corpus.Collection) (engine.Index, error) {
	if f.answers == nil {
		return nil, f.err
	}
	return f, nil
}

func (f fake) Searchers() []engine.Searcher { return []engine.Searcher{f} }

func (f fake) Close() error { *f.closed++; return nil }

func (f fake) Search(_ context.Context, text string, k int) ([]string, error) {
	if k != 100 {
		return nil, fmt.Errorf("asked for %d documents, want 100", k)
	}
	return f.answers[text], f.err
}

func collection() *corpus.Collection {
	return &corpus.Collection{
		Name: "c", Documents: make([]corpus.Document, 3),
		Queries: []corpus.Query{
			{ID: "1", Kind: "x", Text: "one", Relevant: metric.Judgements{"a": 1}},
			{ID: "2", Kind: "y", Text: "two", Relevant: metric.Judgements{"b": 1, "c": 1}},
		},
	}
}

func TestCompare(t *testing.T) {
	closed := 0
	missing := fmt.Errorf("%w: no address given", engine.ErrMissing)
	engines := []engine.Engine{
		fake{name: "lupa", answers: map[string][]string{"one": {"a"}}, closed: &closed},
		fake{name: "gone", err: missing},
		fake{name: "best", answers: map[string][]string{"one": {"a"}, "two": {"b", "c"}}, closed: &closed},
	}
	var r report.Report
	if err := relevance.Compare(context.Background(), collection(), engines, true, &r); err != nil {
		t.Fatal(err)
	}
	want := [][]any{
		{"best", 1.0, 1.0, 1.0, 2, 0.5, 1.0},
		{"lupa", 0.5, 0.5, 0.5, 1, nil, nil},
		{"gone: missing: no address given", nil, nil, nil, nil, nil, nil},
	}
	if diff := cmp.Diff(want, r.Tables[0].Rows); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	want = [][]any{{"best", 1.0, 1.0}, {"lupa", 1.0, 0.0}}
	if diff := cmp.Diff(want, r.Tables[1].Rows); diff != "" {
		t.Errorf("by kind (-want +got):\n%s", diff)
	}
	want = [][]any{{"2", "two", 0.0, 1.0}, {"1", "one", 1.0, 1.0}}
	if diff := cmp.Diff(want, r.Tables[2].Rows); diff != "" {
		t.Errorf("by query (-want +got):\n%s", diff)
	}
	if closed != 2 {
		t.Errorf("%d indexes closed, want 2", closed)
	}
}

// Without Lupa the others are still measured, and compared with nothing.
func TestCompareWithoutReference(t *testing.T) {
	closed := 0
	engines := []engine.Engine{
		fake{name: "lupa", err: engine.ErrMissing},
		fake{name: "peer", answers: map[string][]string{"one": {"a"}}, closed: &closed},
	}
	var r report.Report
	if err := relevance.Compare(context.Background(), collection(), engines, false, &r); err != nil {
		t.Fatal(err)
	}
	want := [][]any{{"peer", 0.5, 0.5, 0.5, 1, nil, nil}, {"lupa: missing", nil, nil, nil, nil, nil, nil}}
	if diff := cmp.Diff(want, r.Tables[0].Rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCompareError(t *testing.T) {
	closed := 0
	broken := fake{name: "lupa", answers: map[string][]string{}, err: errors.New("broken"), closed: &closed}
	var r report.Report
	err := relevance.Compare(context.Background(), collection(), []engine.Engine{broken}, false, &r)
	if err == nil || !strings.Contains(err.Error(), `c: lupa: query 1 "one": broken`) || closed != 1 {
		t.Errorf("error %v, closed %d times; want one with the query, and once", err, closed)
	}
}
