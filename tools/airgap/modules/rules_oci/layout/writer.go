// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"fmt"
	"os"
	"path/filepath"
)

// Writer fills a folder with a layout. Not safe for concurrent use.
type Writer struct{ dir string }

// NewWriter starts a layout in dir, which may exist but holds no layout yet.
func NewWriter(dir string) (*Writer, error) {
	if err := os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755); err != nil {
		return nil, fmt.Errorf("start a layout: %w", err)
	}
	return &Writer{dir: dir}, nil
}

// Put stores data and returns its digest.
func (w *Writer) Put(data []byte) (string, error) {
	digest := Digest(data)
	name, err := BlobName(digest)
	if err != nil {
		return "", err
	}
	return digest, w.File(name, data)
}

// Link stores the blob with this digest as a relative symbolic link to path,
// so that nothing is copied or read again. Both the layout and path have to
// stay where they are to each other.
func (w *Writer) Link(digest, path string) error {
	name, err := BlobName(digest)
	if err != nil {
		return err
	}
	blob := filepath.Join(w.dir, name)
	target, err := relative(filepath.Dir(blob), path)
	if err != nil {
		return fmt.Errorf("link the blob %s: %w", digest, err)
	}
	// Two layers with the same content are one blob.
	if err := os.Remove(blob); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("link the blob %s: %w", digest, err)
	}
	if err := os.Symlink(target, blob); err != nil {
		return fmt.Errorf("link the blob %s: %w", digest, err)
	}
	return nil
}

// relative returns path as seen from the folder dir. It goes by names only: what
// either of them links to is a matter of the sandbox.
func relative(dir, path string) (string, error) {
	if filepath.IsAbs(dir) == filepath.IsAbs(path) {
		return filepath.Rel(dir, path)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	return filepath.Rel(dir, path)
}

// File writes a file of the layout.
func (w *Writer) File(name string, data []byte) error {
	if err := os.WriteFile(filepath.Join(w.dir, name), data, 0o644); err != nil {
		return fmt.Errorf("write the layout: %w", err)
	}
	return nil
}
