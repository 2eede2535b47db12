// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
	"github.com/lupasearch/lupa/services/lupa/internal/web/ui"
)

// Bounds of what the page shows.
const (
	pageFacets      = 6  // fields with values to choose
	pageFacetValues = 12 // of each
	pageParts       = 6  // fields of a hit
)

// page answers GET /: the search form, and what was found.
func (s *Server) page(r *http.Request) (response, error) {
	p := newParameters(r.URL.RawQuery)
	name := p.one("collection")
	request := p.search()
	if err := p.done(); err != nil {
		return response{}, err
	}
	c, err := s.choose(name)
	if err != nil {
		return response{}, err
	}
	return s.tagged(r, c.Name, func() (response, error) {
		view, err := s.view(r, c, request)
		if err != nil {
			return response{}, err
		}
		var b bytes.Buffer
		if err := ui.Document(view).Render(r.Context(), &b); err != nil {
			return response{}, err
		}
		return response{kind: "text/html; charset=utf-8", data: b.Bytes(), noTag: view.Problem != "" || view.TimedOut}, nil
	})
}

// view is what the page shows of a search.
func (s *Server) view(r *http.Request, c catalog.Collection, asked searchRequest) (ui.Page, error) {
	l := links{collection: c.Name, asked: asked, first: s.store.Status()[0].Collection.Name}
	view := ui.Page{Title: s.title, Collection: c.Name, Query: strings.ToValidUTF8(asked.Q, "\uFFFD"), Hidden: l.hidden(asked)}
	for _, status := range s.store.Status() {
		name := status.Collection.Name
		view.Collections = append(view.Collections, ui.Option{Value: name, Label: name, Selected: name == c.Name})
	}
	if r.URL.RawQuery == "" || strings.TrimSpace(asked.Q) == "" && len(asked.Filter)+len(asked.Sort) == 0 {
		return view, nil
	}
	view.Asked = true
	request, err := s.request(c, asked)
	if err != nil {
		return view, err
	}
	request.Facets, request.FacetLimit = facetFields(c), pageFacetValues
	answer, took, err := s.find(r.Context(), c.Name, request)
	if code := catalog.CodeOf(err); err != nil && code != catalog.CodeUnavailable && code != catalog.CodeTimeout {
		return view, err
	} else if err != nil {
		// A person is better served by the form with a word of explanation.
		view.Problem = problemOf(err, "").Detail
		return view, nil
	}
	view.Took = strconv.FormatFloat(milliseconds(took), 'f', 1, 64)
	view.Total = strconv.Itoa(answer.Total)
	if answer.Relation == catalog.AtLeast {
		view.Total = "more than " + view.Total
	}
	view.First, view.Last = request.Offset+1, request.Offset+len(answer.Hits)
	view.Any = answer.Match == catalog.MatchAny && answer.Total > 0
	view.Truncated, view.TimedOut = answer.Truncated, answer.TimedOut
	if answer.Corrected {
		view.Corrected, view.CorrectedTo = &ui.Link{}, answer.Suggestion
	} else if answer.Suggestion != "" {
		view.DidYouMean = &ui.Link{Address: l.query(answer.Suggestion), Text: answer.Suggestion}
	}
	view.Sorts = sorts(c, asked)
	for _, h := range answer.Hits {
		view.Hits = append(view.Hits, viewHit(c, h))
	}
	if len(asked.Filter) > 0 {
		view.Clear = l.filters(nil)
	}
	for _, f := range answer.Facets {
		if one := l.facet(c, f, request.Filters); len(one.Values) > 1 || slices.ContainsFunc(one.Values, func(v ui.FacetValue) bool { return v.Chosen }) {
			view.Facets = append(view.Facets, one)
		}
	}
	if request.Offset > 0 {
		view.Previous = l.offset(max(0, request.Offset-request.Limit))
	}
	if view.Last < answer.Total && view.Last+request.Limit <= maxWindow && len(answer.Hits) > 0 {
		view.Next = l.offset(view.Last)
	}
	return view, nil
}

// facetFields are the fields whose values a person can choose from.
func facetFields(c catalog.Collection) []string {
	var names []string
	for _, f := range c.Fields {
		if (f.Kind == catalog.String || f.Kind == catalog.Bool) && !f.Hidden && len(names) < pageFacets {
			names = append(names, f.Name)
		}
	}
	return names
}

// sorts are the orders to choose from.
func sorts(c catalog.Collection, asked searchRequest) []ui.Option {
	chosen := strings.Join(asked.Sort, ",")
	all := []ui.Option{{Value: "", Label: "relevance", Selected: chosen == ""}}
	for _, f := range c.Fields {
		if f.Kind != catalog.Number && f.Kind != catalog.Time || f.Hidden {
			continue
		}
		for _, direction := range []struct{ suffix, label string }{{":desc", " ↓"}, {":asc", " ↑"}} {
			value := f.Name + direction.suffix
			all = append(all, ui.Option{Value: value, Label: f.Name + direction.label, Selected: chosen == value})
		}
	}
	return all
}

