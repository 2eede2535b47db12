// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A choice is the mode in which changes will be followed.
type choice struct {
	mode     Mode   // "" where none can be
	why      string // in words
	watch    *watch // of Changefeed
	problems []Problem
}

// choose takes the mode that is configured, or the best that the database offers.
func (s *Source) choose(ctx context.Context, conn *pgx.Conn, id identity, r *relation) (choice, error) {
	switch s.o.Mode {
	case Poll:
		return choice{mode: Poll, why: "it is configured"}, nil
	case Logical:
		return s.chooseLogical(ctx, conn, id, r)
	case Changefeed, Auto:
	default:
		return choice{}, fmt.Errorf("pgsource: there is no mode %s", s.o.Mode)
	}
	if id.standby {
		const why = "the server is a standby, where what was committed when cannot be seen"
		if s.o.Mode == Auto {
			return choice{mode: Poll, why: why}, nil
		}
		return choice{problems: []Problem{{"a changefeed cannot be read: " + why, "connect to the primary (target_session_attrs=read-write), or let changes be poll"}}}, nil
	}
	w, err := s.findWatch(ctx, conn)
	if err != nil {
		return choice{}, err
	}
	install := fmt.Sprintf("run 'lupa changefeed install -config=… -collection=%s' as the table's owner", s.o.Collection)
	switch {
	case w == nil && s.o.Mode == Auto:
		if logical, err := s.chooseLogical(ctx, conn, id, r); err != nil || logical.mode == Logical {
			return logical, err
		}
		return choice{mode: Poll, why: "no changefeed is installed; to have changes within milliseconds, " + install}, nil
	case w == nil && s.o.ChangesTable == "":
		return choice{problems: []Problem{{"a query has no changefeed of itself", "set changes.table to the table whose changes count, or let changes be poll"}}}, nil
	case w == nil:
		return choice{problems: []Problem{{fmt.Sprintf("table %s has no changefeed", s.o.ChangesTable), install}}}, nil
	}
	if wrong := w.wrong(s.o.ChangesTable); wrong != "" {
		return choice{problems: []Problem{{wrong, install}}}, nil
	}
	return choice{mode: Changefeed, why: "it is installed", watch: w}, nil
}

// chooseLogical takes logical replication where all is there that it needs.
func (s *Source) chooseLogical(ctx context.Context, conn *pgx.Conn, id identity, r *relation) (choice, error) {
	switch {
	case id.standby:
		return choice{problems: []Problem{{"the server is a standby, which does not tell what was changed", "connect to the primary (target_session_attrs=read-write), or let changes be poll"}}}, nil
	case s.o.ChangesTable == "":
		return choice{problems: []Problem{{"a query has no changes of itself", "set changes.table to the table whose changes count, or let changes be poll"}}}, nil
	case r.changes == 0:
		return choice{problems: []Problem{{"there is no table " + s.o.ChangesTable, "correct changes.table"}}}, nil
	}
	p, err := s.findPublishing(ctx, conn, r.changes)
	if err != nil {
		return choice{}, s.scrub("look for the publication", err)
	}
	if problems := s.publishingProblems(p, conn); problems != nil {
		return choice{problems: problems}, nil
	}
	why := "it is configured"
	if s.o.Mode == Auto {
		why = "publication " + s.publication() + " is there"
	}
	return choice{mode: Logical, why: why}, nil
}
