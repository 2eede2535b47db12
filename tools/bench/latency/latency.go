// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package latency measures how long one search takes over one connection, beside
// the same query through SQLite's C interface.
package latency

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/lupaengine"
	"github.com/lupasearch/lupa/tools/bench/place"
	"github.com/lupasearch/lupa/tools/bench/report"
)

// Benchmark is the latency benchmark.
var Benchmark = report.Benchmark{
	Name:    "latency",
	Summary: "time of one search over HTTP on WordNet, beside SQLite's C interface",
	Help: `Asks Lupa a fixed list of selective queries over WordNet, one after the other on
one connection, for the best ten with snippets. In turns with that, the same words
go to FTS5 through SQLite's C interface in this process: prepared statements, which
give the best ten by bm25 with texts and snippets, from an index in one segment.
The ratio is that of the medians, Lupa to the faster statement. What HTTP alone
takes is in the line of /livez, which searches for nothing.

Where few documents have all the words, Lupa looks for those with some, too: more
than the statements do. Such queries have lines of their own.`,
	Setup: setup,
}

func setup(fs *flag.FlagSet) report.Run {
	wordnet := place.WordNetFlag(fs)
	e := lupaengine.Flags(fs)
	rounds := fs.Int("rounds", 250, "how `often` each query is asked")
	warmup := fs.Int("warmup", 20, "how `often` each is asked before that")
	return func(ctx context.Context) (*report.Report, error) {
		if *rounds < 1 || *warmup < 0 {
			return nil, errors.New("-rounds is 1 at least, -warmup 0")
		}
		c, err := corpus.WordNet(*wordnet)
		if err != nil {
			return nil, fmt.Errorf("wordnet: %w", err)
		}
		return measure(ctx, *e, c, queries, *warmup, *rounds)
	}
}

// measure takes the collection in, and lets it go before anything is timed.
func measure(ctx context.Context, e lupaengine.Engine, c *corpus.Collection, queries []string, warmup, rounds int) (r *report.Report, err error) {
	server, err := e.Start(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	folder, err := os.MkdirTemp("", "lupa-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file, err := buildPeer(ctx, folder, c)
	if err != nil {
		return nil, fmt.Errorf("build the peer's database: %w", err)
	}
	peers, err := openPeers(file, c)
	if err != nil {
		return nil, err
	}
	defer closePeers(peers)
	connection, err := server.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	m := newMeasurement(connection, peers)
	name, documents := c.Name, len(c.Documents)
	c.Documents = nil // a full heap would cost time at random moments
	runtime.GC()
	if err := m.run(ctx, queries, warmup, rounds); err != nil {
		return nil, err
	}
	r = m.report()
	r.Facts = map[string]string{
		"collection": name, "documents": strconv.Itoa(documents), "queries": strconv.Itoa(len(queries)), "connections": "1",
	}
	return r, nil
}
