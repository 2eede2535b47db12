// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
)

// A cursor is the last hit of a page, and of what.
type cursor struct {
	Generation string `json:"g"`
	Step       int64  `json:"t"` // of the boosts
	Request    uint64 `json:"q"` // hash of what was asked for
	ID         uint32 `json:"d"`
	Score      uint64 `json:"s"` // bits of the float
	Tier       int    `json:"r"`
}

// requestHash is equal for requests that a cursor may go on with.
func requestHash(r catalog.Request) uint64 {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%q %q %t %v %v", r.Text, r.Match, r.Typing, r.Filters, r.Sort)
	return hash.Sum64()
}

// cursorOf is the cursor behind a hit, in the form that is handed out.
func (g *generation) cursorOf(r catalog.Request, step int64, last fts5.Hit) (string, error) {
	data, err := json.Marshal(cursor{g.name(), step, requestHash(r), last.ID, math.Float64bits(last.Score), last.Tier})
	return base64.RawURLEncoding.EncodeToString(data), err
}

// after reads a request's cursor; nil where it has none.
func (g *generation) after(v *view, r catalog.Request, step int64) (*fts5.Hit, error) {
	if r.Cursor == "" {
		return nil, nil
	}
	var c cursor
	data, err := base64.RawURLEncoding.DecodeString(r.Cursor)
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	switch {
	case err != nil || c.ID < 1:
		return nil, catalog.Errorf(catalog.CodeInvalid, "the cursor is none that was handed out here")
	case c.Request != requestHash(r):
		return nil, catalog.Errorf(catalog.CodeInvalid, "the cursor belongs to another query; query, match, filters and sort must be those of the first page")
	case c.Generation != g.name() || c.Step != step || int(c.ID) > v.most:
		return nil, catalog.Errorf(catalog.CodeGone, "the index was renewed since the cursor was handed out; begin again with the first page")
	}
	return &fts5.Hit{ID: c.ID, Score: math.Float64frombits(c.Score), Tier: c.Tier}, nil
}
