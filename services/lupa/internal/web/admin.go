// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// codeUnauthorized: the token is missing or wrong.
const codeUnauthorized catalog.Code = "unauthorized"

// snapshotPath is where copies of collections are handed out.
const snapshotPath = "/v1/admin/snapshot"

// snapshotKind is the media type of SQLite's files.
const snapshotKind = "application/vnd.sqlite3"

// snapshot answers GET /v1/admin/snapshot with a copy of a collection, one at a
// time.
func (s *Server) snapshot(r *http.Request) (response, error) {
	if s.copier == nil || s.token == "" {
		return response{}, catalog.Errorf(catalog.CodeNotFound, "copies are not handed out here; set admin.token_env or admin.token_file in the configuration")
	}
	given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	got, want := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.token))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		return response{}, catalog.Errorf(codeUnauthorized, "the header 'Authorization: Bearer TOKEN' is missing or has another token")
	}
	p := newParameters(r.URL.RawQuery)
	name := p.one("collection")
	if err := p.done(); err != nil {
		return response{}, err
	}
	c, err := s.choose(name)
	if err != nil {
		return response{}, err
	}
	select {
	case s.copying <- struct{}{}:
	default:
		return response{}, catalog.Errorf(catalog.CodeUnavailable, "another copy is being handed out; try again")
	}
	copied, err := s.copier.Export(r.Context(), c.Name)
	if err != nil {
		<-s.copying
		return response{}, err
	}
	return response{kind: snapshotKind, noTag: true, length: copied.Size(), stream: &copying{copied, func() { <-s.copying }}}, nil
}

// A copying is a copy that is being handed out.
type copying struct {
	catalog.Copy
	leave func()
}

// Close ends it.
func (c *copying) Close() error {
	defer c.leave()
	return c.Copy.Close()
}

// copyTime bounds how long one piece of a copy may take on its way.
const copyTime = 30 * time.Second

// send writes a stream, with time for each piece of it.
func send(w http.ResponseWriter, from io.Reader) error {
	control := http.NewResponseController(w)
	piece := make([]byte, 256<<10)
	for {
		n, err := from.Read(piece)
		if n > 0 {
			if err := control.SetWriteDeadline(time.Now().Add(copyTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return err
			}
			if _, err := w.Write(piece[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Fetch asks a running service for a copy of a collection and gives it to take.
func Fetch(ctx context.Context, address, token, collection string, take func(io.Reader) error) (err error) {
	target := strings.TrimRight(address, "/") + snapshotPath + "?collection=" + url.QueryEscape(collection)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1024)) //nolint:errcheck // the status says enough
		return fmt.Errorf("%s: %s: %s", target, answer.Status, text)
	}
	if answer.Header.Get("Content-Length") != strconv.FormatInt(answer.ContentLength, 10) || answer.ContentLength <= 0 {
		return fmt.Errorf("%s: the answer does not say how long it is", target)
	}
	return take(answer.Body)
}
