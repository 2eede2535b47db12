// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package corpus reads collections of documents and judged queries into one form.
package corpus

import (
	"fmt"

	"github.com/lupasearch/lupa/tools/bench/metric"
)

// A Document has an id and the texts of its collection's fields, in their order.
type Document struct {
	ID     string
	Values []string
}

// A Field is a text of each document.
type Field struct {
	Name string
	// Weight is what a match in it counts, for engines that can weigh; it is
	// positive.
	Weight float64
	// Names tells that the text is what the document is called.
	Names bool
	// Separator stands between several values; "" where there is one.
	Separator string
}

// A Query is a text as people would type it, and what it should find.
type Query struct {
	ID       string
	Kind     string // groups queries in reports; may be empty
	Text     string
	Relevant metric.Judgements
}

// A Collection is what engines are compared on.
type Collection struct {
	Name      string // letters, digits and '_'
	Language  string // ISO 639-1 code of most of the texts; "" for none in particular
	Fields    []Field
	Documents []Document
	Queries   []Query
}

// Check makes sure that ids are unique, and that each query has a relevant
// document and judges only documents that are there.
func (c *Collection) Check() error {
	known := make(map[string]bool, len(c.Documents))
	for _, d := range c.Documents {
		if known[d.ID] {
			return fmt.Errorf("%s: document %q is there twice", c.Name, d.ID)
		}
		if len(d.Values) != len(c.Fields) {
			return fmt.Errorf("%s: document %q has %d values for %d fields", c.Name, d.ID, len(d.Values), len(c.Fields))
		}
		known[d.ID] = true
	}
	seen := make(map[string]bool, len(c.Queries))
	for _, q := range c.Queries {
		if seen[q.ID] {
			return fmt.Errorf("%s: query %q is there twice", c.Name, q.ID)
		}
		seen[q.ID] = true
		if q.Relevant.Relevant() == 0 {
			return fmt.Errorf("%s: query %q has no relevant document", c.Name, q.ID)
		}
		for id := range q.Relevant {
			if !known[id] {
				return fmt.Errorf("%s: query %q judges document %q, which is not there", c.Name, q.ID, id)
			}
		}
	}
	return nil
}
