// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package layer tells of a tar file what an image says of it: digests, size and
// compression.
package layer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Descriptor tells of a layer.
type Descriptor struct {
	// Digest and Size, in bytes, are those of the file as it is.
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
	// DiffID is the digest of the file when it is decompressed.
	DiffID string `json:"diff_id"`
	// Compression is "gzip", "zstd", or empty for none.
	Compression string `json:"compression"`
	// CreatedBy is what the image's history says of the layer.
	CreatedBy string `json:"created_by"`
}

// Describe reads the tar file at path once.
func Describe(path string) (Descriptor, error) {
	file, err := os.Open(path)
	if err != nil {
		return Descriptor{}, fmt.Errorf("describe a layer: %w", err)
	}
	defer file.Close()

	d, err := describe(file)
	if err != nil {
		return Descriptor{}, fmt.Errorf("describe the layer %s: %w", path, err)
	}
	return d, nil
}

func describe(file io.Reader) (Descriptor, error) {
	whole := &counter{hash: sha256.New()}
	input := bufio.NewReaderSize(file, 1<<20)
	head, err := input.Peek(10)
	if err != nil && err != io.EOF {
		return Descriptor{}, err
	}
	compression, err := detect(head)
	if err != nil {
		return Descriptor{}, err
	}
	diff, err := digests(input, compression, whole)
	if err != nil {
		return Descriptor{}, err
	}
	return Descriptor{
		Digest:      digest(whole.hash),
		Size:        whole.size,
		DiffID:      diff,
		Compression: compression,
	}, nil
}

// digests reads input to its end into whole, and returns the digest of the
// decompressed bytes.
func digests(input io.Reader, compression string, whole *counter) (string, error) {
	tee := io.TeeReader(input, whole)
	if compression == "" {
		_, err := io.Copy(io.Discard, tee)
		return digest(whole.hash), err
	}
	reader, err := decompress(tee, compression)
	if err != nil {
		return "", fmt.Errorf("read it as %s: %w", compression, err)
	}
	defer reader.Close()

	diff := sha256.New()
	if _, err := io.Copy(diff, reader); err != nil {
		return "", fmt.Errorf("read it as %s: %w", compression, err)
	}
	// The decompressor stops at the end of its data, which is not the file's.
	if _, err := io.Copy(io.Discard, tee); err != nil {
		return "", err
	}
	return digest(diff), nil
}

func decompress(input io.Reader, compression string) (io.ReadCloser, error) {
	if compression == "gzip" {
		return gzip.NewReader(input)
	}
	// One goroutine, so that nobody reads on behind our back; windows of up to
	// 128 MiB, which is what the zstd command reads without being told.
	reader, err := zstd.NewReader(input, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
	if err != nil {
		return nil, err
	}
	return reader.IOReadCloser(), nil
}

// Compressed formats that no container engine has a media type for.
var refused = []struct {
	offset int
	magic  string
	name   string
}{
	{0, "\xfd7zXZ\x00", "xz"},
	{4, "1AY&SY", "bzip2"}, // after "BZh" and the level
	{0, "\x04\x22\x4d\x18", "lz4"},
}

// detect names the compression that a file with this beginning has. The file's
// name has no say.
func detect(head []byte) (string, error) {
	for _, r := range refused {
		if len(head) > r.offset && bytes.HasPrefix(head[r.offset:], []byte(r.magic)) {
			return "", fmt.Errorf("it is compressed by %s; layers are plain tar files, or compressed by gzip or zstd", r.name)
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return "gzip", nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return "zstd", nil
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}):
		return "zstd", nil // begins with a skippable frame
	default:
		return "", nil
	}
}

// Read returns the descriptor that Write stored at path.
func Read(path string) (Descriptor, error) {
	var d Descriptor
	data, err := os.ReadFile(path)
	if err != nil {
		return d, fmt.Errorf("read a layer's description: %w", err)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("read a layer's description from %s: %w", path, err)
	}
	return d, nil
}

// Write stores d at path.
func (d Descriptor) Write(path string) error {
	data, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("describe a layer: %w", err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("describe a layer: %w", err)
	}
	return nil
}

type counter struct {
	hash hash.Hash
	size int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.size += int64(len(p))
	return c.hash.Write(p)
}

func digest(h hash.Hash) string {
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
