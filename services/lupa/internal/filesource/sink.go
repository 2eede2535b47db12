// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package filesource

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A row is what was found at a line: a document, or an error.
type row struct {
	file     string
	line     int
	document catalog.Document
	err      error
}

// Rows are handed over in batches, and so many are read ahead.
const (
	rowsAtOnce = 128
	rowsAhead  = 2048
)

// A queue takes rows in while they are read.
type queue struct {
	options Options
	file    string
	batch   []row
	batches chan []row
	stop    chan struct{} // closed when no more rows are wanted
}

var errStopped = errors.New("no more rows are wanted")

// add takes a document that stands at a line.
func (q *queue) add(line int, d catalog.Document) error { return q.put(row{q.file, line, d, nil}) }

// refuse takes what is wrong with the row at a line.
func (q *queue) refuse(line int, err error) error {
	return q.put(row{q.file, line, catalog.Document{}, err})
}

func (q *queue) put(r row) error {
	if q.batch = append(q.batch, r); len(q.batch) < rowsAtOnce {
		return nil
	}
	return q.flush()
}

func (q *queue) flush() error {
	batch := q.batch
	q.batch = nil
	select {
	case q.batches <- batch:
		return nil
	case <-q.stop:
		return errStopped
	}
}

// A sink hands documents on, and decides about rows that are none.
type sink struct {
	ctx     context.Context
	yield   func(catalog.Document) error
	options Options
	skipped int
}

// take hands a row's document on.
func (s *sink) take(r row) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	err := r.err
	if err == nil {
		err = s.yield(r.document)
	}
	if err == nil {
		return nil
	}
	// Errors that are not the row's fault end the reading in any case.
	placed := fmt.Errorf("%s:%d: %w", r.file, r.line, err)
	if s.options.OnError != Skip || catalog.CodeOf(err) != catalog.CodeInvalid {
		return placed
	}
	s.skipped++
	s.options.Log.Warn("row left out", "error", placed)
	return nil
}

func invalid(format string, args ...any) error {
	return catalog.Errorf(catalog.CodeInvalid, format, args...)
}

// maxLine bounds a line, and so the memory a file can ask for.
const maxLine = 16 << 20

var byteOrderMark = []byte("\xef\xbb\xbf")

// lines reads lines without their ends. One that is longer than maxLine gives an
// error of CodeInvalid, after which the next line can be read.
type lines struct {
	r      *bufio.Reader
	number int // of the last line, from 1
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 256<<10)} }

// next gives a line, or io.EOF. The line is valid until the next call.
func (l *lines) next() ([]byte, error) {
	var long []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if len(long)+len(part) <= maxLine {
				long = append(long, part...)
				continue
			}
			l.number++
			if err := l.skip(); err != nil {
				return nil, err
			}
			return nil, invalid("line is longer than %d bytes", maxLine)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if long != nil {
			part = append(long, part...)
		}
		if len(part) == 0 {
			return nil, io.EOF
		}
		l.number++
		if len(part) > maxLine {
			return nil, invalid("line is longer than %d bytes", maxLine)
		}
		if l.number == 1 {
			part = bytes.TrimPrefix(part, byteOrderMark)
		}
		return bytes.TrimRight(part, "\r\n"), nil
	}
}

// skip passes over the rest of a line.
func (l *lines) skip() error {
	for {
		_, err := l.r.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}
