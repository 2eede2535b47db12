// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package debian makes layers of Debian packages: their files as dpkg would
// install them, and the records by which scanners know what an image holds.
package debian

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/lupasearch/lupa/tools/apt/deb"
	"github.com/lupasearch/lupa/tools/image/tarball"
)

// A Package is one Debian package, unpacked one level.
type Package struct {
	Name    string
	Control string // file: control.tar.*
	Data    string // file: data.tar.*
}

// A Globs matches paths: '*' matches within a part of a path, '**' any number of
// parts, '?' one character.
type Globs []*regexp.Regexp

// ParseGlobs reads patterns without a leading slash, such as "usr/share/doc/**".
func ParseGlobs(patterns []string) (Globs, error) {
	var globs Globs
	for _, pattern := range patterns {
		if strings.HasPrefix(pattern, "/") {
			return nil, fmt.Errorf("pattern %q begins with '/'; paths in a layer do not", pattern)
		}
		quoted := regexp.QuoteMeta(pattern)
		quoted = strings.ReplaceAll(quoted, `\*\*`, `.*`)
		quoted = strings.ReplaceAll(quoted, `\*`, `[^/]*`)
		quoted = strings.ReplaceAll(quoted, `\?`, `[^/]`)
		re, err := regexp.Compile("^" + quoted + "$")
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", pattern, err)
		}
		globs = append(globs, re)
	}
	return globs, nil
}

// Match tells whether any pattern matches.
func (g Globs) Match(p string) bool {
	for _, re := range g {
		if re.MatchString(p) {
			return true
		}
	}
	return false
}

// Add puts a package's files into a layer, without those that exclude matches,
// and its records into the folder var/lib/dpkg/status.d: the control paragraph, and the
// checksums of the files that are there. With patterns to include, the layer gets
// only files that match one, and the records say what the layers below have, too.
func Add(layer *tarball.Layer, p Package, include, exclude Globs) error {
	shipped := func(name string) bool { return !exclude.Match(name) }
	return add(layer, p, func(name string) bool {
		return shipped(name) && (include == nil || include.Match(name))
	}, shipped)
}

// add puts in the files that keep says yes to, and records of those that are
// shipped.
func add(layer *tarball.Layer, p Package, keep, shipped func(string) bool) error {
	data, closer, err := deb.OpenData(p.Data)
	if err != nil {
		return fmt.Errorf("package %s: %w", p.Name, err)
	}
	err = addFiles(layer, data, keep)
	if err = errors.Join(err, closer.Close()); err != nil {
		return fmt.Errorf("package %s: %w", p.Name, err)
	}
	if err := addRecords(layer, p, shipped); err != nil {
		return fmt.Errorf("package %s: %w", p.Name, err)
	}
	return nil
}

func addFiles(layer *tarball.Layer, data *tar.Reader, keep func(string) bool) error {
	for {
		header, err := data.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
		if name == "" || !keep(name) {
			continue
		}
		entry := tarball.Entry{
			Path: header.Name, Kind: tarball.Kind(header.Typeflag), Mode: header.Mode & 0o7777,
			UID: header.Uid, GID: header.Gid, Target: header.Linkname,
		}
		if entry.Kind == tarball.File {
			if entry.Data, err = io.ReadAll(data); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if err := layer.Add(entry); err != nil {
			return err
		}
	}
}

const statusDir = "var/lib/dpkg/status.d/"

func addRecords(layer *tarball.Layer, p Package, shipped func(string) bool) error {
	control, err := deb.ReadControl(p.Control)
	if err != nil {
		return err
	}
	records := tarball.Entry{Path: statusDir, Kind: tarball.Directory, Mode: 0o755}
	if err := layer.Add(records); err != nil {
		return err
	}
	for _, file := range []tarball.Entry{
		{Path: statusDir + p.Name, Data: []byte(control.Paragraph.String())},
		{Path: statusDir + p.Name + ".md5sums", Data: shippedSums(control.MD5Sums, shipped)},
	} {
		file.Kind, file.Mode = tarball.File, 0o644
		if err := layer.Add(file); err != nil {
			return err
		}
	}
	return nil
}

// shippedSums leaves out the lines of files that are not in the layer.
func shippedSums(sums []byte, shipped func(string) bool) []byte {
	var b bytes.Buffer
	for _, line := range bytes.SplitAfter(sums, []byte("\n")) {
		_, name, ok := strings.Cut(string(line), "  ")
		if ok && shipped(strings.TrimSpace(name)) {
			b.Write(line)
		}
	}
	return b.Bytes()
}
