// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// searchAll answers GET /v1/search: all collections, or the one that a parameter
// names.
func (s *Server) searchAll(r *http.Request) (response, error) {
	p := newParameters(r.URL.RawQuery)
	name := p.one("collection")
	request := p.search()
	if !p.values.Has("q") {
		p.fail("parameter q is missing: what to search for; an empty one gives all documents")
	}
	if err := p.done(); err != nil {
		return response{}, err
	}
	all := s.store.Status()
	if name != "" || len(all) == 1 {
		request.Collection = name
		return s.searchOne(r, request)
	}
	return s.tagged(r, "", func() (response, error) {
		answer, err := s.federate(r.Context(), all, request)
		if err != nil {
			return response{}, err
		}
		return asJSON(answer).uncached(answer.TimedOut), nil
	})
}

// searchCollection answers GET /v1/collections/{collection}/search.
func (s *Server) searchCollection(r *http.Request) (response, error) {
	p := newParameters(r.URL.RawQuery)
	request := p.search()
	if err := p.done(); err != nil {
		return response{}, err
	}
	request.Collection = variable(r, "collection")
	return s.searchOne(r, request)
}

func (s *Server) searchOne(r *http.Request, request searchRequest) (response, error) {
	c, err := s.choose(request.Collection)
	if err != nil {
		return response{}, err
	}
	return s.tagged(r, c.Name, func() (response, error) {
		answer, err := s.answer(r.Context(), c, request)
		if err != nil {
			return response{}, err
		}
		return asJSON(answer).uncached(answer.TimedOut), nil
	})
}

// answer searches one collection.
func (s *Server) answer(ctx context.Context, c catalog.Collection, r searchRequest) (searchAnswer, error) {
	request, err := s.request(c, r)
	if err != nil {
		return searchAnswer{}, err
	}
	found, took, err := s.find(ctx, c.Name, request)
	if err != nil {
		return searchAnswer{}, err
	}
	return answerOf(c, request, found, took), nil
}

// rankConstant is k of reciprocal rank fusion (G. Cormack et al., Reciprocal Rank
// Fusion Outperforms Condorcet and Individual Rank Learning Methods, 2009).
const rankConstant = 60

// federate searches all collections and merges their hits: scores of different
// collections cannot be compared, so a hit's score is 1/(60+rank) in its own.
func (s *Server) federate(ctx context.Context, all []catalog.Status, r searchRequest) (searchAnswer, error) {
	if r.Cursor != "" || len(r.Filter)+len(r.Sort)+len(r.Facets) > 0 {
		return searchAnswer{}, catalog.Errorf(catalog.CodeInvalid, "filter, sort, facets and cursor are for one collection; name it with the parameter collection")
	}
	started := time.Now()
	request, err := s.request(catalog.Collection{}, r)
	if err != nil {
		return searchAnswer{}, err
	}
	out := answerOf(catalog.Collection{}, request, catalog.Answer{}, 0)
	window := request.Offset + request.Limit
	var match []catalog.Match
	for _, status := range all {
		one := request
		one.Offset, one.Limit = 0, window
		found, _, err := s.find(ctx, status.Collection.Name, one)
		if err != nil {
			return searchAnswer{}, err
		}
		a := answerOf(status.Collection, one, found, 0)
		for rank := range a.Hits {
			a.Hits[rank].Score = 1 / float64(rankConstant+rank+1)
		}
		out.Hits = append(out.Hits, a.Hits...)
		out.Total += a.Total
		out.Truncated = out.Truncated || a.Truncated
		if a.TimedOut {
			out.TimedOut, out.TotalRelation = true, catalog.AtLeast
		}
		out.DidYouMean = cmp.Or(out.DidYouMean, a.DidYouMean)
		match = append(match, a.Match)
	}
	if slices.Contains(match, catalog.MatchAny) {
		out.Match = catalog.MatchAny
	}
	slices.SortStableFunc(out.Hits, func(a, b hit) int { return cmp.Compare(b.Score, a.Score) })
	out.Hits = out.Hits[min(request.Offset, len(out.Hits)):min(window, len(out.Hits))]
	out.TookMS = milliseconds(time.Since(started))
	return out, nil
}

// multiSearch answers POST /v1/multi-search: several searches, each with an answer
// or a problem.
func (s *Server) multiSearch(r *http.Request) (response, error) {
	if err := newParameters(r.URL.RawQuery).done(); err != nil {
		return response{}, err
	}
	var body struct {
		Searches []searchRequest `json:"searches"`
	}
	if err := s.readJSON(r, &body); err != nil {
		return response{}, err
	}
	if n := len(body.Searches); n < 1 || n > MaxSearches {
		return response{}, catalog.Errorf(catalog.CodeInvalid, "there are %d searches; 1 to %d are wanted", n, MaxSearches)
	}
	out := struct {
		Results []any `json:"results"`
	}{make([]any, 0, len(body.Searches))}
	for _, one := range body.Searches {
		c, err := s.choose(one.Collection)
		var answer searchAnswer
		if err == nil {
			answer, err = s.answer(r.Context(), c, one)
		}
		if err == nil {
			out.Results = append(out.Results, answer)
			continue
		}
		p := problemOf(err, requestID(r))
		if p.Status == http.StatusInternalServerError {
			return response{}, err
		}
		out.Results = append(out.Results, p)
	}
	return asJSON(out).uncached(true), nil
}

