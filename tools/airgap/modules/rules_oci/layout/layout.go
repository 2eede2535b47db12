// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package layout reads and writes OCI image layouts: folders that hold
// index.json, oci-layout and the blobs by digest.
package layout

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/jsontree"
)

// Media types of manifests and of what they list.
const (
	OCIIndex       = "application/vnd.oci.image.index.v1+json"
	OCIManifest    = "application/vnd.oci.image.manifest.v1+json"
	OCIConfig      = "application/vnd.oci.image.config.v1+json"
	DockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	DockerIndex    = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// Layout is a layout of one image or of one image index. Safe for concurrent
// use.
type Layout struct {
	// Dir is the folder, as it was named.
	Dir string
	// Descriptor is the one entry of index.json.
	Descriptor *jsontree.Object
}

// Open reads the index of the layout in dir. It fails unless the index names
// exactly one manifest.
func Open(dir string) (*Layout, error) {
	path := filepath.Join(dir, "index.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s is no OCI layout, the output of oci_image or oci_image_index: %w", dir, err)
	}
	index, err := jsontree.ParseObject(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	manifests, _ := index.Get("manifests").([]any)
	if len(manifests) != 1 {
		return nil, fmt.Errorf("%s names %d manifests; a layout of one image or one image index is needed", path, len(manifests))
	}
	descriptor, ok := manifests[0].(*jsontree.Object)
	if !ok {
		return nil, fmt.Errorf("%s: the entry of manifests is no object", path)
	}
	return &Layout{Dir: dir, Descriptor: descriptor}, nil
}

// Digest returns the digest of the image or image index.
func (l *Layout) Digest() string { return l.Descriptor.Text("digest") }

// MediaType returns the media type of the image or image index.
func (l *Layout) MediaType() string { return l.Descriptor.Text("mediaType") }

// IsIndex reports whether the layout holds an image index.
func (l *Layout) IsIndex() bool {
	return l.MediaType() == OCIIndex || l.MediaType() == DockerIndex
}

// Manifest returns the manifest of the image, or the image index.
func (l *Layout) Manifest() (*jsontree.Object, error) { return l.Read(l.Digest()) }

// Read returns the JSON object with this digest.
func (l *Layout) Read(digest string) (*jsontree.Object, error) {
	data, err := l.Bytes(digest)
	if err != nil {
		return nil, err
	}
	object, err := jsontree.ParseObject(data)
	if err != nil {
		return nil, fmt.Errorf("read the blob %s of %s: %w", digest, l.Dir, err)
	}
	return object, nil
}

// Bytes returns the blob with this digest, which it checks.
func (l *Layout) Bytes(digest string) ([]byte, error) {
	path, err := l.Blob(digest)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the layout lacks a blob: %w", err)
	}
	if found := Digest(data); found != digest {
		return nil, fmt.Errorf("%s holds %s", path, found)
	}
	return data, nil
}

// Blob returns where the blob with this digest is, or would be.
func (l *Layout) Blob(digest string) (string, error) {
	name, err := BlobName(digest)
	if err != nil {
		return "", err
	}
	return filepath.Join(l.Dir, name), nil
}

// BlobName returns the path of a blob inside a layout.
func BlobName(digest string) (string, error) {
	algorithm, hash, ok := strings.Cut(digest, ":")
	if _, err := hex.DecodeString(hash); !ok || err != nil || algorithm != "sha256" || len(hash) != 64 {
		return "", fmt.Errorf("%q is no digest of the form sha256:<64 hex digits>", digest)
	}
	return "blobs/" + algorithm + "/" + hash, nil
}

// Digest returns the digest of data.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Objects returns the objects of the array under key of parent.
func Objects(parent *jsontree.Object, key string) []*jsontree.Object {
	array, _ := parent.Get(key).([]any)
	var objects []*jsontree.Object
	for _, element := range array {
		if object, ok := element.(*jsontree.Object); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

// Child returns the object under key of parent, empty where there is none.
func Child(parent *jsontree.Object, key string) *jsontree.Object {
	if child, ok := parent.Get(key).(*jsontree.Object); ok {
		return child
	}
	return &jsontree.Object{}
}

// Size returns the size, in bytes, that a descriptor states.
func Size(descriptor *jsontree.Object) (int64, error) {
	number, ok := descriptor.Get("size").(jsontree.Number)
	if !ok {
		return 0, fmt.Errorf("the descriptor of %s states no size", descriptor.Text("digest"))
	}
	return number.Int64()
}
