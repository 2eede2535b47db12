// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package suggest measures how long it takes to complete what someone is typing,
// in a large collection.
package suggest

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"strconv"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/lupaengine"
	"github.com/lupasearch/lupa/tools/bench/place"
	"github.com/lupasearch/lupa/tools/bench/report"
	"github.com/lupasearch/lupa/tools/bench/timing"
)

// Benchmark is the benchmark of suggestions.
var Benchmark = report.Benchmark{
	Name:    "suggest",
	Summary: "time of a suggestion on each keystroke, on Debian's list of 1.65 million files",
	Help: `Types words of the collection letter by letter, over one connection, and asks Lupa
to complete them after each letter. Every text is asked as often as -rounds says;
the first time has a line of its own.

` + place.ContentsHelp,
	Setup: setup,
}

func setup(fs *flag.FlagSet) report.Run {
	contents := place.ContentsFlag(fs)
	e := lupaengine.Flags(fs)
	words := fs.Int("words", 300, "`how many` words are typed")
	rounds := fs.Int("rounds", 10, "how `often` each text is asked")
	return func(ctx context.Context) (*report.Report, error) {
		if *words < 1 || *rounds < 2 {
			return nil, errors.New("-words is 1 at least, -rounds 2")
		}
		file, err := place.Contents(ctx, *contents)
		if err != nil {
			return nil, err
		}
		c, err := corpus.Contents(file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("contents: %w", err)
		}
		typed := Keystrokes(c, *words)
		if len(typed) == 0 {
			return nil, errors.New("contents: there are no words in it")
		}
		return start(ctx, *e, c, typed, *rounds)
	}
}

// start takes the collection in, and lets it go before anything is timed.
func start(ctx context.Context, e lupaengine.Engine, c *corpus.Collection, typed []string, rounds int) (r *report.Report, err error) {
	server, err := e.Start(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	documents := len(c.Documents)
	c.Documents = nil // a full heap would cost time at random moments
	runtime.GC()
	if r, err = Measure(ctx, server, c.Name, typed, rounds); err != nil {
		return nil, err
	}
	r.Facts["documents"] = strconv.Itoa(documents)
	return r, nil
}

// Measure asks a server to complete each text, again and again.
func Measure(ctx context.Context, server *lupaengine.Server, collection string, typed []string, rounds int) (*report.Report, error) {
	connection, err := server.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	var first, again timing.Samples
	completed := 0
	for round := range rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, text := range typed {
			body, took, err := connection.Ask(connection.Request(lupaengine.SuggestPath(collection, text)))
			if err != nil {
				return nil, err
			}
			if round > 0 {
				again.Add(took)
				continue
			}
			first.Add(took)
			n, err := count(body)
			if err != nil {
				return nil, fmt.Errorf("suggestions for %q: %w", text, err)
			}
			if n > 0 {
				completed++
			}
		}
	}
	if completed == 0 {
		return nil, fmt.Errorf("none of %d texts was completed", len(typed))
	}
	t := report.Table{Title: "time of one suggestion", Columns: append([]report.Column{{Name: "asked"}}, timing.Columns()...)}
	t.Add(append([]any{"the first time"}, first.Row()...)...)
	t.Add(append([]any{"again"}, again.Row()...)...)
	return &report.Report{
		Tables: []report.Table{t},
		Facts: map[string]string{
			"collection": collection, "connections": "1", "texts": strconv.Itoa(len(typed)),
			"texts completed": strconv.Itoa(completed),
		},
	}, nil
}

// count tells how many suggestions an answer has.
func count(body []byte) (int, error) {
	var answer struct {
		Suggestions []struct {
			Text string `json:"text"`
		} `json:"suggestions"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return 0, err
	}
	for _, s := range answer.Suggestions {
		if s.Text == "" {
			return 0, errors.New("one without a text")
		}
	}
	return len(answer.Suggestions), nil
}
