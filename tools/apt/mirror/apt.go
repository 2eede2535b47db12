// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/tools/apt/deb"
)

// FromApt lists the mirrors in apt's configuration, of which root is the folder
// (/etc/apt): sources.list, sources.list.d/*.list and *.sources, in that order.
// Only archives named in archives count, by the last segment of the URL's path;
// other repositories, disabled entries and transports that need apt are left
// out. A machine without apt has no mirrors; that is no error. An archive that is
// not configured is looked for beside the main one.
func FromApt(root fs.FS, archives []string) ([]Base, error) {
	var bases []Base
	for _, pattern := range []string{"sources.list", "sources.list.d/*.list", "sources.list.d/*.sources"} {
		names, err := fs.Glob(root, pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			addresses, err := addresses(root, name)
			if err != nil {
				return nil, fmt.Errorf("read apt configuration: %w", err)
			}
			for _, address := range addresses {
				bases = add(bases, address, archives)
			}
		}
	}
	return withSiblings(bases, archives), nil
}

// withSiblings adds the archives that are not configured at all, beside the main
// one, where Debian's own mirrors have them: a minimal installation knows the
// main archive alone.
func withSiblings(bases []Base, archives []string) []Base {
	all := bases
	for _, archive := range archives {
		if slices.ContainsFunc(bases, func(b Base) bool { return b.Archive == archive }) {
			continue
		}
		for _, b := range bases {
			if b.Archive == "debian" {
				all = append(all, Base{Archive: archive, URL: strings.TrimSuffix(b.URL, "debian") + archive})
			}
		}
	}
	return all
}

// add appends the address if it is that of an archive we know and new.
func add(bases []Base, address string, archives []string) []Base {
	address = strings.TrimRight(address, "/")
	u, err := url.Parse(address)
	if err != nil || !fetchable(u.Scheme) {
		return bases
	}
	b := Base{Archive: path.Base(u.Path), URL: address}
	if !slices.Contains(archives, b.Archive) || slices.Contains(bases, b) {
		return bases
	}
	return append(bases, b)
}

func addresses(root fs.FS, name string) ([]string, error) {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ".sources") {
		return deb822Addresses(string(data), name)
	}
	return lineAddresses(string(data)), nil
}

// lineAddresses reads the one-line format: deb [options] URI suite component…
func lineAddresses(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if open := strings.IndexByte(line, '['); open >= 0 {
			if end := strings.IndexByte(line[open:], ']'); end >= 0 {
				line = line[:open] + " " + line[open+end+1:]
			}
		}
		if words := strings.Fields(line); len(words) >= 3 && words[0] == "deb" {
			out = append(out, words[1])
		}
	}
	return out
}

// deb822Addresses reads the paragraph format with fields Types, URIs, Enabled.
func deb822Addresses(text, name string) ([]string, error) {
	var out []string
	d := deb.NewDecoder(strings.NewReader(text), name)
	for {
		p, err := d.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		enabled := !slices.Contains([]string{"no", "false", "off", "0"}, strings.ToLower(p.Value("Enabled")))
		if enabled && slices.Contains(strings.Fields(p.Value("Types")), "deb") {
			out = append(out, strings.Fields(p.Value("URIs"))...)
		}
	}
}
