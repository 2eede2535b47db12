// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

// manifest is an image, or an image index, of a layout. The library's own
// reader of layouts refuses blobs that are links, which is what ours are.
type manifest struct {
	layout *layout.Layout
	digest v1.Hash
	raw    []byte
	parsed *v1.Manifest
	index  *v1.IndexManifest
}

// open returns the image, or image index, of the layout in dir.
func open(dir string) (*manifest, error) {
	l, err := layout.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("open the layout: %w", err)
	}
	m, err := read(l, l.Digest(), l.IsIndex())
	if err != nil {
		return nil, fmt.Errorf("open the layout: %w", err)
	}
	return m, nil
}

func read(l *layout.Layout, digest string, isIndex bool) (*manifest, error) {
	raw, err := l.Bytes(digest)
	if err != nil {
		return nil, err
	}
	m := &manifest{layout: l, raw: raw}
	if m.digest, err = v1.NewHash(digest); err != nil {
		return nil, err
	}
	if isIndex {
		m.index, err = v1.ParseIndexManifest(bytes.NewReader(raw))
	} else {
		m.parsed, err = v1.ParseManifest(bytes.NewReader(raw))
	}
	return m, err
}

// write sends the image, or the image index with its images.
func (m *manifest) write(target name.Reference, options []remote.Option) error {
	if m.index != nil {
		return remote.WriteIndex(target, m, options...)
	}
	image, err := partial.CompressedToImage(m)
	if err != nil {
		return err
	}
	return remote.Write(target, image, options...)
}

// MediaType returns what the manifest says it is.
func (m *manifest) MediaType() (types.MediaType, error) {
	if m.index != nil {
		return types.OCIImageIndex, nil
	}
	if m.parsed.MediaType == "" {
		return types.OCIManifestSchema1, nil
	}
	return m.parsed.MediaType, nil
}

// Digest returns the digest of the manifest.
func (m *manifest) Digest() (v1.Hash, error) { return m.digest, nil }

// Size returns the size of the manifest in bytes.
func (m *manifest) Size() (int64, error) { return int64(len(m.raw)), nil }

// RawManifest returns the bytes of the manifest.
func (m *manifest) RawManifest() ([]byte, error) { return m.raw, nil }

// RawConfigFile returns the bytes of the image's config.
func (m *manifest) RawConfigFile() ([]byte, error) {
	return m.layout.Bytes(m.parsed.Config.Digest.String())
}

// LayerByDigest returns a layer of the image.
func (m *manifest) LayerByDigest(digest v1.Hash) (partial.CompressedLayer, error) {
	for _, descriptor := range m.parsed.Layers {
		if descriptor.Digest == digest {
			return blob{m.layout, descriptor}, nil
		}
	}
	return nil, fmt.Errorf("the image %s has no layer %s", m.digest, digest)
}

// IndexManifest returns the image index.
func (m *manifest) IndexManifest() (*v1.IndexManifest, error) { return m.index, nil }

// Image returns an image of the image index.
func (m *manifest) Image(digest v1.Hash) (v1.Image, error) {
	child, err := read(m.layout, digest.String(), false)
	if err != nil {
		return nil, err
	}
	return partial.CompressedToImage(child)
}

// ImageIndex returns an image index of the image index.
func (m *manifest) ImageIndex(digest v1.Hash) (v1.ImageIndex, error) {
	return read(m.layout, digest.String(), true)
}

// blob is a layer in a layout.
type blob struct {
	layout     *layout.Layout
	descriptor v1.Descriptor
}

// Digest returns the digest of the layer.
func (b blob) Digest() (v1.Hash, error) { return b.descriptor.Digest, nil }

// Size returns the size of the layer in bytes.
func (b blob) Size() (int64, error) { return b.descriptor.Size, nil }

// MediaType returns what the manifest says of the layer.
func (b blob) MediaType() (types.MediaType, error) { return b.descriptor.MediaType, nil }

// Compressed opens the layer. The caller closes it.
func (b blob) Compressed() (io.ReadCloser, error) {
	path, err := b.layout.Blob(b.descriptor.Digest.String())
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}
