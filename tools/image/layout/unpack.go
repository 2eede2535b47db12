// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Unpack writes the files of all layers below dir, as a container would see
// them, but for what only root can do: files and folders are the caller's, and of
// modes only the permission to execute is kept. Absolute links are made relative,
// so that they stay below dir. Layers with whiteouts are refused.
func (i Image) Unpack(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	for number, layer := range i.Manifest.Layers {
		content, closer, err := i.unpacked(layer)
		if err == nil {
			err = errors.Join(unpackLayer(root, content), closer.Close())
		}
		if err != nil {
			return errors.Join(fmt.Errorf("unpack layer %d: %w", number, err), root.Close())
		}
	}
	return root.Close()
}

func unpackLayer(root *os.Root, content io.Reader) error {
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := unpackEntry(root, header, archive); err != nil {
			return fmt.Errorf("%s: %w", header.Name, err)
		}
	}
}

// unpackEntry writes one entry in place of what is there; os.Root sees to it that
// nothing is written elsewhere.
func unpackEntry(root *os.Root, header *tar.Header, content io.Reader) error {
	name := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
	if name == "" {
		return nil
	}
	if strings.HasPrefix(path.Base(name), ".wh.") {
		return errors.New("whiteouts are not supported")
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if header.Typeflag == tar.TypeDir {
		return root.MkdirAll(name, 0o755)
	}
	if err := root.RemoveAll(name); err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeReg:
		f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644|os.FileMode(header.Mode)&0o111)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, content)
		return errors.Join(err, f.Close())
	case tar.TypeSymlink:
		target := header.Linkname
		if path.IsAbs(target) {
			up, err := filepath.Rel(path.Dir("/"+name), target)
			if err != nil {
				return err
			}
			target = up
		}
		return root.Symlink(target, name)
	case tar.TypeLink:
		return root.Link(strings.TrimPrefix(path.Clean("/"+header.Linkname), "/"), name)
	}
	return fmt.Errorf("unexpected type %q", header.Typeflag)
}
