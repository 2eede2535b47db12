// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package deb

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// Beginnings of the formats a tar stream comes in.
const (
	magicGzip = "\x1f\x8b"
	magicXZ   = "\xfd7zXZ\x00"
	magicZstd = "\x28\xb5\x2f\xfd"
)

// OpenData opens the installed files of a package as a stream. path is a .deb or
// its data.tar, plain or packed by xz, zstd or gzip; the content decides, not
// the name. Entry names are as packed, usually "./usr/bin/x". The caller closes
// the closer, which tells whether the stream's end was sound; errors of the
// stream name path.
func OpenData(path string) (*tar.Reader, io.Closer, error) {
	return openTar(path, "data.tar")
}

func openTar(path, prefix string) (*tar.Reader, io.Closer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open package: %w", err)
	}
	r, closeStream, err := openStream(f, prefix)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
	}
	named := &namedReader{r: r, name: path}
	return tar.NewReader(named), closers{named.finish, closeStream, f.Close}, nil
}

// openStream returns the unpacked tar stream of f, which is a .deb or a tar.
func openStream(f *os.File, prefix string) (io.Reader, func() error, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	in := io.NewSectionReader(f, 0, info.Size())
	magic := make([]byte, len(arMagic))
	if _, err := in.ReadAt(magic, 0); err != nil {
		return nil, nil, fmt.Errorf("truncated: only %d bytes: %w", info.Size(), io.ErrUnexpectedEOF)
	}
	if string(magic) == arMagic {
		if in, err = member(f, info.Size(), prefix); err != nil {
			return nil, nil, err
		}
	}
	return decompress(in)
}

func decompress(in io.Reader) (io.Reader, func() error, error) {
	nothing := func() error { return nil }
	b := bufio.NewReaderSize(in, 1<<16)
	head, err := b.Peek(6)
	if err != nil {
		return nil, nil, fmt.Errorf("truncated: %w", io.ErrUnexpectedEOF)
	}
	switch {
	case strings.HasPrefix(string(head), magicGzip):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	case strings.HasPrefix(string(head), magicXZ):
		z, err := xz.NewReader(b)
		return z, nothing, err
	case strings.HasPrefix(string(head), magicZstd):
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, nil, err
		}
		return z, func() error { z.Close(); return nil }, nil
	}
	return b, nothing, nil
}

// namedReader adds the file's name to errors, and turns a stream that ends too
// early into one that says so.
type namedReader struct {
	r    io.Reader
	name string
	err  error // why there is no more, nil as long as there may be
	told bool  // err was given to the reader
}

func (n *namedReader) Read(p []byte) (int, error) {
	if n.err != nil {
		n.told = true
		return 0, n.err
	}
	c, err := n.r.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		n.err = err
	case errors.Is(err, io.ErrUnexpectedEOF):
		n.err = fmt.Errorf("read %s: truncated: %w", n.name, err)
	default:
		n.err = fmt.Errorf("read %s: %w", n.name, err)
	}
	// An error that comes with bytes waits: readers that had enough drop it.
	n.told = c == 0 && n.err != nil
	if !n.told {
		return c, nil
	}
	return c, n.err
}

// finish reads what a tar reader leaves, which is the end of a packed stream with
// its checksum, and gives the error of it unless the reader got it.
func (n *namedReader) finish() error {
	if n.told {
		return nil
	}
	_, err := io.Copy(io.Discard, n)
	return err
}

// closers closes in order and joins the errors.
type closers []func() error

func (c closers) Close() error {
	var errs []error
	for _, f := range c {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}
