// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package catalog holds the terms of the service: collections of documents, what
// is asked of them and what is answered, and the interfaces between where
// documents come from (Source), where they are searched (Store) and the rest.
package catalog

import (
	"context"
	"io"
	"time"
)

// A Kind is what a field's values are.
type Kind string

// The kinds there are. All but Text can be filtered, sorted and counted by.
const (
	Text   Kind = "text"   // is searched, word by word
	String Kind = "string" // is taken as a whole; may be searched besides
	Number Kind = "number" // a 64-bit float
	Bool   Kind = "bool"   // 0 or 1 in a Value
	Time   Kind = "time"   // seconds since 1970 in UTC in a Value, to the microsecond
)

// A Field is one field of a collection's documents. The zero value is not valid.
type Field struct {
	// Name is unique in its collection: a lower-case letter, then letters, digits
	// and underscores.
	Name string
	Kind Kind
	// Weight is what an occurrence of a word in this field counts against one in a
	// field of weight 1; 0 where the field is not searched.
	Weight float64
	// Exact is what a document gains when what is asked for is all of one of this
	// field's values: its score is multiplied by 1 + Exact. 0 for nothing.
	Exact float64
	// Multiple lets a document have several values.
	Multiple bool
	// Hidden leaves the field out of answers.
	Hidden bool
}

// Searched tells whether words are looked for in the field.
func (f Field) Searched() bool { return f.Weight > 0 }

// Textual tells whether the field's values are text, not numbers.
func (f Field) Textual() bool { return f.Kind == Text || f.Kind == String }

// Filterable tells whether documents can be filtered, sorted and counted by the
// field.
func (f Field) Filterable() bool { return f.Kind != Text }

// A Boost raises documents by a number that they have: their score is multiplied
// by 1 + Weight·x/(x+Pivot), x being the number, 0 where it is absent or less.
type Boost struct {
	Field  string  // of kind Number; "" for no boost
	Weight float64 // above 0
	Pivot  float64 // above 0: the number that gains half of Weight
}

// Recency raises new documents: their score is multiplied by
// 1 + Weight·2^(-age/HalfLife).
type Recency struct {
	Field    string  // of kind Time; "" for none
	Weight   float64 // above 0
	HalfLife time.Duration
}

// A Collection describes documents of one kind. The zero value is not valid.
type Collection struct {
	Name      string // as a Field's name, and '-' too
	Fields    []Field
	Tokenizer string // as analysis.Kind; "" is its default
	Language  string // ISO 639-1 code of the texts' language, "" for none in particular
	Boost     Boost
	Recency   Recency
}

