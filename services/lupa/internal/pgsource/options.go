// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/field"
)

// A Mode is how changes are noticed.
type Mode string

// The modes there are.
const (
	Auto       Mode = "auto"       // the best of the others that the database offers
	Changefeed Mode = "changefeed" // triggers note changes in a table, see Install
	Logical    Mode = "logical"    // a replication slot
	Poll       Mode = "poll"       // the table is read and compared from time to time
)

// OnError says what to do with a row that is no document.
type OnError string

const (
	// Fail gives up, naming the row.
	Fail OnError = "fail"
	// Skip leaves the row out and logs it.
	Skip OnError = "skip"
)

// Options describe one source. Those without a default must be set.
type Options struct {
	// Collection is the name of what is filled, for messages and for the
	// application's name that the server shows.
	Collection string

	// DSNEnv and DSNFile name the variable or the file that has the connection
	// string; one of them is set. It is read at each connect.
	DSNEnv, DSNFile string
	// Getenv gives variables; nil for none.
	Getenv func(string) string

	// Table or Query is what is read. A table is named as in SQL.
	Table, Query string
	Key          []string // names of the columns that make the id
	Columns      []field.Column

	Mode Mode // "" is Auto
	// Schema is where the changefeed keeps its tables; "" is DefaultSchema.
	Schema string
	// ChangesTable is the table whose changes change the rows of Query, and
	// ChangesKey the columns of it that hold Query's Key. "" and nil for a Table.
	ChangesTable string
	ChangesKey   []string
	// Notify wakes the reader up through NOTIFY; otherwise it reads every Interval.
	Notify bool
	// Keep is how long Install lets the changefeed keep changes for readers that are
	// away; 0 is DefaultKeep.
	Keep time.Duration
	// Interval is how often the changefeed is looked at when nothing wakes the reader
	// up, and a cursor column read when polling; 0 is DefaultInterval.
	Interval time.Duration
	// Compare is how often all of a table is compared when polling; 0 is
	// DefaultCompare.
	Compare time.Duration
	// Cursor is a column that grows when a row changes, such as updated_at; "" for
	// none. Overlap is how far behind its largest value rows are read again, since a
	// transaction may end after a later one; 0 is DefaultOverlap.
	Cursor  string
	Overlap time.Duration
	// Replica tells apart instances that read the same changefeed; "" is the host's
	// name.
	Replica string
	// Publication is what a replication slot reads; "" is a name made of Collection.
	Publication string
	// SlotLimit is how many bytes of the server's log a replication slot may retain
	// until that is told; 0 is DefaultSlotLimit. DropIdle lets slots of this program
	// that nobody reads be dropped when they retain more.
	SlotLimit int64
	DropIdle  bool
	// MaxRow is the most bytes a row may have; 0 is DefaultMaxRow.
	MaxRow  int
	OnError OnError // "" is Fail
	Log     *slog.Logger
}

// Defaults of options.
const (
	DefaultSchema   = "lupa"
	DefaultInterval = 2 * time.Second
	DefaultCompare  = time.Minute
	DefaultOverlap  = 5 * time.Minute
	DefaultMaxRow   = 16 << 20
	// DefaultSlotLimit is 8 GiB.
	DefaultSlotLimit = 8 << 30
	DefaultKeep      = 24 * time.Hour
)

// Definition tells apart options that make different documents of the same rows.
func (o Options) Definition() string {
	parts := []string{o.Table, o.Query, string(o.OnError), strconv.Itoa(o.MaxRow), strings.Join(o.Key, ",")}
	for _, c := range o.Columns {
		parts = append(parts, c.From, c.Split)
	}
	return strings.Join(parts, "\x00")
}

// withDefaults puts the defaults in.
func (o Options) withDefaults() Options {
	if o.Mode == "" {
		o.Mode = Auto
	}
	if o.Schema == "" {
		o.Schema = DefaultSchema
	}
	if o.Keep == 0 {
		o.Keep = DefaultKeep
	}
	if o.Interval == 0 {
		o.Interval = DefaultInterval
	}
	if o.Compare == 0 {
		o.Compare = DefaultCompare
	}
	if o.Overlap == 0 {
		o.Overlap = DefaultOverlap
	}
	if o.SlotLimit == 0 {
		o.SlotLimit = DefaultSlotLimit
	}
	if o.MaxRow == 0 {
		o.MaxRow = DefaultMaxRow
	}
	if o.OnError == "" {
		o.OnError = Fail
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ChangesTable == "" {
		o.ChangesTable = o.Table
	}
	if o.ChangesKey == nil {
		o.ChangesKey = o.Key
	}
	return o
}
