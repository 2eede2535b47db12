// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package layout looks into images as they lie in an OCI layout folder: what
// files a container of one would see, and how large its layers are.
package layout

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An Image is one of a layout.
type Image struct {
	Digest   v1.Hash
	Manifest v1.Manifest
	dir      string
}

// Images opens every image of a layout, those in nested indexes included, in
// their order. A layout that a build made may hold symbolic links for blobs.
func Images(dir string) ([]Image, error) {
	index, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		return nil, fmt.Errorf("layout %s: %w", dir, err)
	}
	images, err := imagesOf(dir, index)
	if err != nil {
		return nil, fmt.Errorf("layout %s: %w", dir, err)
	}
	if len(images) == 0 {
		return nil, fmt.Errorf("layout %s holds no image", dir)
	}
	return images, nil
}

func imagesOf(dir string, index []byte) ([]Image, error) {
	parsed, err := v1.ParseIndexManifest(bytes.NewReader(index))
	if err != nil {
		return nil, err
	}
	var images []Image
	for _, descriptor := range parsed.Manifests {
		data, err := os.ReadFile(blob(dir, descriptor.Digest))
		if err != nil {
			return nil, err
		}
		switch {
		case descriptor.MediaType.IsIndex():
			more, err := imagesOf(dir, data)
			if err != nil {
				return nil, err
			}
			images = append(images, more...)
		case descriptor.MediaType.IsImage():
			manifest, err := v1.ParseManifest(bytes.NewReader(data))
			if err != nil {
				return nil, err
			}
			images = append(images, Image{descriptor.Digest, *manifest, dir})
		}
	}
	return images, nil
}

func blob(dir string, digest v1.Hash) string {
	return filepath.Join(dir, "blobs", digest.Algorithm, digest.Hex)
}

// Config reads the image's configuration.
func (i Image) Config() (*v1.ConfigFile, error) {
	data, err := os.ReadFile(blob(i.dir, i.Manifest.Config.Digest))
	if err != nil {
		return nil, err
	}
	return v1.ParseConfigFile(bytes.NewReader(data))
}

// unpacked opens a layer's tar archive, however it is compressed.
func (i Image) unpacked(layer v1.Descriptor) (io.Reader, io.Closer, error) {
	f, err := os.Open(blob(i.dir, layer.Digest))
	if err != nil {
		return nil, nil, err
	}
	r := bufio.NewReader(f)
	magic, err := r.Peek(4)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("layer %s: %w", layer.Digest, err), f.Close())
	}
	switch {
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		unpacked, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("layer %s: %w", layer.Digest, err), f.Close())
		}
		return unpacked, f, nil
	case bytes.Equal(magic, []byte("\x28\xb5\x2f\xfd")):
		unpacked, err := zstd.NewReader(r)
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("layer %s: %w", layer.Digest, err), f.Close())
		}
		return unpacked, zstdFile{unpacked, f}, nil
	}
	return r, f, nil
}

// zstdFile ends the threads that unpack a file when it is closed.
type zstdFile struct {
	*zstd.Decoder
	file *os.File
}

func (z zstdFile) Close() error {
	z.Decoder.Close()
	return z.file.Close()
}

// Layer opens a layer's tar archive, unpacked; the caller closes it.
func (i Image) Layer(number int) (io.ReadCloser, error) {
	content, closer, err := i.unpacked(i.Manifest.Layers[number])
	return struct {
		io.Reader
		io.Closer
	}{content, closer}, err
}

// A Node is what an image has at a path.
type Node struct {
	Path   string // without a leading slash
	Type   byte   // as in a tar header
	Mode   int64
	UID    int
	GID    int
	Size   int64
	Target string // of links
	Data   []byte // of files up to keepBytes
	Layer  int    // the last that has the path, from 0
}

// keepBytes is the size up to which a Node has its file's content.
const keepBytes = 64 << 20