// viewHit shows a hit's first searched field as its title.
func viewHit(c catalog.Collection, h catalog.Hit) ui.Hit {
	out := ui.Hit{Address: "/v1/collections/" + url.PathEscape(c.Name) + "/documents/" + url.PathEscape(h.Document.ID), ID: h.Document.ID, Partial: h.Partial}
	titled := false
	for i, f := range c.Fields {
		if f.Hidden {
			continue
		}
		text := h.Snippets[i]
		if !f.Searched() {
			text = plainSnippet(f, h.Document.Values[i])
		}
		switch {
		case f.Searched() && !titled:
			out.Title, titled = text, true
		case len(text) > 0 && len(out.Parts) < pageParts:
			out.Parts = append(out.Parts, ui.Part{Name: f.Name, Snippet: text})
		}
	}
	return out
}

// plainSnippet writes values that are not searched.
func plainSnippet(f catalog.Field, v catalog.Value) catalog.Snippet {
	f.Multiple = true
	all, ok := jsonValue(f, v).([]any)
	if !ok {
		return nil
	}
	texts := make([]string, 0, len(all))
	for _, one := range all {
		// A day has no need of an hour.
		texts = append(texts, strings.TrimSuffix(fmt.Sprint(one), "T00:00:00Z"))
	}
	return catalog.Snippet{{Text: strings.Join(texts, ", ")}}
}

// links makes addresses of searches that differ from the one at hand.
type links struct {
	collection, first string
	asked             searchRequest
}

// values are the parameters of a search, but for the defaults.
func (l links) values(r searchRequest) url.Values {
	v := url.Values{"q": {r.Q}}
	for _, pair := range l.hidden(r) {
		v.Add(pair.Name, pair.Value)
	}
	if l.collection != l.first {
		v.Set("collection", l.collection)
	}
	if len(r.Sort) > 0 {
		v.Set("sort", strings.Join(r.Sort, ","))
	}
	return v
}

// hidden are the parameters that the form has no input for.
func (l links) hidden(r searchRequest) []ui.Pair {
	var all []ui.Pair
	for _, f := range r.Filter {
		all = append(all, ui.Pair{Name: "filter", Value: f})
	}
	if r.Match != "" {
		all = append(all, ui.Pair{Name: "match", Value: r.Match})
	}
	if r.Limit != nil && *r.Limit != defaultLimit {
		all = append(all, ui.Pair{Name: "limit", Value: strconv.Itoa(*r.Limit)})
	}
	return all
}

func address(v url.Values) string { return "/?" + v.Encode() }

func (l links) query(text string) string {
	r := l.asked
	r.Q = text
	return address(l.values(r))
}

func (l links) filters(filters []string) string {
	r := l.asked
	r.Filter = filters
	return address(l.values(r))
}

func (l links) offset(n int) string {
	v := l.values(l.asked)
	if n > 0 {
		v.Set("offset", strconv.Itoa(n))
	}
	return address(v)
}

// facet shows a field's values with the addresses that choose them, or no longer.
func (l links) facet(c catalog.Collection, f catalog.Facet, filters []catalog.Filter) ui.Facet {
	field := c.Fields[c.Field(f.Field)]
	field.Multiple = false
	out := ui.Facet{Name: f.Field, Other: f.Other}
	for _, v := range f.Values {
		label := fmt.Sprint(jsonValue(field, v.Value))
		value, ok := query.Quote(label)
		if !ok {
			continue
		}
		own := f.Field + ":" + value
		chosen := -1
		for i, filter := range filters {
			if filter.Field == f.Field && !filter.Not && len(filter.Tests) == 1 && slices.Equal(v.Value.Texts, textsOf(field, filter.Tests[0])) &&
				(field.Textual() || filter.Tests[0].Low == v.Value.Numbers[0] && filter.Tests[0].High == v.Value.Numbers[0]) {
				chosen = i
			}
		}
		next := slices.DeleteFunc(slices.Clone(l.asked.Filter), func(text string) bool {
			return strings.HasPrefix(text, f.Field+":")
		})
		if chosen < 0 {
			next = append(next, own)
		}
		out.Values = append(out.Values, ui.FacetValue{Label: label, Address: l.filters(next), Count: v.Count, Chosen: chosen >= 0})
	}
	return out
}

func textsOf(f catalog.Field, t catalog.Test) []string {
	if f.Textual() {
		return []string{t.Text}
	}
	return nil
}

// static answers GET /static/…: the page's own files, or those of the folder that
// replaces them.
func (s *Server) static(r *http.Request) (response, error) {
	name := variable(r, "name")
	kind := mime.TypeByExtension(path.Ext(name))
	missing := catalog.Errorf(catalog.CodeNotFound, "there is no file %.80q", name)
	if kind == "" || strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") {
		return response{}, missing
	}
	data, err := ui.Assets.ReadFile("assets/" + name)
	if s.assets != "" {
		own, ownErr := os.ReadFile(filepath.Join(s.assets, name))
		if ownErr == nil {
			data, err = own, nil
		} else if !errors.Is(ownErr, fs.ErrNotExist) {
			return response{}, ownErr
		}
	}
	if err != nil {
		return response{}, missing
	}
	hash := fnv.New64a()
	hash.Write(data) //nolint:errcheck // it cannot fail
	tag := fmt.Sprintf(`"%016x"`, hash.Sum64())
	if matches(r.Header.Get("If-None-Match"), tag) {
		return response{etag: tag, fresh: true}, nil
	}
	return response{kind: kind, data: data, etag: tag}, nil
}
