// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"html"
	"math"
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// searchAnswer is the JSON of a search.
type searchAnswer struct {
	Collection    string           `json:"collection,omitempty"` // absent where several were searched
	Query         string           `json:"query"`
	Hits          []hit            `json:"hits"`
	Total         int              `json:"total"`
	TotalRelation catalog.Relation `json:"total_relation"`
	Limit         int              `json:"limit"`
	Offset        int              `json:"offset"`
	Match         catalog.Match    `json:"match,omitempty"`
	Truncated     bool             `json:"truncated,omitempty"`
	TimedOut      bool             `json:"timed_out,omitempty"`
	DidYouMean    string           `json:"did_you_mean,omitempty"`
	Corrected     string           `json:"corrected_query,omitempty"`
	Facets        map[string]facet `json:"facets,omitempty"`
	Cursor        string           `json:"cursor,omitempty"`
	Generation    string           `json:"generation,omitempty"`
	TookMS        float64          `json:"took_ms"`
}

type hit struct {
	Collection string         `json:"collection"`
	ID         string         `json:"id"`
	Score      float64        `json:"score"`
	Partial    bool           `json:"partial,omitempty"`
	Fields     map[string]any `json:"fields"`
	// Snippets are HTML: escaped text with <mark> around matches.
	Snippets    map[string]string `json:"snippets"`
	Explanation *explanation      `json:"explanation,omitempty"`
}

type facet struct {
	Values []facetValue `json:"values"`
	Other  int          `json:"other"`
}

type facetValue struct {
	Value any `json:"value"`
	Count int `json:"count"`
}

type explanation struct {
	Terms         []termScore `json:"terms"`
	Length        int         `json:"length"`
	AverageLength float64     `json:"average_length"`
	K1            float64     `json:"k1"`
	B             float64     `json:"b"`
	Coverage      float64     `json:"coverage"`
	Popularity    float64     `json:"popularity"`
	Exact         float64     `json:"exact"`
}

type termScore struct {
	Term      string  `json:"term"`
	Count     int     `json:"count"`
	Documents int     `json:"documents"`
	IDF       float64 `json:"idf"`
	Frequency float64 `json:"frequency"`
	Score     float64 `json:"score"`
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// answerOf writes what one collection answered.
func answerOf(c catalog.Collection, r catalog.Request, a catalog.Answer, took time.Duration) searchAnswer {
	out := searchAnswer{
		Collection: c.Name, Query: strings.ToValidUTF8(r.Text, "\uFFFD"), Hits: make([]hit, 0, len(a.Hits)), Total: a.Total,
		TotalRelation: a.Relation, Limit: r.Limit, Offset: r.Offset, Match: a.Match, Truncated: a.Truncated, TimedOut: a.TimedOut,
		Cursor: a.Cursor, Generation: a.Generation, TookMS: milliseconds(took),
	}
	if out.TotalRelation == "" {
		out.TotalRelation = catalog.Exactly
	}
	if a.Corrected {
		out.Corrected = a.Suggestion
	} else {
		out.DidYouMean = a.Suggestion
	}
	for _, h := range a.Hits {
		out.Hits = append(out.Hits, hitOf(c, h))
	}
	for _, f := range a.Facets {
		if out.Facets == nil {
			out.Facets = make(map[string]facet)
		}
		one := facet{Values: make([]facetValue, 0, len(f.Values)), Other: f.Other}
		field := c.Fields[c.Field(f.Field)]
		field.Multiple = false
		for _, v := range f.Values {
			one.Values = append(one.Values, facetValue{jsonValue(field, v.Value), v.Count})
		}
		out.Facets[f.Field] = one
	}
	return out
}

func hitOf(c catalog.Collection, h catalog.Hit) hit {
	out := hit{
		Collection: c.Name, ID: h.Document.ID, Score: h.Score, Partial: h.Partial,
		Fields: fieldsOf(c, h.Document), Snippets: make(map[string]string),
	}
	for i, f := range c.Fields {
		if f.Searched() && !f.Hidden {
			out.Snippets[f.Name] = markup(h.Snippets[i])
		}
	}
	if e := h.Explanation; e != nil {
		out.Explanation = &explanation{
			Terms: make([]termScore, 0, len(e.Terms)), Length: e.Length, AverageLength: e.Average, K1: e.K1, B: e.B,
			Coverage: e.Coverage, Popularity: e.Popularity, Exact: e.Exact,
		}
		for _, t := range e.Terms {
			out.Explanation.Terms = append(out.Explanation.Terms, termScore(t))
		}
	}
	return out
}

// fieldsOf writes a document's fields. Those without a value are left out.
func fieldsOf(c catalog.Collection, d catalog.Document) map[string]any {
	out := make(map[string]any)
	for i, f := range c.Fields {
		if value := jsonValue(f, d.Values[i]); value != nil && !f.Hidden {
			out[f.Name] = value
		}
	}
	return out
}

// jsonValue writes a value: several as a list, and nil for none.
func jsonValue(f catalog.Field, v catalog.Value) any {
	var all []any
	for _, text := range v.Texts {
		all = append(all, text)
	}
	for _, number := range v.Numbers {
		switch f.Kind {
		case catalog.Bool:
			all = append(all, number != 0)
		case catalog.Time:
			all = append(all, timeText(number))
		default:
			all = append(all, number)
		}
	}
	switch {
	case len(all) == 0:
		return nil
	case f.Multiple:
		return all
	}
	return all[0]
}

// timeText writes seconds since 1970 as RFC 3339 in UTC.
func timeText(seconds float64) string {
	whole := math.Floor(seconds)
	nanoseconds := math.Round((seconds-whole)*1e6) * 1000
	return time.Unix(int64(whole), int64(nanoseconds)).UTC().Format(time.RFC3339Nano)
}

// markup writes a snippet as HTML: everything escaped, matches in <mark>.
func markup(s catalog.Snippet) string {
	var b strings.Builder
	for _, segment := range s {
		text := html.EscapeString(segment.Text)
		if segment.Match {
			text = "<mark>" + text + "</mark>"
		}
		b.WriteString(text)
	}
	return b.String()
}
