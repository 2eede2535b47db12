// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package mirror

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// Variable is the environment variable that names mirrors, separated by spaces.
const Variable = "LUPA_DEBIAN_MIRRORS"

// snapshotHost keeps every state of the archives since 2005.
const snapshotHost = "https://snapshot.debian.org/archive/"

// A Base is one copy of one archive: URL + "/dists/…" and URL + "/pool/…" exist.
type Base struct {
	// Archive is the archive's name, such as "debian" or "debian-security".
	Archive string
	// URL has no slash at its end.
	URL string
}

// Parse reads the value of Variable. Each word is the URL of a copy whose last
// path segment is the archive's name, or NAME=URL where it is not.
func Parse(value string) ([]Base, error) {
	var bases []Base
	for _, word := range strings.Fields(value) {
		name, address, named := strings.Cut(word, "=")
		if !named || strings.Contains(name, ":") {
			address = strings.TrimRight(word, "/")
			name = path.Base(address)
		}
		u, err := url.Parse(address)
		if err != nil || !fetchable(u.Scheme) || u.Host == "" && u.Scheme != "file" || u.Path == "" {
			return nil, fmt.Errorf("%s: %q is not the URL of a mirror: write http://HOST/debian, or debian=http://HOST/PATH", Variable, word)
		}
		bases = append(bases, Base{Archive: name, URL: strings.TrimRight(address, "/")})
	}
	return bases, nil
}

func fetchable(scheme string) bool {
	return slices.Contains([]string{"http", "https", "file"}, scheme)
}

// Snapshot returns the copy of the archive as it was at timestamp, which has the
// form 20060102T150405Z.
func Snapshot(archive, timestamp string) Base {
	return Base{Archive: archive, URL: snapshotHost + archive + "/" + timestamp}
}
