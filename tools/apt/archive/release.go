// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lupasearch/lupa/tools/apt/deb"
)

// A File is what a release says about one of its files.
type File struct {
	SHA256 string
	Size   int64
}

// A Release is the verified content of a suite's InRelease.
type Release struct {
	// Codename is the suite's lasting name, such as "bookworm-security".
	Codename string
	// Date is when the archive published it.
	Date time.Time
	// ValidUntil is zero if the release does not expire.
	ValidUntil time.Time
	// SHA256 is the checksum of the InRelease file itself.
	SHA256 string
	// SignedBy is the fingerprint of the key that signed it.
	SignedBy string
	// ByHash says that files can be asked for by checksum.
	ByHash bool

	files map[string]File
}

// parseRelease reads the signed text of a release.
func parseRelease(text []byte) (*Release, error) {
	p, err := deb.NewDecoder(bytes.NewReader(text), "Release").Next()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("empty release")
	}
	if err != nil {
		return nil, err
	}
	r := &Release{Codename: p.Value("Codename"), ByHash: p.Value("Acquire-By-Hash") == "yes"}
	if r.Date, err = date(p, "Date"); err != nil {
		return nil, err
	}
	if r.Date.IsZero() {
		return nil, errors.New("release has no Date")
	}
	if r.ValidUntil, err = date(p, "Valid-Until"); err != nil {
		return nil, err
	}
	r.files, err = files(p.Value("SHA256"))
	return r, err
}

func date(p deb.Paragraph, field string) (time.Time, error) {
	value := p.Value(field)
	if value == "" {
		return time.Time{}, nil
	}
	// Archives write UTC where HTTP wants GMT.
	t, err := http.ParseTime(strings.Replace(value, "UTC", "GMT", 1))
	if err != nil {
		return time.Time{}, fmt.Errorf("release field %s: %q is not a date", field, value)
	}
	return t.UTC(), nil
}

// files reads lines "<sha256> <size> <path>".
func files(value string) (map[string]File, error) {
	out := map[string]File{}
	for line := range strings.Lines(value) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 3 || len(words[0]) != sha256.Size*2 {
			return nil, fmt.Errorf("release field SHA256: %q is not a checksum, a size and a path", strings.TrimSpace(line))
		}
		size, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("release field SHA256: size of %s: %w", words[2], err)
		}
		out[words[2]] = File{SHA256: words[0], Size: size}
	}
	if len(out) == 0 {
		return nil, errors.New("release lists no files by SHA256")
	}
	return out, nil
}

// File returns what the release says about the file at path below the suite.
func (r *Release) File(path string) (File, error) {
	f, ok := r.files[path]
	if !ok {
		return File{}, fmt.Errorf("release of %s lists no file %s: check components and architectures", r.Codename, path)
	}
	return f, nil
}

// Check compares data with what the release says about it.
func (f File) Check(data []byte) error {
	if int64(len(data)) != f.Size {
		return fmt.Errorf("got %d bytes, the release says %d: truncated, or the mirror is in the middle of an update", len(data), f.Size)
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != f.SHA256 {
		return fmt.Errorf("got SHA-256 %s, the release says %s", got, f.SHA256)
	}
	return nil
}
