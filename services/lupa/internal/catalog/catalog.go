// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package catalog holds the terms of the service: collections of documents, what
// is asked of them and what is answered, and the interfaces between where
// documents come from (Source), where they are searched (Store) and the rest.
package catalog

import (
	"context"
	"time"
)

// A Field is a text field of a collection.
type Field struct {
	// Name is unique in its collection: a lower-case letter, then letters, digits
	// and underscores.
	Name string
	// Weight is what a match in this field counts against one in a field of
	// weight 1; above 0.
	Weight float64
}

// A Collection describes documents of one kind. The zero value is not valid.
type Collection struct {
	Name   string // as a Field's name, and '-' too
	Fields []Field
}

// A Document is one searchable thing.
type Document struct {
	ID     string   // unique in its collection, not empty
	Values []string // one per Field, in the collection's order
}

// A Request asks for documents of one collection.
type Request struct {
	Text   string // what the user typed; any bytes
	Limit  int    // hits wanted, from 0
	Offset int    // hits to pass over, from 0
}

// Match tells how strictly the hits of an Answer follow the words asked for.
type Match string

const (
	// MatchAll says that every hit has all the words.
	MatchAll Match = "all"
	// MatchAny says that no document has all the words; the hits have some.
	MatchAny Match = "any"
)

// An Answer is what a Store found. Its Hits are ordered: best first, equals by
// the order in which the source gave them.
type Answer struct {
	Hits      []Hit
	Total     int   // documents that match, exact
	Match     Match // empty where nothing was asked for
	Truncated bool  // the query was longer than what is searched for
}

// A Hit is a document that matches.
type Hit struct {
	Document Document
	Score    float64   // higher is better; comparable within one answer only
	Snippets []Snippet // one per field, in the collection's order
}

// A Snippet is the part of a field that shows best why it matches.
type Snippet []Segment

// A Segment is a run of a snippet's text, to be marked when it matched. It is
// plain text: whoever shows it in HTML escapes it.
type Segment struct {
	Text  string
	Match bool
}

// State says how a collection is served.
type State string

const (
	// StateEmpty has no generation to search yet.
	StateEmpty State = "empty"
	// StateReady is searchable.
	StateReady State = "ready"
)

// A Status is what a Store knows of one collection.
type Status struct {
	Collection  Collection
	State       State
	Documents   int       // 0 while empty
	Bytes       int64     // size on disk
	Generation  string    // name of what is served; empty while empty
	Built       time.Time // when that generation was complete
	Fingerprint string    // the source's, when it was read
}

// A Store keeps collections and searches them. Its methods are safe for
// concurrent use; errors are *Error where a caller can do something about them.
type Store interface {
	// Search answers a request. It is cut off, with CodeTimeout, when ctx ends.
	Search(ctx context.Context, collection string, r Request) (Answer, error)
	// Replace reads a collection anew from fill, which hands over one document at
	// a time, and serves it from then on, at once and whole. Where fill fails, the
	// error is returned and what was served before goes on being served.
	// Replacing one collection twice at once is not allowed.
	Replace(ctx context.Context, collection, fingerprint string, fill func(add func(Document) error) error) error
	// Status describes the collections, in the order of the configuration.
	Status() []Status
	// Close waits for searches under way and gives everything back.
	Close() error
}

// A Source gives the documents of one collection.
type Source interface {
	// Fingerprint is equal for equal content.
	Fingerprint(ctx context.Context) (string, error)
	// Documents calls yield for each document and stops at its first error, which
	// it returns with the place the document stands at.
	Documents(ctx context.Context, yield func(Document) error) error
	// Progress tells how far Documents is, in bytes of total; total is 0 where
	// that is unknown. It may be called while Documents runs.
	Progress() (done, total int64)
}
