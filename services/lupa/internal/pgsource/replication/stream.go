// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package replication reads which rows of a table changed from a replication slot,
// by PostgreSQL's streaming protocol and its plugin pgoutput.
//
// The server sends transactions in the order in which they were committed, each as
// a whole and none that was rolled back; of large ones it keeps what waits for the
// commit on its own disk. That is version 1 of pgoutput's protocol. Version 2 would
// send large transactions before their commit, and leave it to this side to keep
// them until it is known what becomes of them.
package replication

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// An LSN is a place in the server's log. Zero is none.
type LSN = pglogrepl.LSN

// ParseLSN reads an LSN as the server writes it.
func ParseLSN(text string) (LSN, error) { return pglogrepl.ParseLSN(text) }

// ahead is how many events are read ahead.
const ahead = 4096

// Options say what is read.
type Options struct {
	Slot        string
	Publication string
	// Start is behind what is known: transactions committed before are left out.
	Start LSN
	// Table is the number of the table, and Key the names of the columns of interest.
	Table uint32
	Key   []string
}

// A Kind tells events apart.
type Kind int

// The kinds of events.
const (
	// Change is of one row: XID is its transaction, LSN where that is committed, and
	// Keys the row's key; two of them where it was changed.
	Change Kind = iota
	// Truncate says that the table was emptied.
	Truncate
	// Commit ends a transaction; LSN is behind it.
	Commit
	// Alive says that all that was committed before LSN was sent. Asked is set where
	// the server wants to know at once how much is safe.
	Alive
)

// An Event is what the server tells.
type Event struct {
	Kind  Kind
	XID   uint32
	LSN   LSN
	Keys  [][]string // values as text; a key with NULL is left out
	Asked bool
}

// A Stream is a slot that is being read. Confirm may be called by any goroutine.
type Stream struct {
	conn   *pgconn.PgConn
	events chan Event
	quit   chan struct{}
	err    error // why events ended
	once   sync.Once

	mu        sync.Mutex // for writing, and for what follows
	confirmed LSN
}

// Connect opens a connection for replication to the database of config, which it
// changes.
func Connect(ctx context.Context, config *pgconn.Config) (*pgconn.PgConn, error) {
	config.RuntimeParams["replication"] = "database"
	return pgconn.ConnectConfig(ctx, config)
}

// Open starts to read a slot on a connection that Connect made, which belongs to
// the Stream from then on.
func Open(ctx context.Context, conn *pgconn.PgConn, o Options) (*Stream, error) {
	err := pglogrepl.StartReplication(ctx, conn, o.Slot, o.Start, pglogrepl.StartReplicationOptions{
		PluginArgs: []string{"proto_version '1'", "publication_names " + literal(identifier(o.Publication))},
	})
	if err != nil {
		end(conn)
		return nil, err
	}
	s := &Stream{conn: conn, events: make(chan Event, ahead), quit: make(chan struct{}), confirmed: o.Start}
	go s.receive(&decoder{options: o})
	go s.keep()
	return s, nil
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Events gives what the server tells. It is closed when the stream ends; Err says
// why.
func (s *Stream) Events() <-chan Event { return s.events }

// Err is why the stream ended. It may be called when Events is closed.
func (s *Stream) Err() error { return s.err }

// Confirm tells the server up to where all is safe with the reader, so that it may
// forget it; a place before the last one counts for nothing. The server answers with
// an Alive at once where ask is set.
func (s *Stream) Confirm(lsn LSN, ask bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.confirmed = max(s.confirmed, lsn)
	return pglogrepl.SendStandbyStatusUpdate(context.Background(), s.conn, pglogrepl.StandbyStatusUpdate{WALWritePosition: s.confirmed, ReplyRequested: ask})
}

// Close ends the stream and its connection.
func (s *Stream) Close() {
	s.once.Do(func() {
		close(s.quit)
		end(s.conn)
	})
	for range s.events { //nolint:revive // waits for the goroutine that fills it
	}
}

// end cuts the connection: the server is not waited for.
func end(conn *pgconn.PgConn) { conn.Conn().Close() } //nolint:errcheck // nothing is left to be saved

// keepEvery is how often the server is told that the reader is there, which it
// wants to know within wal_sender_timeout.
const keepEvery = 5 * time.Second

// keep tells the server that the reader is there, however long that takes over what
// it read.
func (s *Stream) keep() {
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.quit:
			return
		case <-ticker.C:
			// An error shows when reading.
			_ = s.Confirm(0, false) //nolint:errcheck // see above
		}
	}
}

// receive hands over events until the connection ends.
func (s *Stream) receive(d *decoder) {
	defer close(s.events)
	for {
		// A context would cost more than the message; Close cuts the connection instead.
		message, err := s.conn.ReceiveMessage(context.Background())
		if err != nil {
			s.err = err
			return
		}
		var event *Event
		switch message := message.(type) {
		case *pgproto3.CopyData:
			event, err = d.decode(message.Data)
		case *pgproto3.ErrorResponse:
			err = pgconn.ErrorResponseToPgError(message)
		case *pgproto3.CopyDone:
			err = fmt.Errorf("the server ended the stream")
		}
		if err != nil {
			s.err = err
			end(s.conn)
			return
		}
		if event == nil {
			continue
		}
		select {
		case s.events <- *event:
		case <-s.quit:
			s.err = context.Canceled
			return
		}
	}
}
