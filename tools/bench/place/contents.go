// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package place

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/lupasearch/lupa/tools/apt/mirror"
)

// The list that is fetched: its place in the archive "debian", and more bytes than
// it will ever have.
const (
	contentsPath  = "dists/bookworm/main/Contents-amd64.gz"
	contentsLimit = 256 << 20
	contentsTime  = 5 * time.Minute
)

// ContentsHelp tells where Debian's list of files comes from.
const ContentsHelp = `Debian's list of files is fetched once, from the mirrors in ` + mirror.Variable + `
or of the machine's apt, and kept in the user's cache folder. Without a mirror, give
it by -contents: it is ` + contentsPath + ` below any mirror.`

// ContentsFlag declares the flag for Debian's list of files.
func ContentsFlag(fs *flag.FlagSet) *string {
	return fs.String("contents", "", "`file` like Debian's Contents-amd64.gz, packed or not; fetched if empty")
}

// Contents opens the list of files that the flag names or, if it names none, the
// one that was fetched before or is fetched now. The caller closes it.
func Contents(ctx context.Context, file string) (io.ReadCloser, error) {
	if file != "" {
		return os.Open(file)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	file = filepath.Join(cache, "lupa", "bench", "Contents-amd64.gz")
	if f, err := os.Open(file); !errors.Is(err, os.ErrNotExist) {
		return f, err
	}
	data, err := fetchContents(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w; -contents takes a file", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	// Another run sees the whole file or none.
	if err := os.WriteFile(file+".new", data, 0o644); err != nil {
		return nil, err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return nil, err
	}
	return os.Open(file)
}

func fetchContents(ctx context.Context) ([]byte, error) {
	bases, err := mirror.Parse(os.Getenv(mirror.Variable))
	if err == nil && len(bases) == 0 {
		bases, err = mirror.FromApt(os.DirFS("/etc/apt"), []string{"debian"})
	}
	if err != nil {
		return nil, err
	}
	if len(bases) == 0 {
		return nil, errors.New("no mirror of Debian is known: set " + mirror.Variable)
	}
	f := &mirror.Fetcher{
		Bases: bases, Client: mirror.NewClient(contentsTime), Attempts: 3, Backoff: time.Second,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	return f.Get(ctx, "debian", contentsPath, contentsLimit, checkPacked)
}

// checkPacked reads to the end, where gzip has a checksum.
func checkPacked(data []byte) error {
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, unpacked)
	return err
}
