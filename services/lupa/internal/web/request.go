// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

// Bounds of what may be asked for.
const (
	defaultLimit   = 10
	maxLimit       = 1000
	maxWindow      = 10000 // offset and limit together; cursors go further
	defaultWords   = 32
	maxWords       = 200
	defaultFacets  = 10
	maxFacets      = 1000
	defaultSuggest = 8
	maxSuggest     = 32
	maxFilters     = 32
)

// MaxSearches is how many searches a multi-search may have.
const MaxSearches = 20

// A searchRequest is what a search may be given: as parameters of an address, or
// as an object of a multi-search.
type searchRequest struct {
	Collection   string   `json:"collection"`
	Q            string   `json:"q"`
	Match        string   `json:"match"`
	Typing       bool     `json:"typing"`
	Filter       []string `json:"filter"`
	Sort         []string `json:"sort"`
	Facets       []string `json:"facets"`
	FacetLimit   *int     `json:"facet_limit"`
	Limit        *int     `json:"limit"`
	Offset       int      `json:"offset"`
	Cursor       string   `json:"cursor"`
	SnippetWords *int     `json:"snippet_words"`
	Explain      bool     `json:"explain"`
}

// A parameters reads the parameters of an address. What is asked for is known;
// done complains of the others.
type parameters struct {
	values url.Values
	known  []string
	err    error
}

func newParameters(rawQuery string) *parameters {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		err = catalog.Errorf(catalog.CodeInvalid, "the address after '?' cannot be read: percent signs and semicolons must be escaped")
	}
	return &parameters{values: values, err: err}
}

func (p *parameters) fail(format string, args ...any) {
	if p.err == nil {
		p.err = catalog.Errorf(catalog.CodeInvalid, format, args...)
	}
}

// one reads a parameter that may be there once.
func (p *parameters) one(name string) string {
	p.known = append(p.known, name)
	if n := len(p.values[name]); n > 1 {
		p.fail("parameter %q is here %d times; one is wanted", name, n)
	}
	return p.values.Get(name)
}

// list reads a parameter that may be repeated, and with commas divides it.
func (p *parameters) list(name string, commas bool) []string {
	p.known = append(p.known, name)
	var all []string
	for _, value := range p.values[name] {
		if commas {
			all = append(all, strings.Split(value, ",")...)
		} else {
			all = append(all, value)
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return strings.TrimSpace(s) == "" })
}

func (p *parameters) integer(name string) *int {
	text := p.one(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		p.fail("parameter %s is %.40q; a whole number is wanted", name, text)
	}
	return &n
}

func (p *parameters) boolean(name string) bool {
	switch text := p.one(name); text {
	case "", "false", "0":
		return false
	case "true", "1":
		return true
	default:
		p.fail("parameter %s is %.40q; true or false is wanted", name, text)
		return false
	}
}

// done complains of what is wrong first.
func (p *parameters) done() error {
	names := make([]string, 0, len(p.values))
	for name := range p.values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !slices.Contains(p.known, name) {
			if len(p.known) == 0 {
				p.fail("this address takes no parameters")
			}
			p.fail("unknown parameter %.80q; known are %s", name, strings.Join(p.known, ", "))
		}
	}
	return p.err
}

// variable gives a part of the address that the route names. The router keeps it
// as it was sent, so that an id may have a slash.
func variable(r *http.Request, name string) string {
	raw := mux.Vars(r)[name]
	text, err := url.PathUnescape(raw)
	if err != nil {
		return raw
	}
	return text
}

// search reads the parameters of a search, but for the collection.
func (p *parameters) search() searchRequest {
	r := searchRequest{
		Q: p.one("q"), Match: p.one("match"), Typing: p.boolean("typing"), Filter: p.list("filter", false), Sort: p.list("sort", true),
		Facets: p.list("facets", true), FacetLimit: p.integer("facet_limit"), Limit: p.integer("limit"), Cursor: p.one("cursor"),
		SnippetWords: p.integer("snippet_words"), Explain: p.boolean("explain"),
	}
	if offset := p.integer("offset"); offset != nil {
		r.Offset = *offset
	}
	return r
}

// between gives a number or its default, and complains of one out of bounds.
func between(name string, n *int, otherwise, least, most int) (int, error) {
	if n == nil {
		return otherwise, nil
	}
	if *n < least || *n > most {
		return 0, catalog.Errorf(catalog.CodeInvalid, "parameter %s is %d; a number from %d to %d is wanted", name, *n, least, most)
	}
	return *n, nil
}

// request makes what is asked of a collection.
func (s *Server) request(c catalog.Collection, r searchRequest) (out catalog.Request, err error) {
	out = catalog.Request{Text: r.Q, Match: catalog.Match(r.Match), Typing: r.Typing, Offset: r.Offset, Cursor: r.Cursor, Explain: r.Explain}
	if len(r.Q) > s.limits.QueryBytes {
		return out, catalog.Errorf(catalog.CodeInvalid, "parameter q has %d bytes; at most %d are allowed", len(r.Q), s.limits.QueryBytes)
	}
	if !slices.Contains([]catalog.Match{catalog.MatchAuto, catalog.MatchAll, catalog.MatchAny}, out.Match) {
		return out, catalog.Errorf(catalog.CodeInvalid, "parameter match is %.40q; all or any is wanted, or none", r.Match)
	}
	if out.Limit, err = between("limit", r.Limit, defaultLimit, 0, maxLimit); err != nil {
		return out, err
	}
	if _, err = between("offset", &r.Offset, 0, 0, maxWindow-out.Limit); err != nil {
		return out, err
	}
	if r.Cursor != "" && r.Offset > 0 {
		return out, catalog.Errorf(catalog.CodeInvalid, "parameters cursor and offset exclude each other")
	}
	if out.FacetLimit, err = between("facet_limit", r.FacetLimit, defaultFacets, 0, maxFacets); err != nil {
		return out, err
	}
	if out.SnippetWords, err = between("snippet_words", r.SnippetWords, defaultWords, 1, maxWords); err != nil {
		return out, err
	}
	if n := max(len(r.Filter), len(r.Sort), len(r.Facets)); n > maxFilters {
		return out, catalog.Errorf(catalog.CodeInvalid, "%d filters, sorts or facets; at most %d are allowed", n, maxFilters)
	}
	return out, byFields(c, r, &out)
}

// byFields reads what names fields of the collection.
func byFields(c catalog.Collection, r searchRequest, out *catalog.Request) error {
	for _, text := range r.Filter {
		f, err := query.ParseFilter(c, text)
		if err != nil {
			return err
		}
		out.Filters = append(out.Filters, f)
	}
	for _, text := range r.Sort {
		o, err := query.ParseOrder(c, text)
		if err != nil {
			return err
		}
		out.Sort = append(out.Sort, o)
	}
	for _, text := range r.Facets {
		field, err := query.ParseFacet(c, text)
		if err != nil {
			return err
		}
		if !slices.Contains(out.Facets, field) {
			out.Facets = append(out.Facets, field)
		}
	}
	return nil
}
