// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Contents reads a list of an archive's files as Debian has it, Contents-CPU,
// compressed by gzip or not: a document for each path, with the packages that have
// it as its body. Queries there are none.
func Contents(r io.Reader) (*Collection, error) {
	in := bufio.NewReaderSize(r, 1<<20)
	if start, _ := in.Peek(2); bytes.Equal(start, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReaderSize(unpacked, 1<<20)
	}
	c := &Collection{Name: "contents", Fields: []Field{{Name: "title", Weight: 1}, {Name: "body", Weight: 1}}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		// Paths may hold spaces; the list of packages does not.
		line := strings.ToValidUTF8(strings.TrimRight(lines.Text(), " \t"), "\uFFFD")
		at := strings.LastIndexAny(line, " \t")
		if at < 0 {
			return nil, fmt.Errorf("line %d: no path and packages in %q", number, line)
		}
		c.Documents = append(c.Documents, Document{strconv.Itoa(number), []string{strings.TrimSpace(line[:at]), line[at+1:]}})
	}
	return c, lines.Err()
}
