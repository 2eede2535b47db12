// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"fmt"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/jsontree"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

// BuildIndex writes an index of the images to the folder dir, in their order.
func BuildIndex(images []*layout.Layout, dir string) error {
	if len(images) == 0 {
		return fmt.Errorf("an image index needs at least one image")
	}
	w, err := layout.NewWriter(dir)
	if err != nil {
		return err
	}
	manifests := []any{}
	for _, image := range images {
		entry, err := addImage(w, image)
		if err != nil {
			return fmt.Errorf("add %s to the index: %w", image.Dir, err)
		}
		manifests = append(manifests, entry)
	}
	index := object("schemaVersion", 2, "mediaType", layout.OCIIndex, "manifests", manifests)
	data := append(jsontree.Encode(index), '\n')
	digest, err := w.Put(data)
	if err != nil {
		return err
	}
	top := object("manifests", []any{
		object("mediaType", layout.OCIIndex, "size", len(data), "digest", digest),
	})
	if err := w.File("index.json", append(jsontree.Encode(top), '\n')); err != nil {
		return err
	}
	return w.File("oci-layout", []byte("{\"imageLayoutVersion\": \"1.0.0\"}\n"))
}

// addImage links all blobs of image and returns its entry in the index.
func addImage(w *layout.Writer, image *layout.Layout) (*jsontree.Object, error) {
	if image.IsIndex() {
		return nil, fmt.Errorf("it is an image index itself; list its images instead")
	}
	manifest, err := image.Manifest()
	if err != nil {
		return nil, err
	}
	reference := layout.Child(manifest, "config").Text("digest")
	config, err := image.Read(reference)
	if err != nil {
		return nil, err
	}
	digests := []string{image.Digest(), reference}
	for _, l := range layout.Objects(manifest, "layers") {
		digests = append(digests, l.Text("digest"))
	}
	for _, digest := range digests {
		if err := linkFrom(w, image, digest); err != nil {
			return nil, err
		}
	}
	entry := &jsontree.Object{}
	entry.Add(image.Descriptor)
	entry.Set("platform", platformOf(config))
	return entry, nil
}

// linkFrom links a blob of image, unless image leaves it to be found elsewhere.
func linkFrom(w *layout.Writer, image *layout.Layout, digest string) error {
	path, err := image.Blob(digest)
	if err != nil {
		return err
	}
	if present, err := exists(path); err != nil || !present {
		return err
	}
	return w.Link(digest, path)
}

// platformOf returns what the config says about where the image runs.
func platformOf(config *jsontree.Object) *jsontree.Object {
	platform := object()
	for _, key := range []string{"os", "architecture", "variant", "os.version", "os.features"} {
		if value := config.Get(key); value != nil {
			platform.Set(key, value)
		}
	}
	return platform
}
