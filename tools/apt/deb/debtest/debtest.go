// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package debtest makes Debian packages for tests.
package debtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// Formats are the endings of the archives a package can hold; "" is not packed.
var Formats = []string{"", ".gz", ".xz", ".zst"}

// A File is an entry of an archive: a folder if its name ends in a slash, a
// link if Symlink or Hardlink is set, else a file with the content.
type File struct {
	Name, Content, Symlink, Hardlink string
	Executable                       bool
}

// Tar packs files in their order, with fixed times and owners.
func Tar(files ...File) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		// dpkg-deb writes GNU tar; names are bytes there.
		h := &tar.Header{Name: f.Name, Mode: 0o644, Typeflag: tar.TypeReg, Size: int64(len(f.Content)), Format: tar.FormatGNU}
		switch {
		case strings.HasSuffix(f.Name, "/"):
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		case f.Symlink != "":
			h.Typeflag, h.Linkname = tar.TypeSymlink, f.Symlink
		case f.Hardlink != "":
			h.Typeflag, h.Linkname = tar.TypeLink, f.Hardlink
		case f.Executable:
			h.Mode = 0o755
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, f.Content); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// Compress packs data in one of Formats.
func Compress(format string, data []byte) ([]byte, error) {
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch format {
	case "":
		return data, nil
	case ".gz":
		w = gzip.NewWriter(&b)
	case ".xz":
		w, err = xz.NewWriter(&b)
	case ".zst":
		w, err = zstd.NewWriter(&b)
	default:
		return nil, fmt.Errorf("format %q is not among %q", format, Formats)
	}
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// Package returns a .deb whose archives have the format.
func Package(format string, control, data []File) ([]byte, error) {
	out := []byte("!<arch>\n")
	out = member(out, "debian-binary", []byte("2.0\n"))
	for _, part := range []struct {
		name  string
		files []File
	}{{"control.tar", control}, {"data.tar", data}} {
		archive, err := Tar(part.files...)
		if err == nil {
			archive, err = Compress(format, archive)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", part.name, err)
		}
		out = member(out, part.name+format, archive)
	}
	return out, nil
}

// member appends an ar member.
func member(out []byte, name string, data []byte) []byte {
	out = fmt.Appendf(out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "100644", len(data))
	out = append(out, data...)
	if len(data)%2 == 1 {
		out = append(out, '\n')
	}
	return out
}
