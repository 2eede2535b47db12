// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package tarball writes the tar archives that image layers are, so that equal
// entries give equal bytes: sorted by path, numeric owners without names, one
// fixed time, modes as given. The format is USTAR, with PAX records only where a
// path or a size does not fit it.
package tarball

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// A Kind is what an entry is.
type Kind byte

// The kinds there are.
const (
	File      Kind = tar.TypeReg
	Directory Kind = tar.TypeDir
	Symlink   Kind = tar.TypeSymlink
	Hardlink  Kind = tar.TypeLink
)

// An Entry is one path of a layer.
type Entry struct {
	Path   string // slash-separated, relative to the root: "etc/passwd", "." for the root
	Kind   Kind
	Mode   int64  // permission bits with setuid, setgid and sticky, as in 0o1777
	UID    int    // numeric owner
	GID    int    // numeric group
	Target string // of links: a symlink's as written, a hard link's path
	Data   []byte // of files, unless Source is set
	Source string // file to read the content from
}

// Epoch is the time of every entry.
var Epoch = time.Unix(0, 0).UTC()

// A Layer collects entries. The zero value is an empty layer, ready to use.
type Layer struct {
	entries map[string]Entry
}

// Add puts an entry in. Adding an equal one again changes nothing; another one
// with the same path is an error, and so is a path that leaves the root.
func (l *Layer) Add(e Entry) error {
	clean, err := cleanPath(e.Path)
	if err != nil {
		return err
	}
	e.Path = clean
	if e.Mode&^0o7777 != 0 {
		return fmt.Errorf("%s: mode %#o has more than permission bits", e.Path, e.Mode)
	}
	if e.UID < 0 || e.GID < 0 {
		return fmt.Errorf("%s: owner %d:%d is negative", e.Path, e.UID, e.GID)
	}
	switch e.Kind {
	case File, Directory:
	case Symlink:
		e.Mode = 0o777
	case Hardlink:
		if e.Target, err = cleanPath(e.Target); err != nil {
			return fmt.Errorf("%s: hard link: %w", e.Path, err)
		}
	default:
		return fmt.Errorf("%s: entries of type %q have no place in a layer", e.Path, byte(e.Kind))
	}
	if had, ok := l.entries[e.Path]; ok {
		if same(had, e) {
			return nil
		}
		return fmt.Errorf("%s is in the layer twice: as %s and as %s", e.Path, had, e)
	}
	if l.entries == nil {
		l.entries = make(map[string]Entry)
	}
	l.entries[e.Path] = e
	return nil
}

// String describes an entry in errors.
func (e Entry) String() string {
	kind := map[Kind]string{File: "file", Directory: "folder", Symlink: "symlink to " + e.Target, Hardlink: "hard link to " + e.Target}[e.Kind]
	return fmt.Sprintf("%s %04o %d:%d", kind, e.Mode, e.UID, e.GID)
}

func same(a, b Entry) bool {
	return a.Kind == b.Kind && a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID &&
		a.Target == b.Target && a.Source == b.Source && bytes.Equal(a.Data, b.Data)
}

// cleanPath takes a leading "./" or "/" and a trailing "/" off.
func cleanPath(p string) (string, error) {
	if p == "" || strings.ContainsRune(p, 0) {
		return "", fmt.Errorf("%q is no path", p)
	}
	for _, part := range strings.Split(p, "/") {
		if part == ".." {
			return "", fmt.Errorf("%q leaves the root", p)
		}
	}
	clean := strings.TrimPrefix(path.Clean("/"+p), "/")
	if clean == "" {
		return ".", nil
	}
	return clean, nil
}

// Entries lists what was added, sorted by path.
func (l *Layer) Entries() []Entry {
	all := make([]Entry, 0, len(l.entries))
	for _, e := range l.entries {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// Write writes the archive. Hard links come after all else, as their targets
// must be there first. An entry below one that is no folder, or a hard link to
// what is no file of the layer, is an error.
func (l *Layer) Write(w io.Writer) error {
	out := tar.NewWriter(w)
	var links []Entry
	for _, e := range l.Entries() {
		if err := l.checkPlace(e); err != nil {
			return err
		}
		if e.Kind == Hardlink {
			links = append(links, e)
			continue
		}
		if err := writeEntry(out, e); err != nil {
			return fmt.Errorf("%s: %w", e.Path, err)
		}
	}
	for _, e := range links {
		if err := writeEntry(out, e); err != nil {
			return fmt.Errorf("%s: %w", e.Path, err)
		}
	}
	return out.Close()
}

func (l *Layer) checkPlace(e Entry) error {
	for dir := path.Dir(e.Path); dir != "."; dir = path.Dir(dir) {
		if parent, ok := l.entries[dir]; ok && parent.Kind != Directory {
			return fmt.Errorf("%s lies below %s, which is a %s", e.Path, dir, parent)
		}
	}
	if e.Kind == Hardlink && l.entries[e.Target].Kind != File {
		return fmt.Errorf("%s is a hard link to %s, which is no file of this layer", e.Path, e.Target)
	}
	return nil
}

func writeEntry(out *tar.Writer, e Entry) (err error) {
	header := &tar.Header{
		Typeflag: byte(e.Kind), Name: e.Path, Mode: e.Mode, Uid: e.UID, Gid: e.GID,
		ModTime: Epoch, Linkname: e.Target,
	}
	if e.Kind == Directory {
		header.Name += "/"
	}
	if e.Kind != File {
		return out.WriteHeader(header)
	}
	content, size, err := e.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	header.Size = size
	if err := out.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	return err
}

func (e Entry) open() (io.ReadCloser, int64, error) {
	if e.Source == "" {
		return io.NopCloser(bytes.NewReader(e.Data)), int64(len(e.Data)), nil
	}
	f, err := os.Open(e.Source)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}
