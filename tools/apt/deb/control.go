// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package deb

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
)

// maxControlFile bounds one file of a control archive, in bytes.
const maxControlFile = 16 << 20

// Control is what a package says about itself.
type Control struct {
	// Paragraph holds the fields of the control file in their order.
	Paragraph
	// MD5Sums is the md5sums file as packed: lines "<md5>  <path without
	// leading slash>". It is empty if the package has none.
	MD5Sums []byte
	// Conffiles is the conffiles file as packed, one absolute path per line.
	Conffiles []byte
}

// ReadControl reads the control archive of path, which is a .deb or its
// control.tar, plain or packed by xz, zstd or gzip. It is an error if the fields
// Package, Version or Architecture are missing.
func ReadControl(path string) (Control, error) {
	t, closer, err := openTar(path, "control.tar")
	if err != nil {
		return Control{}, err
	}
	files, err := controlFiles(t)
	if err = errors.Join(err, closer.Close()); err != nil {
		return Control{}, fmt.Errorf("read control of %s: %w", path, err)
	}
	p, err := NewDecoder(bytes.NewReader(files["control"]), path+": control").Next()
	if errors.Is(err, io.EOF) {
		return Control{}, fmt.Errorf("read control of %s: no control file", path)
	}
	if err != nil {
		return Control{}, err
	}
	for _, field := range []string{"Package", "Version", "Architecture"} {
		if p.Value(field) == "" {
			return Control{}, fmt.Errorf("read control of %s: no field %s", path, field)
		}
	}
	return Control{Paragraph: p, MD5Sums: files["md5sums"], Conffiles: files["conffiles"]}, nil
}

// controlFiles reads the files we know from a control archive.
func controlFiles(t *tar.Reader) (map[string][]byte, error) {
	files := map[string][]byte{}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		switch name := path.Clean(h.Name); name {
		case "control", "md5sums", "conffiles":
			if h.Size > maxControlFile {
				return nil, fmt.Errorf("%s: %d bytes is too large (limit %d)", name, h.Size, maxControlFile)
			}
			if files[name], err = io.ReadAll(t); err != nil {
				return nil, err
			}
		}
	}
}
