// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package ui is the search page: its templates, and the files that it loads.
package ui

import (
	"embed"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// Assets has the page's files, in a folder assets: style.css, theme.css for what a
// site changes, app.js and icon.svg.
//
//go:embed assets
var Assets embed.FS

// A Page is what is shown. The zero value is the page before a search.
type Page struct {
	Title       string   // of the site
	Collections []Option // to choose from; no choice is shown where there is one
	Collection  string
	Query       string
	Asked       bool   // whether something was searched for
	Problem     string // what went wrong, for the user
	Hidden      []Pair // what the form keeps besides the query
	Sorts       []Option
	Hits        []Hit
	Total       string // number, with "more than" where it is not exact
	First, Last int
	Any         bool // hits have some of the words only
	Truncated   bool
	TimedOut    bool
	DidYouMean  *Link
	Corrected   *Link // the query as it was written
	CorrectedTo string
	Took        string
	Facets      []Facet
	Clear       string // address without filters; "" where there are none
	Previous    string // address of the page before, "" where there is none
	Next        string
}

// An Option is one of a choice.
type Option struct {
	Value, Label string
	Selected     bool
}

// A Pair is a hidden value of the form.
type Pair struct{ Name, Value string }

// A Link leads to another search.
type Link struct{ Address, Text string }

// A Hit is one document.
type Hit struct {
	Address string // of the document
	ID      string
	Title   catalog.Snippet
	Partial bool
	Parts   []Part
}

// A Part is a field of a hit: a snippet, or a value.
type Part struct {
	Name    string
	Snippet catalog.Snippet
}

// A Facet is a field with values to choose.
type Facet struct {
	Name   string
	Values []FacetValue
	Other  int
}

// A FacetValue leads to the search with the value chosen, or no longer chosen.
type FacetValue struct {
	Label, Address string
	Count          int
	Chosen         bool
}
