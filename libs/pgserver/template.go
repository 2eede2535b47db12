// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgserver

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// A Template is the data folder of a new server, 4 MB in memory. It may be used
// by several goroutines at once.
type Template struct {
	packed   []byte
	identity identity
}

// NewTemplate makes a template.
func NewTemplate(ctx context.Context, programs Programs) (*Template, error) {
	t, err := newTemplate(ctx, programs, identity{})
	if err != nil {
		return nil, fmt.Errorf("make a template of PostgreSQL servers: %w", err)
	}
	return t, nil
}

func newTemplate(ctx context.Context, programs Programs, who identity) (t *Template, err error) {
	folder, err := os.MkdirTemp("/tmp", "pgserver-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s, err := prepare(Options{Programs: programs, Folder: folder})
	if err != nil {
		return nil, err
	}
	s.identity = who
	if err := s.initdb(ctx); err != nil {
		return nil, err
	}
	packed, err := pack(s.data())
	if err != nil {
		return nil, err
	}
	return &Template{packed: packed, identity: s.identity}, nil
}

// pack reads a folder.
func pack(folder string) ([]byte, error) {
	var packed bytes.Buffer
	// The write-ahead log is mostly zeros, so little is gained by more effort.
	compressed, err := zstd.NewWriter(&packed, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(compressed)
	err = errors.Join(archive.AddFS(os.DirFS(folder)), archive.Close(), compressed.Close())
	return packed.Bytes(), err
}

// unpack writes a copy, which differs in its system identifier as if it were made
// by itself.
func (t *Template) unpack(folder string) error {
	compressed, err := zstd.NewReader(bytes.NewReader(t.packed))
	if err != nil {
		return err
	}
	defer compressed.Close()
	if err := t.mkdir(folder); err != nil {
		return err
	}
	identifier := rand.Uint64() >> 1
	archive := tar.NewReader(compressed)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		file := filepath.Join(folder, filepath.FromSlash(header.Name))
		switch header.Typeflag {
		case tar.TypeDir:
			err = t.mkdir(file)
		case tar.TypeReg:
			text := make([]byte, header.Size)
			if _, err = io.ReadFull(archive, text); err == nil {
				err = t.write(file, header.Name, identifier, text)
			}
		default:
			err = fmt.Errorf("%s is neither folder nor file", header.Name)
		}
		if err != nil {
			return err
		}
	}
}

func (t *Template) mkdir(folder string) error {
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return t.own(folder)
}

// write writes a file, with the system identifier if it has one.
func (t *Template) write(file, name string, identifier uint64, text []byte) error {
	var err error
	switch {
	case name == "global/pg_control":
		err = identifyControl(text, identifier)
	case path.Dir(name) == "pg_wal":
		err = identifyLog(text, identifier)
	}
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return t.own(file)
}

// own gives a file to whom the server runs as.
func (t *Template) own(file string) error {
	if owner := t.identity.chosen.owner; owner != os.Geteuid() {
		return os.Lchown(file, owner, owner)
	}
	return nil
}

// The layout of pg_control that PostgreSQL 13 to 16 have, on a machine that is
// 64-bit and little-endian: identifier, version, much more, checksum.
const (
	controlVersion  = 1300
	controlChecksum = 288
)

// identifyControl writes the system identifier into the content of pg_control.
func identifyControl(text []byte, identifier uint64) error {
	checksum := func() uint32 { return crc32.Checksum(text[:controlChecksum], crc32.MakeTable(crc32.Castagnoli)) }
	le := binary.LittleEndian
	if len(text) < controlChecksum+4 || le.Uint32(text[8:]) != controlVersion || le.Uint32(text[controlChecksum:]) != checksum() {
		return errors.New("its layout is not the one known; make servers without a template")
	}
	le.PutUint64(text, identifier)
	le.PutUint32(text[controlChecksum:], checksum())
	return nil
}

// identifyLog writes the system identifier into a segment of the write-ahead
// log: it is in the long header of the first page, which has no checksum.
func identifyLog(text []byte, identifier uint64) error {
	const long, place = 2, 24
	le := binary.LittleEndian
	if len(text) < place+8 || le.Uint16(text[2:])&long == 0 {
		return errors.New("no segment of a write-ahead log")
	}
	le.PutUint64(text[place:], identifier)
	return nil
}
