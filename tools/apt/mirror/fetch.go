// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// A Fetcher gets files from the first mirror that has them. Its fields are set
// before use; it is safe for concurrent use afterwards.
type Fetcher struct {
	// Bases are asked in order.
	Bases []Base
	// Client talks to them; it should have a timeout.
	Client *http.Client
	// Attempts is how often one mirror is asked; 0 means once.
	Attempts int
	// Backoff is the pause before the second attempt; it doubles each time.
	Backoff time.Duration
	// Log gets a line for each attempt that failed.
	Log *slog.Logger
}

// errPermanent marks an answer that asking again will not change.
var errPermanent = errors.New("not retried")

// NewClient returns a client for http, https and file addresses.
func NewClient(timeout time.Duration) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.RegisterProtocol("file", http.NewFileTransport(http.Dir("/")))
	return &http.Client{Transport: t, Timeout: timeout}
}

// Get fetches path of archive. check decides whether the answer is the file that
// was wanted; if not, the next mirror is asked. An answer of more than limit
// bytes is refused. The error names every address that was tried.
func (f *Fetcher) Get(ctx context.Context, archive, path string, limit int64, check func([]byte) error) ([]byte, error) {
	var failures []error
	for _, b := range f.Bases {
		if b.Archive != archive {
			continue
		}
		address := b.URL + "/" + path
		data, err := f.attempts(ctx, address, limit)
		if err == nil {
			err = check(data)
		}
		if err == nil {
			return data, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", address, err))
		if ctx.Err() != nil {
			break
		}
	}
	if failures == nil {
		return nil, fmt.Errorf("fetch %s: no mirror of archive %q is known: set %s", path, archive, Variable)
	}
	return nil, fmt.Errorf("fetch %s of archive %s (%s names other mirrors): %w", path, archive, Variable, errors.Join(failures...))
}

func (f *Fetcher) attempts(ctx context.Context, address string, limit int64) ([]byte, error) {
	pause := f.Backoff
	for n := 1; ; n++ {
		data, err := f.once(ctx, address, limit)
		if err == nil {
			return data, nil
		}
		f.Log.Debug("fetch", "address", address, "attempt", n, "error", err)
		if n >= f.Attempts || errors.Is(err, errPermanent) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
}

func (f *Fetcher) once(ctx context.Context, address string, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", err, errPermanent)
	}
	resp, err := f.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		err := fmt.Errorf("answer %s", resp.Status)
		if resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusTooManyRequests {
			err = fmt.Errorf("%w (%w)", err, errPermanent)
		}
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("cut off after %d bytes: %w", len(data), err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("more than %d bytes (%w)", limit, errPermanent)
	}
	return data, nil
}
