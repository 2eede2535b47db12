// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package pgsource reads documents from PostgreSQL and follows what changes.
//
// A Source reads a table or a query: all of it in a Snapshot, one view of the
// database streamed by COPY, and what changed since by Follow, in one of three
// modes. With changefeed, triggers write the keys of changed rows into a table,
// which is read in the order in which transactions became visible; with logical,
// the server's replication tells; with poll, the table is compared from time to
// time, which needs no right but to read.
package pgsource

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A Source is a catalog.Feed over PostgreSQL.
type Source struct {
	o    Options
	mode atomic.Value // the Mode that was chosen last
	slot slotWatch
}

var _ catalog.Feed = (*Source)(nil)

// New makes a Source; it connects to nothing yet.
func New(o Options) (*Source, error) {
	o = o.withDefaults()
	switch {
	case (o.Table == "") == (o.Query == ""):
		return nil, errors.New("pgsource: a table or a query is wanted")
	case (o.DSNEnv == "") == (o.DSNFile == ""):
		return nil, errors.New("pgsource: a variable or a file with the connection string is wanted")
	case len(o.Key) == 0:
		return nil, errors.New("pgsource: a key is wanted")
	case len(o.ChangesKey) != len(o.Key):
		return nil, errors.New("pgsource: the key of the changes has another number of columns than the key")
	}
	if o.Replica == "" {
		name, err := os.Hostname()
		if err != nil {
			return nil, fmt.Errorf("pgsource: %w", err)
		}
		o.Replica = name
	}
	s := &Source{o: o}
	s.mode.Store(o.Mode)
	return s, nil
}

// Mode is the mode that was chosen, or the one configured until then.
func (s *Source) Mode() string { return string(s.mode.Load().(Mode)) } //nolint:forcetypeassert // New stores one

// A session is a connection to a server that is known.
type session struct {
	*Source
	conn     *pgx.Conn
	identity identity
	relation *relation
	watch    *watch // of the changefeed; nil where there is none that can be used
	// notified is set when the server sends a notification.
	notified bool
	// most is how many changes are read at once.
	most int
	mode Mode
	// keyTypes are those of the changed table's key, where they were asked for.
	keyTypes []string
}

// openTime bounds open, which may wait for a lock on the table.
const openTime = 30 * time.Second

// open connects, describes the source and chooses the mode. The caller closes the
// session.
func (s *Source) open(ctx context.Context) (e *session, err error) {
	err = within(ctx, openTime, func(ctx context.Context) error {
		e, err = s.openNow(ctx)
		return err
	})
	if err != nil {
		return nil, s.failed(ctx, "connect", err)
	}
	return e, nil
}

func (s *Source) openNow(ctx context.Context) (opened *session, err error) {
	e := &session{Source: s, most: changesAtFirst}
	conn, err := s.connectNotified(ctx, func() { e.notified = true })
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			disconnect(conn)
		}
	}()
	e.conn = conn
	if e.identity, err = identify(ctx, conn); err != nil {
		return nil, s.scrub("identify the server", err)
	}
	var problems []Problem
	if e.relation, problems, err = s.describe(ctx, conn); err != nil {
		return nil, err
	}
	if problems != nil {
		return nil, s.scrub("read "+s.name(), misfit(problems))
	}
	choice, err := s.choose(ctx, conn, e.identity, e.relation)
	if err != nil {
		return nil, err
	}
	if choice.mode == "" {
		return nil, s.scrub("follow changes", misfit(choice.problems))
	}
	e.mode, e.watch = choice.mode, choice.watch
	s.mode.Store(e.mode)
	return e, nil
}

func (e *session) close() { disconnect(e.conn) }

// name is what is read, for messages.
func (s *Source) name() string {
	if s.o.Table != "" {
		return "table " + s.o.Table
	}
	return "the query of collection " + s.o.Collection
}

// place is the position of the session's server and source.
func (e *session) place() position {
	return position{Mode: e.mode, System: e.identity.system, Timeline: e.identity.timeline, Shape: e.shape(e.relation, e.mode != Poll)}
}

// Follow hands over what changed behind a position, see catalog.Feed.
func (s *Source) Follow(ctx context.Context, from string, held catalog.Held, yield func(catalog.Batch) error) error {
	p, err := parsePosition(from)
	if err != nil {
		return err
	}
	again := false
	for {
		err := s.follow(ctx, p, held, yield)
		// A definition that changed under a running session is looked at once more, to
		// tell what it has become.
		if again || !redefined(err) {
			return err
		}
		again = true
	}
}

// redefined tells whether a statement failed since a definition has changed.
func redefined(err error) bool {
	switch stateOf(err) {
	case "0A000", "3F000", "42P01", "42703", "42883", "42804":
		return true
	}
	return errors.Is(err, errRedefined)
}

var errRedefined = errors.New("the table was changed while it was read")

func (s *Source) follow(ctx context.Context, p position, held catalog.Held, yield func(catalog.Batch) error) error {
	e, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer e.close()
	if err := p.follows(e.place()); err != nil {
		return err
	}
	switch e.mode {
	case Changefeed:
		return e.followFeed(ctx, p, yield)
	case Poll:
		return e.poll(ctx, p, held, yield)
	case Logical:
		return e.followLogical(ctx, p, yield)
	}
	return fmt.Errorf("pgsource: mode %s cannot be followed", e.mode)
}
