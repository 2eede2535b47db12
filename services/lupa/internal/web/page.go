// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"embed"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

//go:embed assets
var assets embed.FS

// pageData is what the page shows.
type pageData struct {
	Collections []string
	Collection  string
	Query       string
	Asked       bool
	Problem     string
	Hits        []pageHit
	Total       int
	First, Last int
	Any         bool
	Truncated   bool
	TookMS      float64
	Previous    string // address of the page before, "" where there is none
	Next        string
}

type pageHit struct {
	Title safeHTML
	Parts []pagePart
}

type pagePart struct {
	Name string
	Text safeHTML
}

type htmlPage struct{ data pageData }

func (htmlPage) contentType() string { return "text/html; charset=utf-8" }

func (h htmlPage) body() ([]byte, error) { return render(h.data), nil }

// page answers GET /: the search form, and what was found.
func (s *Server) page(r *http.Request) (response, error) {
	p, err := s.parameters(r.URL.RawQuery, false)
	if err != nil {
		return nil, err
	}
	data := pageData{Collection: p.collection.Name, Query: p.request.Text, Asked: strings.TrimSpace(p.request.Text) != ""}
	for _, status := range s.store.Status() {
		data.Collections = append(data.Collections, status.Collection.Name)
	}
	if !data.Asked {
		return htmlPage{data}, nil
	}
	answer, took, err := s.find(r.Context(), p.collection.Name, p.request)
	if code := catalog.CodeOf(err); err != nil && code != catalog.CodeUnavailable && code != catalog.CodeTimeout {
		return nil, err
	} else if err != nil {
		// A person is better served by the form with a word of explanation.
		data.Problem = problemOf(err, "").Detail
		return htmlPage{data}, nil
	}
	data.Total, data.Truncated = answer.Total, answer.Truncated
	data.Any = answer.Match == catalog.MatchAny && answer.Total > 0
	data.TookMS = milliseconds(took)
	data.First, data.Last = p.request.Offset+1, p.request.Offset+len(answer.Hits)
	for _, h := range answer.Hits {
		data.Hits = append(data.Hits, pageHitOf(p.collection, h))
	}
	if p.request.Offset > 0 {
		data.Previous = address(p, max(0, p.request.Offset-p.request.Limit))
	}
	if data.Last < answer.Total && data.Last+p.request.Limit <= maxWindow && len(answer.Hits) > 0 {
		data.Next = address(p, data.Last)
	}
	return htmlPage{data}, nil
}

// pageHitOf shows a hit's first field as its title.
func pageHitOf(c catalog.Collection, h catalog.Hit) pageHit {
	out := pageHit{Title: markup(h.Snippets[0])}
	for i, f := range c.Fields[1:] {
		if text := markup(h.Snippets[i+1]); text != "" {
			out.Parts = append(out.Parts, pagePart{f.Name, text})
		}
	}
	return out
}

// address is that of another page of the same search.
func address(p parameters, offset int) string {
	values := url.Values{"q": {p.request.Text}, "collection": {p.collection.Name}}
	if offset > 0 {
		values.Set("offset", strconv.Itoa(offset))
	}
	if p.request.Limit != defaultLimit {
		values.Set("limit", strconv.Itoa(p.request.Limit))
	}
	return "/?" + values.Encode()
}

type staticFile struct {
	kind string
	data []byte
}

func (f staticFile) contentType() string   { return f.kind }
func (f staticFile) body() ([]byte, error) { return f.data, nil }

// static answers GET /static/…: the page's own files.
func (s *Server) static(r *http.Request) (response, error) {
	name := mux.Vars(r)["name"]
	data, err := assets.ReadFile("assets/" + name)
	if err != nil {
		return nil, catalog.Errorf(catalog.CodeNotFound, "there is no file %q", name)
	}
	return staticFile{mime.TypeByExtension(path.Ext(name)), data}, nil
}