// readJSON reads a request's body.
func (s *Server) readJSON(r *http.Request, into any) error {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.TrimSpace(kind) != "application/json" {
		return catalog.Errorf(codeMediaType, "the body must be application/json")
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, int64(s.limits.BodyBytes)+1))
	if err != nil {
		return &catalog.Error{Code: catalog.CodeInvalid, Message: "the body cannot be read", Cause: err}
	}
	if len(data) > s.limits.BodyBytes {
		return catalog.Errorf(codeTooLarge, "the body is longer than %d bytes", s.limits.BodyBytes)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(into)
	if err == nil && decoder.More() {
		err = errors.New("more follows the object")
	}
	if err != nil {
		return catalog.Errorf(catalog.CodeInvalid, "the body is not the JSON that is wanted: %v", err)
	}
	return nil
}

// suggest answers GET /v1/collections/{collection}/suggest.
func (s *Server) suggest(r *http.Request) (response, error) {
	p := newParameters(r.URL.RawQuery)
	text, limit := p.one("q"), p.integer("limit")
	if err := p.done(); err != nil {
		return response{}, err
	}
	n, err := between("limit", limit, defaultSuggest, 0, maxSuggest)
	if err != nil {
		return response{}, err
	}
	if len(text) > s.limits.QueryBytes {
		return response{}, catalog.Errorf(catalog.CodeInvalid, "parameter q has %d bytes; at most %d are allowed", len(text), s.limits.QueryBytes)
	}
	c, err := s.choose(variable(r, "collection"))
	if err != nil {
		return response{}, err
	}
	return s.tagged(r, c.Name, func() (response, error) {
		text = strings.ToValidUTF8(text, " ")
		found, err := s.store.Suggest(r.Context(), c.Name, text, n)
		if err != nil {
			return response{}, err
		}
		type suggestion struct {
			Text      string `json:"text"`
			Documents int    `json:"documents"`
		}
		out := struct {
			Query       string       `json:"query"`
			Suggestions []suggestion `json:"suggestions"`
		}{text, make([]suggestion, 0, len(found))}
		for _, one := range found {
			out.Suggestions = append(out.Suggestions, suggestion(one))
		}
		return asJSON(out), nil
	})
}

// document answers GET /v1/collections/{collection}/documents/{id}.
func (s *Server) document(r *http.Request) (response, error) {
	if err := newParameters(r.URL.RawQuery).done(); err != nil {
		return response{}, err
	}
	c, err := s.choose(variable(r, "collection"))
	if err != nil {
		return response{}, err
	}
	return s.tagged(r, c.Name, func() (response, error) {
		d, err := s.store.Document(r.Context(), c.Name, variable(r, "id"))
		if err != nil {
			return response{}, err
		}
		return asJSON(struct {
			Collection string         `json:"collection"`
			ID         string         `json:"id"`
			Fields     map[string]any `json:"fields"`
		}{c.Name, d.ID, fieldsOf(c, d)}), nil
	})
}

// collectionStatus is the JSON of a collection.
type collectionStatus struct {
	Name       string        `json:"name"`
	Fields     []field       `json:"fields"`
	Tokenizer  string        `json:"tokenizer"`
	Language   string        `json:"language,omitempty"`
	State      catalog.State `json:"state"`
	Documents  int           `json:"documents"`
	Bytes      int64         `json:"bytes"`
	Generation string        `json:"generation,omitempty"`
	Built      *time.Time    `json:"built,omitempty"`
	AgeSeconds *float64      `json:"age_seconds,omitempty"`
	Changed    *time.Time    `json:"changed,omitempty"`
	Source     *sourceStatus `json:"source,omitempty"`
}

// sourceStatus is the JSON of how far a collection follows its source.
type sourceStatus struct {
	Mode           string        `json:"mode"`
	Phase          catalog.Phase `json:"phase"`
	Stale          bool          `json:"stale"`
	LagSeconds     *float64      `json:"lag_seconds,omitempty"`
	ChangesWaiting *int64        `json:"changes_waiting,omitempty"`
	ChangesApplied int64         `json:"changes_applied"`
	Loads          int64         `json:"loads"`
	LastSuccess    *time.Time    `json:"last_success,omitempty"`
	Errors         int64         `json:"errors"`
	LastError      string        `json:"last_error,omitempty"`
	LastErrorAt    *time.Time    `json:"last_error_at,omitempty"`
}