// Field finds a field by name; -1 where there is none.
func (c Collection) Field(name string) int {
	for i, f := range c.Fields {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// A Value is what a document has in one field: nothing, or one or several of
// Texts for a textual field, of Numbers for the others.
type Value struct {
	Texts   []string
	Numbers []float64
}

// TextValue makes a Value of texts.
func TextValue(texts ...string) Value { return Value{Texts: texts} }

// NumberValue makes a Value of numbers.
func NumberValue(numbers ...float64) Value { return Value{Numbers: numbers} }

// A Document is one searchable thing.
type Document struct {
	ID     string  // unique in its collection, not empty
	Values []Value // one per Field, in the collection's order
	// Version differs between two states of a document, where its source says so; ""
	// elsewhere.
	Version string
}

// Match tells how strictly hits follow the words asked for.
type Match string

const (
	// MatchAuto asks for all words first, and for any of them below where few
	// documents have all.
	MatchAuto Match = ""
	// MatchAll asks for documents that have all the words.
	MatchAll Match = "all"
	// MatchAny asks for documents that have some of the words.
	MatchAny Match = "any"
)

// A Request asks for documents of one collection. The zero value asks for no hits
// of all documents.
type Request struct {
	Text    string // what the user typed; any bytes. Blank matches all documents
	Match   Match
	Typing  bool     // the last word may be the beginning of one
	Filters []Filter // all must hold
	Sort    []Order  // what goes before relevance; most important first
	Facets  []string // fields to count the values of
	// FacetLimit is how many values of a facet are wanted.
	FacetLimit int
	Limit      int    // hits wanted, from 0
	Offset     int    // hits to pass over, from 0
	Cursor     string // of an earlier Answer: go on behind its hits. Excludes Offset
	// SnippetWords is the length of snippets in words, from 1.
	SnippetWords int
	Explain      bool // whether hits tell how their score came about
}

// A Filter holds for a document when one of the field's values passes one of the
// tests; with Not, when none does.
type Filter struct {
	Field string
	Tests []Test
	Not   bool
}

// A Test compares a value. Textual fields are compared as a whole, byte by byte,
// with Text; the others lie between Low and High.
type Test struct {
	Text      string
	Low, High float64 // may be infinite
	// LowOpen and HighOpen leave the bound itself out.
	LowOpen, HighOpen bool
}

// An Order sorts by a field. Documents without a value come last either way; of
// several values the one that brings the document forward counts.
type Order struct {
	Field      string
	Descending bool
}

// Relation says what a total is.
type Relation string

const (
	// Exactly so many documents match.
	Exactly Relation = "eq"
	// AtLeast so many documents match.
	AtLeast Relation = "gte"
)

// An Answer is what a Store found. Its Hits are ordered: by what was asked for,
// then best first, equals by the order in which the source gave them.
type Answer struct {
	Hits      []Hit
	Total     int // documents that match
	Relation  Relation
	Match     Match // the loosest way in which hits match; empty where all do
	Facets    []Facet
	Truncated bool // the query was longer than what is searched for
	TimedOut  bool // the search was cut off; what it had found is here
	// Suggestion is a better spelling of the query, "" for none; Corrected tells
	// that it was searched for instead, as no document has one of the words.
	Suggestion string
	Corrected  bool
	Cursor     string // for what follows these hits; "" at the end
	Generation string // what was searched; another one may answer otherwise
}

// A Facet counts the values of one field over all documents that match,
// regardless of the filters on that field itself.
type Facet struct {
	Field  string
	Values []FacetValue // most frequent first, equals in order
	Other  int          // values that are not in the list
}

// A FacetValue is a value and the number of documents that have it.
type FacetValue struct {
	Value Value // with one text or number
	Count int
}

// A Hit is a document that matches.
type Hit struct {
	Document    Document
	Score       float64   // higher is better; comparable within one answer only
	Partial     bool      // the document does not have all the words
	Snippets    []Snippet // one per field, in the collection's order; empty if not searched
	Explanation *Explanation
}

// An Explanation says how a score came about: the sum over Terms, times Coverage,
// Popularity and Exact, which are 1 where they change nothing.
type Explanation struct {
	Terms          []TermScore
	Length         int     // words of the document
	Coverage       float64 // part of the terms that the document has
	Popularity     float64 // by the collection's Boost and Recency
	Exact          float64 // for a value that is all that was asked for
	K1, B, Average float64 // of BM25; the average length in words
}

// A TermScore is a term's part of a score.
type TermScore struct {
	Term      string
	Count     int     // how often it was asked for
	Documents int     // that have the term, in the collection
	IDF       float64 // inverse document frequency
	Frequency float64 // occurrences in the document, times field weights
	Score     float64 // Count · IDF · Frequency·(K1+1) / (Frequency + K1·(1-B+B·Length/Average))
}

// A Snippet is the part of a field that shows best why it matches.
type Snippet []Segment

// A Segment is a run of a snippet's text, to be marked when it matched. It is
// plain text: whoever shows it in HTML escapes it.
type Segment struct {
	Text  string
	Match bool
}

// A Suggestion completes what was typed.
type Suggestion struct {
	Text      string // all that was typed, with its last word completed
	Documents int    // that have the completed word
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
	Collection Collection
	State      State
	Documents  int       // 0 while empty
	Bytes      int64     // size on disk
	Generation string    // name of what is served; empty while empty
	Built      time.Time // when that generation was complete
	Mark       Mark      // of the source, as far as it is applied
	Changed    time.Time // when documents changed last
}

// A Store keeps collections and searches them. Its methods are safe for
// concurrent use; errors are *Error where a caller can do something about them.
type Store interface {
	// Search answers a request. When ctx ends, the answer has what was found until
	// then, and TimedOut.
	Search(ctx context.Context, collection string, r Request) (Answer, error)
	// Suggest completes the last word of a text, the most frequent words first. A
	// text that ends in a space has no last word.
	Suggest(ctx context.Context, collection, text string, limit int) ([]Suggestion, error)
	// Document finds a document by its id.
	Document(ctx context.Context, collection, id string) (Document, error)
	// Replace reads a collection anew from fill, which hands over one document at
	// a time, and serves it from then on, at once and whole. Where fill fails, the
	// error is returned and what was served before goes on being served.
	// Replacing one collection twice at once is not allowed.
	Replace(ctx context.Context, collection string, mark Mark, fill func(add func(Document) error) error) error
	// Apply changes what is served, all at once, and keeps the position with it:
	// both are durable when it returns, or neither has changed. It may run while
	// Replace does, and is lost with what Replace takes the place of.
	Apply(ctx context.Context, collection string, changes []Change, position string) error
	// Versions is as Held has it. It sees one state of the collection.
	Versions(ctx context.Context, collection, after string, yield func(id, version string) error) error
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

// A Copier hands collections from one Store to another of the same kind.
type Copier interface {
	// Export gives a copy of a collection as it is now.
	Export(ctx context.Context, collection string) (Copy, error)
	// Import serves a copy from now on, at once and whole, if it is one of the
	// collection as it is defined here.
	Import(ctx context.Context, collection string, copied io.Reader) error
}

// A Copy is read to its end, and closed.
type Copy interface {
	io.ReadCloser
	Size() int64 // in bytes
}
