// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package filesource reads documents from files: JSON lines, CSV, TSV, and the
// database files of WordNet.
package filesource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/field"
)

// A Format is how a file holds documents.
type Format string

// The formats there are.
const (
	JSONL   Format = "jsonl"   // a JSON object on each line
	CSV     Format = "csv"     // RFC 4180, with a header
	TSV     Format = "tsv"     // the same with tabs
	WordNet Format = "wordnet" // a folder with WordNet's data.noun, data.verb, data.adj, data.adv
)

// OnError says what to do with a row that is no document.
type OnError string

const (
	// Fail gives up, with the place of the row.
	Fail OnError = "fail"
	// Skip leaves the row out and logs it; the number left out is logged at the end.
	Skip OnError = "skip"
)

// A Column is where a field's values are in a file.
type Column = field.Column

// Options describe one source. Every field must be set.
type Options struct {
	Path    string
	Format  Format
	ID      string   // name of the key or column with the id; WordNet has its own
	Columns []Column // one per field of the collection
	OnError OnError
	Log     *slog.Logger
}

// A Source is a catalog.Source over files.
type Source struct {
	options     Options
	done, total atomic.Int64
}

var _ catalog.Source = (*Source)(nil)

// New makes a Source; it looks at no file yet.
func New(o Options) *Source { return &Source{options: o} }

// files lists what a source reads, in order.
func (s *Source) files() []string {
	if s.options.Format != WordNet {
		return []string{s.options.Path}
	}
	files := make([]string, 0, len(wordNetFiles))
	for _, f := range wordNetFiles {
		files = append(files, filepath.Join(s.options.Path, f.name))
	}
	return files
}

// Fingerprint hashes the files' content.
func (s *Source) Fingerprint(ctx context.Context) (string, error) {
	hash := sha256.New()
	for _, file := range s.files() {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("source: %w", err)
		}
		n, err := io.Copy(hash, f)
		f.Close()
		if err != nil {
			return "", fmt.Errorf("source: %w", err)
		}
		fmt.Fprintf(hash, "\x00%d\x00", n)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Progress tells how far Documents is, in bytes.
func (s *Source) Progress() (done, total int64) { return s.done.Load(), s.total.Load() }

// Documents reads every document.
func (s *Source) Documents(ctx context.Context, yield func(catalog.Document) error) error {
	s.done.Store(0)
	total := int64(0)
	for _, file := range s.files() {
		info, err := os.Stat(file)
		if err != nil {
			return fmt.Errorf("source: %w", err)
		}
		total += info.Size()
	}
	s.total.Store(total)
	sink := &sink{ctx: ctx, yield: yield, options: s.options}
	if err := s.readAhead(sink); err != nil {
		return err
	}
	if sink.skipped > 0 {
		s.options.Log.Warn("rows were left out", "source", s.options.Path, "rows", sink.skipped)
	}
	return nil
}

// readAhead reads the files in a goroutine of its own, and hands what it finds to
// the sink in this one.
func (s *Source) readAhead(to *sink) error {
	q := &queue{options: s.options, batches: make(chan []row, rowsAhead/rowsAtOnce), stop: make(chan struct{})}
	var readErr error
	go func() {
		defer close(q.batches)
		for i, file := range s.files() {
			if readErr = s.readFile(file, i, q); readErr != nil {
				break
			}
		}
		readErr = errors.Join(readErr, q.flush())
	}()
	var err error
	for batch := range q.batches {
		for _, r := range batch {
			if err != nil {
				break
			}
			if err = to.take(r); err != nil {
				close(q.stop)
			}
		}
	}
	if err != nil {
		return err
	}
	return readErr
}

func (s *Source) readFile(file string, index int, to *queue) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	defer f.Close()
	to.file = file
	r := &countingReader{f, &s.done}
	switch s.options.Format {
	case JSONL:
		return readJSONL(r, to)
	case CSV:
		return readTable(r, ',', to)
	case TSV:
		return readTable(r, '\t', to)
	case WordNet:
		return readWordNet(r, wordNetFiles[index].prefix, to)
	}
	return fmt.Errorf("source: unknown format %q", s.options.Format)
}

// A countingReader adds what is read to a counter.
type countingReader struct {
	r io.Reader
	n *atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
