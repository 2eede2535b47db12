// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package closure follows what programs are loaded with: their loader, the shared
// libraries they need, those that these need in turn, and the symbols that each
// takes from another. It says what an image lacks (Check), and what a slice of
// packages must hold (Follow).
package closure

import (
	"archive/tar"
	"path"
	"strings"

	"github.com/lupasearch/lupa/tools/image/layout"
)

// Files are those of an image, or of packages, by path without a leading slash.
// Folders may be left out.
type Files map[string]File

// A File is a regular file, or a link if Target is set. A hard link's target
// begins with a slash.
type File struct {
	Target string
	Data   []byte
}

// maxLinks is how many links on the way to a file the kernel follows.
const maxLinks = 40

// FromImage gives the files of an image.
func FromImage(nodes map[string]layout.Node) Files {
	files := make(Files)
	for name, node := range nodes {
		switch node.Type {
		case tar.TypeReg:
			files[name] = File{Data: node.Data}
		case tar.TypeSymlink:
			files[name] = File{Target: node.Target}
		case tar.TypeLink:
			files[name] = File{Target: "/" + strings.TrimPrefix(path.Clean("/"+node.Target), "/")}
		}
	}
	return files
}

// Resolve follows links, of folders too, from a path to a regular file. It
// returns the file's own path and those of all links on the way; found is false
// if the path leads nowhere.
func (f Files) Resolve(name string) (real string, links []string, found bool) {
	at, rest := "", strings.Split(strings.Trim(path.Clean("/"+name), "/"), "/")
	for len(rest) > 0 {
		at, rest = path.Join(at, rest[0]), rest[1:]
		file, ok := f[at]
		switch {
		case ok && file.Target != "":
			if links = append(links, at); len(links) > maxLinks {
				return "", nil, false
			}
			target := file.Target
			if !path.IsAbs(target) {
				target = path.Join("/", path.Dir(at), target)
			}
			rest = append(strings.Split(strings.Trim(path.Clean(target), "/"), "/"), rest...)
			at = ""
		case ok:
			return at, links, len(rest) == 0
		}
	}
	return "", nil, false
}

// hasFolder says whether anything lies in a folder.
func (f Files) hasFolder(name string) bool {
	prefix := strings.Trim(path.Clean("/"+name), "/") + "/"
	for file := range f {
		if strings.HasPrefix(file, prefix) {
			return true
		}
	}
	return false
}
