// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/lupasearch/lupa/tools/bench/fts5engine"
	"github.com/lupasearch/lupa/tools/bench/lupaengine"
	"github.com/lupasearch/lupa/tools/bench/report"
	"github.com/lupasearch/lupa/tools/bench/timing"
)

// A group is how long the same queries took everywhere.
type group struct {
	queries int
	lupa    timing.Samples
	peers   []timing.Samples
}

// ratio is that of the medians, Lupa's to the fastest peer's.
func (g *group) ratio() float64 {
	best := g.peers[0].Quantile(0.5)
	for i := range g.peers {
		best = min(best, g.peers[i].Quantile(0.5))
	}
	return float64(g.lupa.Quantile(0.5)) / float64(best)
}

// A measurement asks Lupa and the peers in turns.
type measurement struct {
	connection *lupaengine.Connection
	peers      []peer

	all, strict, widened group
	empty                timing.Samples // an address that searches for nothing
}

func newMeasurement(connection *lupaengine.Connection, peers []peer) *measurement {
	m := &measurement{connection: connection, peers: peers}
	for _, g := range []*group{&m.all, &m.strict, &m.widened} {
		g.peers = make([]timing.Samples, len(peers))
	}
	return m
}

func (m *measurement) run(ctx context.Context, queries []string, warmup, rounds int) error {
	groups := make([]*group, len(queries))
	for i, text := range queries {
		g, err := m.groupOf(text)
		if err != nil {
			return err
		}
		g.queries++
		m.all.queries++
		groups[i] = g
	}
	for round := range warmup + rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i, text := range queries {
			var into []*group
			if round >= warmup {
				into = []*group{&m.all, groups[i]}
			}
			if err := m.ask(text, into); err != nil {
				return err
			}
		}
	}
	return nil
}

// groupOf asks once, and tells where a query belongs. All must find something, so
// that what is measured is an answer.
func (m *measurement) groupOf(text string) (*group, error) {
	body, _, err := m.connection.Ask(m.connection.Request(lupaengine.SearchPath(text, 10)))
	if err != nil {
		return nil, err
	}
	var answer struct {
		Hits  []json.RawMessage `json:"hits"`
		Match string            `json:"match"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("lupa, %q: %w", text, err)
	}
	if len(answer.Hits) == 0 {
		return nil, fmt.Errorf("lupa, %q: no hits", text)
	}
	for _, p := range m.peers {
		e, err := p.statement.Execute(fts5engine.Expression(text, "AND"))
		if err != nil {
			return nil, err
		}
		if e.Rows == 0 {
			return nil, fmt.Errorf("%s, %q: no rows", p.name, text)
		}
	}
	if answer.Match == "any" {
		return &m.widened, nil
	}
	return &m.strict, nil
}

// ask asks everyone one query, and adds the times to groups.
func (m *measurement) ask(text string, groups []*group) error {
	_, took, err := m.connection.Ask(m.connection.Request(lupaengine.SearchPath(text, 10)))
	if err != nil {
		return err
	}
	_, empty, err := m.connection.Ask(m.connection.Request("/livez"))
	if err != nil {
		return err
	}
	if groups != nil {
		m.empty.Add(empty)
	}
	for _, g := range groups {
		g.lupa.Add(took)
	}
	expression := fts5engine.Expression(text, "AND")
	for i, p := range m.peers {
		e, err := p.statement.Execute(expression)
		if err != nil {
			return err
		}
		for _, g := range groups {
			g.peers[i].Add(e.Time)
		}
	}
	return nil
}

func (m *measurement) report() *report.Report {
	t := report.Table{Title: "time of one search", Columns: slices.Concat([]report.Column{{Name: "engine"}, {Name: "queries"}}, timing.Columns())}
	ratios := report.Table{
		Title:   "ratio of the medians, lupa to the faster statement",
		Columns: []report.Column{{Name: "queries"}, {Name: "number"}, {Name: "ratio", Digits: 2}},
	}
	for _, part := range []struct {
		name string
		g    *group
	}{{"all", &m.all}, {"all words", &m.strict}, {"widened", &m.widened}} {
		if part.g.queries == 0 {
			continue
		}
		row := func(name string, s *timing.Samples) {
			t.Add(slices.Concat([]any{name, part.name}, s.Row())...)
		}
		row("lupa, search", &part.g.lupa)
		if part.g == &m.all {
			row("lupa, /livez", &m.empty)
		}
		for i, p := range m.peers {
			row(p.name, &part.g.peers[i])
		}
		ratios.Add(part.name, part.g.queries, part.g.ratio())
	}
	return &report.Report{Tables: []report.Table{t, ratios}}
}
