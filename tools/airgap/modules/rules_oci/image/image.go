// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package image makes the layout of one image, or of an index of images.
//
// The bytes of the config and of the manifest decide the image's digest, so
// every function here keeps to an order of keys.
package image

import (
	"fmt"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/jsontree"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layer"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

// epoch is when everything happens in an image that is the same on every
// machine.
const epoch = "1970-01-01T00:00:00Z"

// Platform is what an image without a base runs on.
type Platform struct{ Architecture, OS, Variant string }

// Layer is a layer to add: a tar file and what is known of it.
type Layer struct {
	Path       string
	Descriptor layer.Descriptor
}

// Spec says what an image is made of.
type Spec struct {
	// Base is the layout to build on; nil builds from nothing for Platform.
	Base     *layout.Layout
	Platform Platform
	Layers   []Layer
	Settings Settings
}

// Build writes the image to the folder dir.
func Build(spec Spec, dir string) error {
	config, manifest, err := start(spec)
	if err != nil {
		return err
	}
	w, err := layout.NewWriter(dir)
	if err != nil {
		return err
	}
	if err := linkBase(w, spec.Base, manifest); err != nil {
		return err
	}
	for _, l := range spec.Layers {
		addLayer(config, manifest, l.Descriptor)
		if err := w.Link(l.Descriptor.Digest, l.Path); err != nil {
			return err
		}
	}
	if err := spec.Settings.apply(config, manifest); err != nil {
		return err
	}
	return finish(w, config, manifest)
}

// start returns config and manifest before anything is added.
func start(spec Spec) (config, manifest *jsontree.Object, err error) {
	if spec.Base == nil {
		config, manifest = scratch(spec.Platform)
		return config, manifest, nil
	}
	if spec.Base.IsIndex() {
		return nil, nil, fmt.Errorf("the base %s is an image index; a base is one image", spec.Base.Dir)
	}
	if manifest, err = spec.Base.Manifest(); err != nil {
		return nil, nil, fmt.Errorf("read the base: %w", err)
	}
	if config, err = spec.Base.Read(layout.Child(manifest, "config").Text("digest")); err != nil {
		return nil, nil, fmt.Errorf("read the base: %w", err)
	}
	return config, manifest, nil
}

func scratch(platform Platform) (config, manifest *jsontree.Object) {
	rootfs := object("type", "layers", "diff_ids", []any{})
	config = object("created", epoch, "config", object(), "history", []any{}, "rootfs", rootfs)
	config.Set("architecture", platform.Architecture)
	config.Set("os", platform.OS)
	if platform.Variant != "" {
		config.Set("variant", platform.Variant)
	}
	manifest = object(
		"schemaVersion", 2,
		"mediaType", layout.OCIManifest,
		"config", object("mediaType", layout.OCIConfig, "size", 0),
		"layers", []any{},
	)
	return config, manifest
}

// linkBase takes over the layers that the base holds. Layers that are to be
// found elsewhere, by their URLs, may be missing.
func linkBase(w *layout.Writer, base *layout.Layout, manifest *jsontree.Object) error {
	if base == nil {
		return nil
	}
	for _, l := range layout.Objects(manifest, "layers") {
		path, err := base.Blob(l.Text("digest"))
		if err != nil {
			return fmt.Errorf("read the layers of the base %s: %w", base.Dir, err)
		}
		if present, err := exists(path); err != nil {
			return fmt.Errorf("read the layers of the base %s: %w", base.Dir, err)
		} else if !present {
			if l.Get("urls") != nil {
				continue
			}
			return fmt.Errorf("the base %s lacks its layer %s", base.Dir, l.Text("digest"))
		}
		if err := w.Link(l.Text("digest"), path); err != nil {
			return err
		}
	}
	return nil
}

func addLayer(config, manifest *jsontree.Object, d layer.Descriptor) {
	rootfs := layout.Child(config, "rootfs")
	appendTo(rootfs, "diff_ids", d.DiffID)
	config.Set("rootfs", rootfs)
	appendTo(config, "history", object("created", epoch, "created_by", d.CreatedBy))
	appendTo(manifest, "layers", object(
		"size", d.Size,
		"digest", d.Digest,
		"mediaType", layerType(manifest.Text("mediaType"), d.Compression),
	))
}

// finish writes config, manifest and index.
func finish(w *layout.Writer, config, manifest *jsontree.Object) error {
	data := jsontree.Encode(config)
	digest, err := w.Put(data)
	if err != nil {
		return err
	}
	reference := layout.Child(manifest, "config")
	reference.Set("digest", digest)
	reference.Set("size", len(data))
	// A copy of the config inside the manifest would be the base's.
	reference.Delete("data")
	manifest.Set("config", reference)

	data = append(jsontree.Encode(manifest), '\n')
	if digest, err = w.Put(data); err != nil {
		return err
	}
	mediaType := manifest.Text("mediaType")
	if mediaType == "" {
		mediaType = layout.OCIManifest
	}
	index := object(
		"schemaVersion", 2,
		"mediaType", layout.OCIIndex,
		"manifests", []any{object("mediaType", mediaType, "digest", digest, "size", len(data))},
	)
	if err := w.File("index.json", append(jsontree.Encode(index), '\n')); err != nil {
		return err
	}
	return w.File("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
}
