// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package structure

import (
	"archive/tar"
	"fmt"
	"strings"

	"github.com/lupasearch/lupa/tools/image/layout"
)

// A place is what is wanted at a path.
type place struct {
	text string // kind, mode and owner; or a link's target
	most Size   // of a file; 0 is any size
}

const atMost = " at most "

// parsePlace reads "dir 0755 0:0", "file 0644 0:0 at most 2 MB" or "link target".
func parsePlace(text string) (place, error) {
	what, limit, limited := strings.Cut(text, atMost)
	words := strings.Fields(what)
	p := place{text: strings.Join(words, " ")}
	switch {
	case len(words) == 2 && words[0] == "link" && !limited:
		return p, nil
	case len(words) == 3 && (words[0] == "file" || words[0] == "dir" && !limited) && isMode(words[1]) && isOwner(words[2]):
		var err error
		if limited {
			p.most, err = ParseSize(limit)
		}
		return p, err
	}
	return p, fmt.Errorf("%q: \"dir 0755 0:0\", \"file 0644 0:0\", \"file 0644 0:0 at most 2 MB\" or \"link target\" is wanted", text)
}

func isMode(word string) bool {
	return len(word) == 4 && strings.Trim(word, "01234567") == ""
}

func isOwner(word string) bool {
	user, group, ok := strings.Cut(word, ":")
	return ok && user != "" && group != "" && strings.Trim(user+group, "0123456789") == ""
}

// describe gives what is at a path in the form of a place.
func describe(n layout.Node) string {
	switch n.Type {
	case tar.TypeSymlink:
		return "link " + n.Target
	case tar.TypeDir:
		return fmt.Sprintf("dir %04o %d:%d", n.Mode, n.UID, n.GID)
	case tar.TypeReg, tar.TypeLink:
		return fmt.Sprintf("file %04o %d:%d", n.Mode, n.UID, n.GID)
	}
	return fmt.Sprintf("an entry of type %q", n.Type)
}

// compare says how a node differs from a place; "" is that it does not.
func (p place) compare(n layout.Node, there bool) string {
	switch got := describe(n); {
	case !there:
		return "is not there, want " + p.text
	case got != p.text:
		return fmt.Sprintf("is %s, want %s", got, p.text)
	case p.most > 0 && Size(n.Size) > p.most:
		return fmt.Sprintf("has %d bytes, %d more than the %v it may have", n.Size, n.Size-int64(p.most), p.most)
	}
	return ""
}
