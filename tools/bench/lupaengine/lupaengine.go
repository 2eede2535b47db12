// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package lupaengine is Lupa as its users meet it: its program, started with a
// configuration, and asked over HTTP on the loopback interface.
package lupaengine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/engine"
)

// Engine is a Lupa program.
type Engine struct {
	// Program is the file; without it the engine is missing.
	Program string
	// Settings are further lines of YAML for the collection, such as a language.
	Settings string
	// Fields are settings in YAML for fields by name, as in {"title": "exact: 0.5"},
	// in place of those that the benchmark has; fields that a collection does not
	// have are passed over.
	Fields map[string]string
}

// Name implements engine.Engine.
func (Engine) Name() string { return "lupa" }

// Open implements engine.Engine.
func (e Engine) Open(ctx context.Context, c *corpus.Collection) (engine.Index, error) {
	s, err := e.Start(ctx, c)
	if err != nil {
		return nil, err // not s: an interface that holds nil is not nil
	}
	return s, nil
}

// Searchers implements engine.Index.
func (s *Server) Searchers() []engine.Searcher { return []engine.Searcher{s} }

// Name implements engine.Searcher.
func (s *Server) Name() string { return "lupa" }

// MaxHits is how many hits Lupa gives at once.
const MaxHits = 100

// SearchPath is the address below a server's for searching.
func SearchPath(text string, limit int) string {
	return "/v1/search?" + url.Values{"q": {text}, "limit": {strconv.Itoa(limit)}}.Encode()
}

// SuggestPath is the address below a server's for completing a text.
func SuggestPath(collection, text string) string {
	return "/v1/collections/" + url.PathEscape(collection) + "/suggest?" + url.Values{"q": {text}}.Encode()
}

// Search implements engine.Searcher; it asks for MaxHits hits at most.
func (s *Server) Search(ctx context.Context, text string, k int) ([]string, error) {
	var answer struct {
		Hits []struct {
			ID string `json:"id"`
		} `json:"hits"`
		TimedOut bool `json:"timed_out"`
	}
	if err := s.get(ctx, SearchPath(text, min(k, MaxHits)), &answer); err != nil {
		return nil, err
	}
	if answer.TimedOut {
		return nil, fmt.Errorf("the answer to %q was cut off at Lupa's deadline; the machine is too busy to measure relevance", text)
	}
	var ids []string
	for _, hit := range answer.Hits {
		ids = append(ids, hit.ID)
	}
	return ids, nil
}

// get asks for an address and reads its JSON.
func (s *Server) get(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+address, http.NoBody)
	if err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: answer %s", address, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