// String gives the node in one line, in the terms of mtree(5), without size and
// content.
func (n Node) String() string {
	kind := map[byte]string{tar.TypeReg: "file", tar.TypeDir: "dir", tar.TypeSymlink: "link", tar.TypeLink: "hardlink"}[n.Type]
	line := fmt.Sprintf("./%s type=%s mode=%04o uid=%d gid=%d", n.Path, kind, n.Mode, n.UID, n.GID)
	if n.Target != "" {
		line += " link=" + n.Target
	}
	return line
}

// Layers lists each layer by itself, in the order of its archive.
func (i Image) Layers() ([][]Node, error) {
	var all [][]Node
	for number, layer := range i.Manifest.Layers {
		nodes, err := i.layerFiles(layer)
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", number, err)
		}
		for n := range nodes {
			nodes[n].Layer = number
		}
		all = append(all, nodes)
	}
	return all, nil
}

// Files lists what a container sees, by path: the layers in their order, with
// whiteouts taking away what lies below.
func (i Image) Files() (map[string]Node, error) {
	layers, err := i.Layers()
	if err != nil {
		return nil, err
	}
	all := make(map[string]Node)
	for _, nodes := range layers {
		for _, node := range nodes {
			place(all, node)
		}
	}
	return all, nil
}

func place(all map[string]Node, node Node) {
	dir, base := path.Split(node.Path)
	hidden, isWhiteout := strings.CutPrefix(base, ".wh.")
	switch {
	case hidden == ".wh..opq":
		hide(all, node.Layer, dir)
	case isWhiteout:
		hide(all, node.Layer, dir+hidden+"/")
		if all[dir+hidden].Layer < node.Layer {
			delete(all, dir+hidden)
		}
	default:
		if node.Type != tar.TypeDir {
			hide(all, node.Layer, node.Path+"/")
		}
		all[node.Path] = node
	}
}

// hide takes away what layers below one have below a folder, which ends in a
// slash, or is empty for the root.
func hide(all map[string]Node, layer int, folder string) {
	maps.DeleteFunc(all, func(p string, n Node) bool {
		return n.Layer < layer && p != "" && strings.HasPrefix(p, folder)
	})
}

// layerFiles lists one layer in the order of its archive.
func (i Image) layerFiles(layer v1.Descriptor) (nodes []Node, err error) {
	content, closer, err := i.unpacked(layer)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nodes, nil
		}
		if err != nil {
			return nil, err
		}
		node := Node{
			Path: strings.TrimPrefix(path.Clean("/"+header.Name), "/"), Type: header.Typeflag, Mode: header.Mode & 0o7777,
			UID: header.Uid, GID: header.Gid, Size: header.Size, Target: header.Linkname,
		}
		if header.Typeflag == tar.TypeReg && header.Size <= keepBytes {
			if node.Data, err = io.ReadAll(archive); err != nil {
				return nil, err
			}
		}
		nodes = append(nodes, node)
	}
}

// A LayerSize is how large one layer is.
type LayerSize struct {
	Digest    string // of the layer as it is stored
	MediaType string
	Stored    int64 // bytes as it is stored
	Unpacked  int64 // bytes of the tar archive
	Files     int   // entries that are no folders
}

// Sizes measures the image's layers.
func (i Image) Sizes() ([]LayerSize, error) {
	var sizes []LayerSize
	for _, layer := range i.Manifest.Layers {
		content, closer, err := i.unpacked(layer)
		if err != nil {
			return nil, err
		}
		unpacked, err := io.Copy(io.Discard, content)
		if err = errors.Join(err, closer.Close()); err != nil {
			return nil, fmt.Errorf("layer %s: %w", layer.Digest, err)
		}
		nodes, err := i.layerFiles(layer)
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", layer.Digest, err)
		}
		files := slices.DeleteFunc(nodes, func(n Node) bool { return n.Type == tar.TypeDir })
		sizes = append(sizes, LayerSize{
			Digest: layer.Digest.String(), MediaType: string(layer.MediaType),
			Stored: layer.Size, Unpacked: unpacked, Files: len(files),
		})
	}
	return sizes, nil
}