// sourceOf is nil where nobody brings the collection up to date.
func (s *Server) sourceOf(collection string) *sourceStatus {
	f := s.freshness(collection)
	if f.Mode == "" {
		return nil
	}
	now := time.Now()
	out := &sourceStatus{
		Mode: f.Mode, Phase: f.Phase, Stale: s.stale(f, now), ChangesApplied: f.Applied, Loads: f.Loads, Errors: f.Errors, LastError: f.Error,
	}
	if lag, known := f.Lag(now); known {
		seconds := lag.Seconds()
		out.LagSeconds = &seconds
	}
	if f.Behind >= 0 {
		out.ChangesWaiting = &f.Behind
	}
	if !f.Success.IsZero() {
		out.LastSuccess = &f.Success
	}
	if !f.Failed.IsZero() {
		out.LastErrorAt = &f.Failed
	}
	return out
}

type field struct {
	Name     string       `json:"name"`
	Type     catalog.Kind `json:"type"`
	Searched bool         `json:"searched"`
	Weight   float64      `json:"weight,omitempty"`
	Multiple bool         `json:"multiple,omitempty"`
}

func (s *Server) statusOf(status catalog.Status) collectionStatus {
	c := collectionStatus{
		Name: status.Collection.Name, Fields: make([]field, 0), Tokenizer: cmp.Or(status.Collection.Tokenizer, "unicode61"),
		Language: status.Collection.Language, State: status.State, Documents: status.Documents, Bytes: status.Bytes, Generation: status.Generation,
	}
	if !status.Built.IsZero() {
		age := time.Since(status.Built).Seconds()
		c.Built, c.AgeSeconds, c.Changed = &status.Built, &age, &status.Changed
	}
	c.Source = s.sourceOf(status.Collection.Name)
	for _, f := range status.Collection.Fields {
		if !f.Hidden {
			c.Fields = append(c.Fields, field{f.Name, f.Kind, f.Searched(), f.Weight, f.Multiple})
		}
	}
	return c
}

// collections answers GET /v1/collections.
func (s *Server) collections(r *http.Request) (response, error) {
	if err := newParameters(r.URL.RawQuery).done(); err != nil {
		return response{}, err
	}
	out := struct {
		Collections []collectionStatus `json:"collections"`
	}{make([]collectionStatus, 0)}
	for _, status := range s.store.Status() {
		out.Collections = append(out.Collections, s.statusOf(status))
	}
	return asJSON(out).uncached(true), nil
}

// collection answers GET /v1/collections/{collection}.
func (s *Server) collection(r *http.Request) (response, error) {
	if err := newParameters(r.URL.RawQuery).done(); err != nil {
		return response{}, err
	}
	name := variable(r, "collection")
	for _, status := range s.store.Status() {
		if status.Collection.Name == name {
			return asJSON(s.statusOf(status)).uncached(true), nil
		}
	}
	return response{}, noCollection(name)
}

// choose finds a collection by name; "" is the first one.
func (s *Server) choose(name string) (catalog.Collection, error) {
	for _, status := range s.store.Status() {
		if name == "" || status.Collection.Name == name {
			return status.Collection, nil
		}
	}
	return catalog.Collection{}, noCollection(name)
}

func noCollection(name string) error {
	return catalog.Errorf(catalog.CodeNotFound, "there is no collection %.80q; /v1/collections lists them", name)
}

// find runs one search within its time, when its turn has come.
func (s *Server) find(ctx context.Context, collection string, r catalog.Request) (catalog.Answer, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, s.limits.QueryTime)
	defer cancel()
	leave, err := s.enter(ctx)
	if err != nil {
		return catalog.Answer{}, 0, err
	}
	defer leave()
	started := time.Now()
	answer, err := s.store.Search(ctx, collection, r)
	took := time.Since(started)
	s.metrics.searched(collection, took, answer.TimedOut)
	if s.limits.SlowQuery > 0 && took >= s.limits.SlowQuery {
		s.log.Warn("slow search", "collection", collection, "ms", milliseconds(took), "total", answer.Total, "bytes", len(r.Text),
			"filters", len(r.Filters), "facets", len(r.Facets), "timed_out", answer.TimedOut)
	}
	return answer, took, err
}

// enter waits for a free place among the searches, within ctx.
func (s *Server) enter(ctx context.Context) (leave func(), err error) {
	select {
	case s.places <- struct{}{}:
		return func() { <-s.places }, nil
	default:
	}
	select {
	case s.places <- struct{}{}:
		return func() { <-s.places }, nil
	case <-ctx.Done():
		s.metrics.rejected.Inc()
		return nil, &catalog.Error{
			Code: catalog.CodeUnavailable, Message: fmt.Sprintf("%d searches are under way, which is the limit; try again", cap(s.places)),
		}
	}
}
