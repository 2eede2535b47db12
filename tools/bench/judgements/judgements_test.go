// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package judgements_test

import (
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/judgements"
)

// Every judged synset is in the WordNet that the build has.
func TestWordNet(t *testing.T) {
	root, err := runfiles.Rlocation("debian12_wordnet_amd64/root")
	if err != nil {
		t.Fatal(err)
	}
	c, err := corpus.WordNet(root + "/usr/share/wordnet")
	if err != nil {
		t.Fatal(err)
	}
	if c.Queries, err = judgements.WordNet(); err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	kinds := make(map[string]int)
	for _, q := range c.Queries {
		kinds[q.Kind]++
		for id, grade := range q.Relevant {
			if grade != 1 && grade != 2 {
				t.Errorf("query %s: grade %d of %s; README.md explains 1 and 2", q.ID, grade, id)
			}
		}
	}
	for _, kind := range []string{"synonym", "gloss", "question", "misspelling", "inflected", "phrase", "prefix"} {
		if kinds[kind] < 10 {
			t.Errorf("%d queries of kind %s, want 10 at least", kinds[kind], kind)
		}
	}
}
