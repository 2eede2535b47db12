// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// archive decides where packages come from: a snapshot that was asked for, the
// mirror a variable names, or the one the machine's own apt uses.
func archive(snapshot string, sources string) (string, error) {
	if strings.Contains(snapshot, "://") {
		return snapshot, nil
	}
	if snapshot != "" {
		return "https://snapshot.debian.org/archive/debian/" + snapshot, nil
	}
	for _, mirror := range strings.Fields(os.Getenv("LUPA_DEBIAN_MIRRORS")) {
		name, address, named := strings.Cut(mirror, "=")
		if !named || strings.Contains(name, ":") {
			address = mirror
		}
		if named && name == "debian" || isDebianArchive(address) {
			return address, nil
		}
	}
	files, _ := filepath.Glob(filepath.Join(sources, "sources.list.d", "*"))
	sort.Strings(files)
	files = append([]string{filepath.Join(sources, "sources.list")}, files...)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, uri := range sourceURIs(file, string(data)) {
			if isDebianArchive(uri) {
				return uri, nil
			}
		}
	}
	return "", fmt.Errorf("apt's configuration (%s) names no Debian mirror; name one in LUPA_DEBIAN_MIRRORS, for example http://HOST/debian", sources)
}

// isDebianArchive tells Debian's main archive from security and foreign ones.
func isDebianArchive(uri string) bool {
	return strings.HasSuffix(strings.TrimRight(uri, "/"), "/debian")
}

// sourceURIs lists the addresses of a sources file, in either of apt's formats.
func sourceURIs(file, content string) []string {
	switch filepath.Ext(file) {
	case ".list":
		return listURIs(content)
	case ".sources":
		return deb822URIs(content)
	}
	return nil
}

// listURIs reads lines such as `deb [options] http://host/debian suite main`.
func listURIs(content string) []string {
	var uris []string
	scanner := bufio.NewScanner(strings.NewReader(content))
	for scanner.Scan() {
		line := scanner.Text()
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "deb" {
			continue
		}
		rest := fields[1:]
		if strings.HasPrefix(rest[0], "[") {
			for len(rest) > 0 && !strings.HasSuffix(rest[0], "]") {
				rest = rest[1:]
			}
			if len(rest) < 2 {
				continue
			}
			rest = rest[1:]
		}
		uris = append(uris, rest[0])
	}
	return uris
}

// deb822URIs reads the URIs fields of stanzas that are not disabled.
func deb822URIs(content string) []string {
	var uris []string
	for _, stanza := range strings.Split(content, "\n\n") {
		fields := parseStanza(stanza)
		if strings.EqualFold(fields["enabled"], "no") || !strings.Contains(fields["types"], "deb") {
			continue
		}
		uris = append(uris, strings.Fields(fields["uris"])...)
	}
	return uris
}

// parseStanza reads one deb822 paragraph; names are in lower case, and lines
// that go on are joined by spaces.
func parseStanza(stanza string) map[string]string {
	fields := make(map[string]string)
	last := ""
	for _, line := range strings.Split(stanza, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, " "), strings.HasPrefix(line, "\t"):
			if last != "" {
				fields[last] += " " + strings.TrimSpace(line)
			}
		default:
			name, value, ok := strings.Cut(line, ":")
			if ok {
				last = strings.ToLower(name)
				fields[last] = strings.TrimSpace(value)
			}
		}
	}
	return fields
}
