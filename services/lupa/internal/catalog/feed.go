// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"time"
)

// A Feed is a source that tells what changed: a table of a database. Its methods
// are for one goroutine.
type Feed interface {
	// Snapshot opens a view of all documents as they are at one moment.
	Snapshot(ctx context.Context) (Snapshot, error)
	// Follow hands over what changed behind a position, in the order in which it
	// was committed, and waits for more. It ends with an error alone: yield's, ctx's,
	// or why it cannot go on. One that is ErrStale asks for a new Snapshot; after
	// any other, Follow may be called again with the last position.
	//
	// When yield returns nil, what it was given is durable; only then the source may
	// forget it. It gets batches without changes, too, at least every few seconds:
	// as long as they come, the copy is known to be fresh. What is handed over may
	// have been applied before: applying it again changes nothing.
	Follow(ctx context.Context, position string, held Held, yield func(Batch) error) error
	// Mode says how changes come, in one word, such as "changefeed".
	Mode() string
}

// ErrStale is what Follow gives, wrapped with the reason, when what changed behind
// a position cannot be known any more.
var ErrStale = errors.New("changes cannot be followed from the last position")

// A Snapshot is a view of a Feed's documents at one moment. It is for one
// goroutine, but for Progress, and must be closed.
type Snapshot interface {
	// Documents calls yield for each document and stops at its first error, which it
	// returns.
	Documents(ctx context.Context, yield func(Document) error) error
	// Position is where Follow goes on behind the snapshot. Through is the moment of
	// the snapshot.
	Position() string
	Through() time.Time
	// Progress tells how many documents Documents has given, and of how many;
	// estimated, and 0 where that is unknown. It may be called at any time.
	Progress() (done, total int64)
	Close() error
}

// Held is what a Store has of a Feed's documents.
type Held interface {
	// Versions calls yield for the id and Version of each document, in the order of
	// the ids' bytes, behind the id after, and stops at its first error, which it
	// returns.
	Versions(ctx context.Context, after string, yield func(id, version string) error) error
}

// A Change is what became of a document: it is Document now, or gone where that is
// nil.
type Change struct {
	ID       string
	Document *Document
}

// A Batch is what leads from one position of a Feed to the next; it is applied as
// a whole.
type Batch struct {
	Changes  []Change // of an id the last one counts
	Position string   // behind the changes
	// Through is the moment, by this machine's clock, up to which all that was
	// committed is in this batch and those before; zero where that is unknown.
	Through time.Time
	// Behind is how many changes are known to wait behind this batch; below 0 where
	// that is unknown.
	Behind int64
}

// A Mark says what of a source a Store has, and is kept beside the documents.
type Mark struct {
	// Fingerprint is equal for equal content, or for a Feed for equal definitions of
	// what is read.
	Fingerprint string
	Position    string // of a Feed; "" for other sources
}
