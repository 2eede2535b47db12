// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package deb

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

const (
	arMagic      = "!<arch>\n"
	arHeaderSize = 60
	arTrailer    = "`\n"
)

// member finds the ar member whose name starts with prefix, such as "data.tar".
// Errors say how many bytes are missing if the file is cut off.
func member(f *os.File, size int64, prefix string) (*io.SectionReader, error) {
	header := make([]byte, arHeaderSize)
	for off := int64(len(arMagic)); off < size; {
		if _, err := f.ReadAt(header, off); err != nil {
			return nil, fmt.Errorf("truncated: header at byte %d of %d: %w", off, size, io.ErrUnexpectedEOF)
		}
		name := strings.TrimRight(string(header[:16]), " /")
		length, err := strconv.ParseInt(strings.TrimSpace(string(header[48:58])), 10, 64)
		if err != nil || length < 0 || string(header[58:]) != arTrailer {
			return nil, fmt.Errorf("damaged: no ar header at byte %d", off)
		}
		off += arHeaderSize
		if off+length > size {
			return nil, fmt.Errorf("truncated: member %s ends at byte %d, the file at %d: %w",
				name, off+length, size, io.ErrUnexpectedEOF)
		}
		if strings.HasPrefix(name, prefix) {
			return io.NewSectionReader(f, off, length), nil
		}
		off += length + length%2
	}
	return nil, fmt.Errorf("no member %s.*: not a Debian package, or truncated at byte %d", prefix, size)
}
