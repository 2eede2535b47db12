// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"
)

// A builder writes a layout.
type builder struct {
	t     *testing.T
	dir   string
	blobs string // where blobs are; links to them are in dir if it is another folder
}

func newBuilder(t *testing.T) builder {
	dir := t.TempDir()
	return builder{t, dir, filepath.Join(dir, "blobs/sha256")}
}

func (b builder) blob(media types.MediaType, data []byte) v1.Descriptor {
	b.t.Helper()
	sum := sha256.Sum256(data)
	name := hex.EncodeToString(sum[:])
	place := filepath.Join(b.dir, "blobs/sha256", name)
	for _, dir := range []string{filepath.Dir(place), b.blobs} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(b.blobs, name), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
	if b.blobs != filepath.Dir(place) {
		if err := os.Symlink(filepath.Join(b.blobs, name), place); err != nil && !errors.Is(err, fs.ErrExist) {
			b.t.Fatal(err)
		}
	}
	return v1.Descriptor{MediaType: media, Size: int64(len(data)), Digest: v1.Hash{Algorithm: "sha256", Hex: name}}
}

func (b builder) json(media types.MediaType, value any) v1.Descriptor {
	b.t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.blob(media, data)
}

func (b builder) image(architecture string, layers ...v1.Descriptor) v1.Descriptor {
	config := v1.ConfigFile{Architecture: architecture, OS: "linux", RootFS: v1.RootFS{Type: "layers"}}
	return b.json(types.OCIManifestSchema1, v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Layers: layers,
		Config: b.json(types.OCIConfigJSON, config),
	})
}

func (b builder) nested(manifests ...v1.Descriptor) v1.Descriptor {
	return b.json(types.OCIImageIndex, index(manifests))
}

func index(manifests []v1.Descriptor) v1.IndexManifest {
	return v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: manifests}
}

// write ends the layout.
func (b builder) write(manifests ...v1.Descriptor) {
	b.t.Helper()
	data, err := json.Marshal(index(manifests))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "index.json"), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// layer packs entries, written as "path" for files, "path/" for folders and
