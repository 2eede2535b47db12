// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// Bounds of one page of hits.
const (
	defaultLimit = 10
	maxLimit     = 100
	maxWindow    = 10000 // offset and limit together
)

// searchAnswer is the JSON of /v1/search.
type searchAnswer struct {
	Collection string        `json:"collection"`
	Query      string        `json:"query"`
	Hits       []hit         `json:"hits"`
	Total      int           `json:"total"`
	Limit      int           `json:"limit"`
	Offset     int           `json:"offset"`
	Match      catalog.Match `json:"match,omitempty"`
	Truncated  bool          `json:"truncated,omitempty"`
	TookMS     float64       `json:"took_ms"`
}

type hit struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"`
	// Snippets are HTML: escaped text with <mark> around matches.
	Snippets map[string]string `json:"snippets"`
	Fields   map[string]string `json:"fields"`
}

// search answers GET /v1/search?q=…&collection=…&limit=…&offset=….
func (s *Server) search(r *http.Request) (response, error) {
	p, err := s.parameters(r.URL.RawQuery, true)
	if err != nil {
		return nil, err
	}
	answer, took, err := s.find(r.Context(), p.collection.Name, p.request)
	if err != nil {
		return nil, err
	}
	out := searchAnswer{
		Collection: p.collection.Name, Query: strings.ToValidUTF8(p.request.Text, "\uFFFD"), Hits: make([]hit, 0, len(answer.Hits)),
		Total: answer.Total, Limit: p.request.Limit, Offset: p.request.Offset, Match: answer.Match, Truncated: answer.Truncated,
		TookMS: milliseconds(took),
	}
	for _, h := range answer.Hits {
		out.Hits = append(out.Hits, hitOf(p.collection, h))
	}
	return asJSON{out}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func hitOf(c catalog.Collection, h catalog.Hit) hit {
	out := hit{ID: h.Document.ID, Score: h.Score, Snippets: make(map[string]string), Fields: make(map[string]string)}
	for i, f := range c.Fields {
		out.Snippets[f.Name] = string(markup(h.Snippets[i]))
		out.Fields[f.Name] = h.Document.Values[i]
	}
	return out
}

// collectionStatus is the JSON of one of /v1/collections.
type collectionStatus struct {
	Name       string        `json:"name"`
	Fields     []field       `json:"fields"`
	State      catalog.State `json:"state"`
	Documents  int           `json:"documents"`
	Bytes      int64         `json:"bytes"`
	Generation string        `json:"generation,omitempty"`
	Built      *time.Time    `json:"built,omitempty"`
}

type field struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
}

// collections answers GET /v1/collections.
func (s *Server) collections(r *http.Request) (response, error) {
	if r.URL.RawQuery != "" {
		return nil, catalog.Errorf(catalog.CodeInvalid, "this address takes no parameters")
	}
	out := struct {
		Collections []collectionStatus `json:"collections"`
	}{make([]collectionStatus, 0)}
	for _, status := range s.store.Status() {
		c := collectionStatus{
			Name: status.Collection.Name, Fields: make([]field, 0), State: status.State,
			Documents: status.Documents, Bytes: status.Bytes, Generation: status.Generation,
		}
		if !status.Built.IsZero() {
			c.Built = &status.Built
		}
		for _, f := range status.Collection.Fields {
			c.Fields = append(c.Fields, field{f.Name, f.Weight})
		}
		out.Collections = append(out.Collections, c)
	}
	return asJSON{out}, nil
}

// parameters are those of a search.
type parameters struct {
	collection catalog.Collection
	request    catalog.Request
}

var searchParameters = []string{"q", "collection", "limit", "offset"}

// parameters reads a URL's query. What is searched for may be any bytes; the
// rest is checked. needQuery wants q to be there.
func (s *Server) parameters(rawQuery string, needQuery bool) (parameters, error) {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return parameters{}, catalog.Errorf(catalog.CodeInvalid, "the address after '?' cannot be read: percent signs and semicolons must be escaped")
	}
	for name, all := range values {
		if !slices.Contains(searchParameters, name) {
			return parameters{}, catalog.Errorf(catalog.CodeInvalid, "unknown parameter %q; known are %s", name, strings.Join(searchParameters, ", "))
		}
		if len(all) > 1 {
			return parameters{}, catalog.Errorf(catalog.CodeInvalid, "parameter %q is here %d times; one is wanted", name, len(all))
		}
	}
	if needQuery && !values.Has("q") {
		return parameters{}, catalog.Errorf(catalog.CodeInvalid, "parameter q is missing: what to search for")
	}
	p := parameters{request: catalog.Request{Text: values.Get("q")}}
	if p.collection, err = s.choose(values.Get("collection")); err != nil {
		return parameters{}, err
	}
	if p.request.Limit, err = integer(values, "limit", defaultLimit, maxLimit); err != nil {
		return parameters{}, err
	}
	if p.request.Offset, err = integer(values, "offset", 0, maxWindow-p.request.Limit); err != nil {
		return parameters{}, err
	}
	return p, nil
}

// choose finds a collection by name; "" is the first one.
func (s *Server) choose(name string) (catalog.Collection, error) {
	for _, status := range s.store.Status() {
		if name == "" || status.Collection.Name == name {
			return status.Collection, nil
		}
	}
	return catalog.Collection{}, catalog.Errorf(catalog.CodeNotFound, "there is no collection %q; /v1/collections lists them", name)
}

func integer(values url.Values, name string, otherwise, most int) (int, error) {
	text := values.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, catalog.Errorf(catalog.CodeInvalid, "parameter %s is %q; a number from 0 to %d is wanted", name, text, most)
	}
	return n, nil
}
