// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"errors"
	"fmt"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/row"
)

// pageSize is how many ids of the copy are held in memory at once.
const pageSize = 4096

// A pager goes through what the copy holds, page by page: no read of the copy is
// open while it is changed.
type pager struct {
	held  catalog.Held
	page  []heldVersion
	after string
	end   bool
}

type heldVersion struct{ id, version string }

var errPageFull = errors.New("the page is full")

// peek gives the next id; nil at the end.
func (p *pager) peek(ctx context.Context) (*heldVersion, error) {
	if len(p.page) == 0 && !p.end {
		err := p.held.Versions(ctx, p.after, func(id, version string) error {
			if len(p.page) == pageSize {
				return errPageFull
			}
			p.page = append(p.page, heldVersion{id, version})
			return nil
		})
		p.end = err == nil
		if err != nil && !errors.Is(err, errPageFull) {
			return nil, err
		}
	}
	if len(p.page) == 0 {
		return nil, nil //nolint:nilnil // the end
	}
	return &p.page[0], nil
}

func (p *pager) next() {
	p.after = p.page[0].id
	p.page = p.page[1:]
}

// A comparison finds where the copy differs from the database.
type comparison struct {
	pager   *pager
	last    string
	skipped int
	found   []catalog.Change // gone documents
	ids     []string         // that are to be fetched
	flush   func() error     // hands both over, and empties them
	most    func() int       // of both together
}

// compare goes through the ids and versions of the database and of the copy, both
// in the order of the ids' bytes, and hands over what differs: ids to fetch, and
// documents that are gone.
func (e *session) compare(ctx context.Context, held catalog.Held, most func() int, hand func(ids []string, gone []catalog.Change) error) error {
	c := &comparison{pager: &pager{held: held}, most: most}
	c.flush = func() error {
		err := hand(c.ids, c.found)
		c.ids, c.found = nil, nil
		return err
	}
	for _, statement := range []string{"BEGIN", "SET LOCAL statement_timeout = 0", e.relation.lockSQL()} {
		if _, err := e.conn.Exec(ctx, statement); err != nil {
			return e.scrub("compare "+e.name(), err)
		}
	}
	id := e.relation.id()
	statement := fmt.Sprintf(`COPY (SELECT %s, %s FROM %s ORDER BY (%s) COLLATE "C") TO STDOUT`, id, e.version(), e.relation.from, id)
	decode := func(v []row.Value) decoded {
		return decoded{id: v[0], document: catalog.Document{ID: v[0].Text, Version: v[1].Text}}
	}
	if err := e.stream(ctx, statement, decode, func(d decoded) error { return c.take(ctx, e, d) }); err != nil {
		return err
	}
	if _, err := e.conn.Exec(ctx, "COMMIT"); err != nil {
		return e.scrub("compare "+e.name(), err)
	}
	for {
		rest, err := c.pager.peek(ctx)
		if err != nil {
			return err
		}
		if rest == nil {
			return c.flush()
		}
		if err := c.gone(rest.id); err != nil {
			return err
		}
	}
}

// take compares a row of the database.
func (c *comparison) take(ctx context.Context, e *session, d decoded) error {
	id := d.document.ID
	switch {
	case d.id.Null || id == "":
		return e.refuse(d.id, catalog.Errorf(catalog.CodeInvalid, "the key is NULL or empty"), &c.skipped)
	case id == c.last:
		return e.refuse(d.id, catalog.Errorf(catalog.CodeInvalid, "the key is not unique"), &c.skipped)
	}
	c.last = id
	for {
		held, err := c.pager.peek(ctx)
		if err != nil {
			return err
		}
		switch {
		case held == nil || held.id > id:
			return c.fetch(id)
		case held.id < id:
			if err := c.gone(held.id); err != nil {
				return err
			}
		case held.version != d.document.Version:
			c.pager.next()
			return c.fetch(id)
		default:
			c.pager.next()
			return nil
		}
	}
}

func (c *comparison) fetch(id string) error {
	c.ids = append(c.ids, id)
	return c.flushFull()
}

// gone notes that the database has an id no more.
func (c *comparison) gone(id string) error {
	c.pager.next()
	c.found = append(c.found, catalog.Change{ID: id})
	return c.flushFull()
}

func (c *comparison) flushFull() error {
	if len(c.ids)+len(c.found) < c.most() {
		return nil
	}
	return c.flush()
}