// "path -> target" for links.
func (b builder) layer(compression string, entries ...string) v1.Descriptor {
	b.t.Helper()
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, entry := range entries {
		h := &tar.Header{Name: entry, Mode: 0o644, Typeflag: tar.TypeReg, Size: int64(len(entry))}
		name, target, isLink := strings.Cut(entry, " -> ")
		switch {
		case isLink:
			h = &tar.Header{Name: name, Mode: 0o777, Typeflag: tar.TypeSymlink, Linkname: target}
		case strings.HasSuffix(entry, "/"):
			h = &tar.Header{Name: entry, Mode: 0o1755, Typeflag: tar.TypeDir, Uid: 1, Gid: 2}
		}
		if err := w.WriteHeader(h); err != nil {
			b.t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(entry)); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.packed(compression, plain.Bytes())
}

func (b builder) packed(compression string, plain []byte) v1.Descriptor {
	b.t.Helper()
	var packed bytes.Buffer
	switch compression {
	case "gzip":
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(plain); err != nil {
			b.t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.t.Fatal(err)
		}
		return b.blob(types.OCILayer, packed.Bytes())
	case "zstd":
		w, err := zstd.NewWriter(&packed)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := w.Write(plain); err != nil {
			b.t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.t.Fatal(err)
		}
		return b.blob(types.OCILayerZStd, packed.Bytes())
	}
	return b.blob(types.OCIUncompressedLayer, plain)
}

// only opens the one image of a layout.
func (b builder) only() Image {
	b.t.Helper()
	images, err := Images(b.dir)
	if err != nil {
		b.t.Fatal(err)
	}
	if len(images) != 1 {
		b.t.Fatalf("got %d images, want 1", len(images))
	}
	return images[0]
}

func TestFiles(t *testing.T) {
	for _, c := range []struct {
		name   string
		layers [][]string
		want   []string // paths
	}{
		{"one layer", [][]string{{"./", "./a/", "./a/b", "/c"}}, []string{"", "a", "a/b", "c"}},
		{"file over file", [][]string{{"a"}, {"a"}}, []string{"a"}},
		{"whiteout of a file", [][]string{{"a/", "a/b", "a/bb"}, {"a/.wh.b"}}, []string{"a", "a/bb"}},
		{"whiteout of a folder", [][]string{{"a/", "a/b/", "a/b/c", "a/bc"}, {"a/.wh.b"}}, []string{"a", "a/bc"}},
		{"whiteout of nothing", [][]string{{"a"}, {".wh.b"}}, []string{"a"}},
		{"whiteout, then anew", [][]string{{"a"}, {".wh.a"}, {"a"}}, []string{"a"}},
		{"whiteout spares its own layer", [][]string{{"a/", "a/b"}, {"a/", "a/b", ".wh.a"}}, []string{"a", "a/b"}},
		{"opaque", [][]string{{"a/", "a/b", "ab"}, {"a/", "a/c", "a/.wh..wh..opq"}}, []string{"a", "a/c", "ab"}},
		{"opaque first", [][]string{{"a/", "a/b"}, {"a/", "a/.wh..wh..opq", "a/c"}}, []string{"a", "a/c"}},
		{"opaque root", [][]string{{"./", "a/", "a/b"}, {".wh..wh..opq", "c"}}, []string{"", "c"}},
		{"file over folder", [][]string{{"a/", "a/b"}, {"a"}}, []string{"a"}},
		{"link over folder", [][]string{{"lib/", "lib/x"}, {"lib -> usr/lib"}}, []string{"lib"}},
		{"folder over folder", [][]string{{"a/", "a/b"}, {"a/", "a/c"}}, []string{"a", "a/b", "a/c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder(t)
			var layers []v1.Descriptor
			for _, entries := range c.layers {
				layers = append(layers, b.layer("none", entries...))
			}
			b.write(b.image("amd64", layers...))
			files, err := b.only().Files()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for p := range files {
				got = append(got, p)
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilesOfEachCompression(t *testing.T) {
	b := newBuilder(t)
	b.write(b.image("amd64", b.layer("none", "d/"), b.layer("gzip", "d/file"), b.layer("zstd", "link -> d/file")))
	image := b.only()
	got, err := image.Files()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Node{
		"d":      {Path: "d", Type: tar.TypeDir, Mode: 0o1755, UID: 1, GID: 2},
		"d/file": {Path: "d/file", Type: tar.TypeReg, Mode: 0o644, Size: 6, Data: []byte("d/file"), Layer: 1},
		"link":   {Path: "link", Type: tar.TypeSymlink, Mode: 0o777, Target: "d/file", Layer: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	lines := []string{got["d"].String(), got["d/file"].String(), got["link"].String()}
	if diff := cmp.Diff([]string{
		"./d type=dir mode=1755 uid=1 gid=2",
		"./d/file type=file mode=0644 uid=0 gid=0",
		"./link type=link mode=0777 uid=0 gid=0 link=d/file",
	}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}

	sizes, err := image.Sizes()
	if err != nil {
		t.Fatal(err)
	}
	type seen struct {
		MediaType string
		Unpacked  int64
		Files     int
	}
	var measured []seen
	for i, s := range sizes {
		measured = append(measured, seen{s.MediaType, s.Unpacked, s.Files})
		if s.Stored != image.Manifest.Layers[i].Size || s.Digest != image.Manifest.Layers[i].Digest.String() {
			t.Errorf("layer %d: got %+v, want what the manifest has", i, s)
		}
	}
	if diff := cmp.Diff([]seen{
		{string(types.OCIUncompressedLayer), 3 * 512, 0},
		{string(types.OCILayer), 4 * 512, 1},
		{string(types.OCILayerZStd), 3 * 512, 1},
	}, measured); diff != "" {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
}

// architectures lists the images of a layout by their CPU.
func architectures(t *testing.T, dir string) []string {
	t.Helper()
	images, err := Images(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, image := range images {
		config, err := image.Config()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, config.Architecture)
	}
	return all
}

func TestImagesOfNestedIndexes(t *testing.T) {
	b := newBuilder(t)
	inner := b.nested(b.image("arm64"), b.nested(b.image("riscv64")))
	unknown := b.blob("application/vnd.example.something+json", []byte("{}"))
	b.write(b.image("amd64"), unknown, inner, b.image("s390x"))
	if diff := cmp.Diff([]string{"amd64", "arm64", "riscv64", "s390x"}, architectures(t, b.dir)); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
}

func TestImagesOfLinkedBlobs(t *testing.T) {
	b := newBuilder(t)
	b.blobs = t.TempDir()
	b.write(b.image("amd64", b.layer("gzip", "file")))
	if diff := cmp.Diff([]string{"amd64"}, architectures(t, b.dir)); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	if files, err := b.only().Files(); err != nil || len(files) != 1 {
		t.Errorf("got files %v and error %v, want one file", files, err)
	}
}

func TestImagesErrors(t *testing.T) {
	missing := v1.Descriptor{MediaType: types.OCIManifestSchema1, Digest: v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("0", 64)}}
	for _, c := range []struct {
		name  string
		build func(builder)
		want  string
	}{
		{"no index", func(builder) {}, "index.json: no such file"},
		{"no image", func(b builder) { b.write() }, "holds no image"},
		{"missing manifest", func(b builder) { b.write(missing) }, missing.Digest.Hex + ": no such file"},
		{"damaged manifest", func(b builder) { b.write(b.blob(types.OCIManifestSchema1, []byte("{"))) }, "unexpected EOF"},
		{"missing image in a nested index", func(b builder) { b.write(b.nested(missing)) }, missing.Digest.Hex + ": no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder(t)
			c.build(b)
			_, err := Images(b.dir)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), b.dir) {
				t.Errorf("got error %v, want one with %q and the layout's folder", err, c.want)
			}
		})
	}
}

func TestLayerErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		layer func(builder) v1.Descriptor
		want  string
	}{
		{"missing", func(b builder) v1.Descriptor {
			return v1.Descriptor{MediaType: types.OCILayer, Digest: v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("1", 64)}}
		}, "no such file"},
		{"empty", func(b builder) v1.Descriptor { return b.blob(types.OCILayer, nil) }, "EOF"},
		{"no archive", func(b builder) v1.Descriptor { return b.packed("gzip", bytes.Repeat([]byte("x"), 2000)) }, "invalid tar header"},
		{"cut off", func(b builder) v1.Descriptor { return b.packed("zstd", bytes.Repeat([]byte("x"), 300)) }, "unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuilder(t)
			b.write(b.image("amd64", b.layer("none", "file"), c.layer(b)))
			_, err := b.only().Files()
			if err == nil || !strings.Contains(err.Error(), "layer 1: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with the layer's number and %q", err, c.want)
			}
		})
	}
}

func TestConfigMissing(t *testing.T) {
	b := newBuilder(t)
	b.write(b.image("amd64"))
	image := b.only()
	if err := os.Remove(filepath.Join(b.blobs, image.Manifest.Config.Digest.Hex)); err != nil {
		t.Fatal(err)
	}
	if _, err := image.Config(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want that the file is missing", err)
	}
}
