// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgengine

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/engine"
)

func TestSQL(t *testing.T) {
	for want, v := range map[string]variant{
		"SELECT key FROM doc, (SELECT websearch_to_tsquery('english', $1) AS q) AS asked WHERE english @@ q ORDER BY ts_rank(W, english, q, 0) DESC, number LIMIT $2": {
			"english", "ts_rank", 0, false,
		},
		"SELECT key FROM doc, (SELECT replace(plainto_tsquery('simple', $1)::text, ' & ', ' | ')::tsquery AS q) AS asked WHERE simple @@ q ORDER BY ts_rank_cd(W, simple, q, 1) DESC, number LIMIT $2": {
			"simple", "ts_rank_cd", 1, true,
		},
	} {
		if got := v.sql("W"); got != want {
			t.Errorf("%+v:\n%s, want\n%s", v, got, want)
		}
	}
}

// The heaviest field is A, the last in PostgreSQL's list, and has the weight 1.
func TestWeights(t *testing.T) {
	c := &corpus.Collection{Fields: []corpus.Field{{Name: "gloss", Weight: 1}, {Name: "words", Weight: 4}, {Name: "pos", Weight: 0.5}}}
	if got, want := weightsSQL(c), "'{0, 0.125, 0.25, 1}'::float4[]"; got != want {
		t.Errorf("weights %s, want %s", got, want)
	}
}

func TestMissing(t *testing.T) {
	_, err := Engine{}.Open(context.Background(), &corpus.Collection{})
	if !errors.Is(err, engine.ErrMissing) {
		t.Errorf("without an address: %v, want ErrMissing", err)
	}
	_, err = Engine{DSN: "host=127.0.0.1 port=1 password=secret connect_timeout=5"}.Open(context.Background(), &corpus.Collection{})
	if err == nil || errors.Is(err, engine.ErrMissing) || strings.Contains(err.Error(), "secret") {
		t.Errorf("server that is down: %v, want an error that is not ErrMissing and without the password", err)
	}
}
