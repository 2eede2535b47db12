// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package ocitest holds whatever rules_oci is in use to digests that the
// rules_oci 2.3.0 of the Central Registry gave for the images of this folder.
package ocitest

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/google/go-cmp/cmp"
)

// proven are the digests. They come from the other implementation, so a test
// that fails here means that ours is wrong; they are not to be updated from it.
var proven = map[string]string{
	"arm64":                  "sha256:34dfda9ca9e1b11c3d27d2e53ebf3d1b85b5fb7703d9750fca0e3f0ee9e7a445",
	"characters":             "sha256:cb7185acbc61f2ebf0f5f5d10890144e8340c9e3dcf4ecfac9f26919b97661fd",
	"child":                  "sha256:b4557309120a178f24ee3f86d0e532e35be6f5c2e971c53d1d45f733c4c779b6",
	"child_both":             "sha256:0efa7ea867934454ff1b5bd831547bfabaa723faff29843c9fa52878e84a546f",
	"child_cmd":              "sha256:6d52917d4e96643f8410c2f3d98cf29ccf6944597525d95e44d9e45364f4a9dd",
	"child_entrypoint":       "sha256:5b653639026ddb7d1686c8c3421f6d295c55f0943e6d17fcab43c5be9d2f451d",
	"child_env":              "sha256:dd95857492e5dfc48105a4cdba34f3dffa9fff8e45846da6759cf5c2210cf6b6",
	"child_rest":             "sha256:75ce94b78659c67f1e6b8375ffb6196388053de3ac27fd677bbf0779807cc729",
	"empty":                  "sha256:721f7055dd3bab220c502a761fe7bc3a643cefacfdf04fa749196bfa03384554",
	"empty_settings":         "sha256:aa3f6bd7c94838b16fc4d7bdb34a6e4b79485f481e58a742c46e6c6891aa9cb3",
	"empty_variant":          "sha256:e620bdcce160d5a1ce79502f2aead2e864d6ecd9040bf52275934382679307ae",
	"from_files":             "sha256:0b5d988bf3213a5256a944ac5373c4578b541a1cf02f693018ca6ba07d5d32b0",
	"full":                   "sha256:b4557309120a178f24ee3f86d0e532e35be6f5c2e971c53d1d45f733c4c779b6",
	"index":                  "sha256:b144369b635a2314c9bce3db14e359f8b800d195c0bb160ece76f647942e8729",
	"index_platforms":        "sha256:b718723e7b91e36b77ccba960d3bc72df38e4411c5711b54a80e5d33763c85d4",
	"layers":                 "sha256:7a3c38164c64a6435cb2c5d6ea7e5e11e9d3cb2019d8a87a5b0eccb9a4177fe6",
	"layers_on_layers":       "sha256:723a29e21d5c6cef1f7e2b34ac51cdfed39867e5971d998c29d45c2bcd929bd8",
	"on_docker":              "sha256:e5cb4d3da75ab64e961d2b206dbbde9e756255dbfb1430ec39de4492cebd07a6",
	"scratch_empty_settings": "sha256:d94a63f1356af9eda6160bd408bf55e5f53fb4a56a66cf99e196b2459e1dbcfd",
}

func TestDigest(t *testing.T) {
	for name, want := range proven {
		t.Run(name, func(t *testing.T) {
			got, err := os.ReadFile(locate(t, name+".json.sha256"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want+"\n", string(got)); diff != "" {
				t.Errorf("digest of //tools/airgap/ocitest:%s (-proven +built):\n%s", name, diff)
			}
		})
	}
}

// descriptor is what layouts say of a blob, as far as the tests care.
type descriptor struct {
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
}

// manifest is that of an image, or an index.
type manifest struct {
	Config    *descriptor  `json:"config"`
	Layers    []descriptor `json:"layers"`
	Manifests []descriptor `json:"manifests"`
}

// TestLayout checks that every layout holds what its digest promises, and
// nothing else.
func TestLayout(t *testing.T) {
	for name, digest := range proven {
		t.Run(name, func(t *testing.T) {
			dir := locate(t, name)
			want := map[string]bool{}
			walk(t, dir, digest, want)
			entries, err := os.ReadDir(filepath.Join(dir, "blobs", "sha256"))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, entry := range entries {
				got["sha256:"+entry.Name()] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("blobs of %s (-referred to +there):\n%s", name, diff)
			}
		})
	}
}

// walk checks the manifest with this digest and all it refers to, and adds
// their digests to seen.
func walk(t *testing.T, dir, digest string, seen map[string]bool) {
	t.Helper()
	seen[digest] = true
	var m manifest
	if err := json.Unmarshal(blob(t, dir, digest), &m); err != nil {
		t.Fatalf("manifest %s: %v", digest, err)
	}
	for _, child := range m.Manifests {
		walk(t, dir, child.Digest, seen)
	}
	children := m.Layers
	if m.Config != nil {
		children = append(children, *m.Config)
	}
	for _, child := range children {
		seen[child.Digest] = true
		if got := int64(len(blob(t, dir, child.Digest))); got != child.Size {
			t.Errorf("blob %s has %d bytes, and its descriptor says %d", child.Digest, got, child.Size)
		}
	}
}

func blob(t *testing.T, dir, digest string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "blobs", strings.ReplaceAll(digest, ":", "/")))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("sha256:%x", sha256.Sum256(data)); got != digest {
		t.Errorf("the blob %s holds %s", digest, got)
	}
	return data
}

// TestTarball checks what engines look for in the archives.
func TestTarball(t *testing.T) {
	t.Run("docker", func(t *testing.T) {
		files := extract(t, "load/tarball.tar")
		var got []struct {
			Config           string
			RepoTags, Layers []string
		}
		if err := json.Unmarshal(files["manifest.json"], &got); err != nil {
			t.Fatalf("manifest.json: %v", err)
		}
		if len(got) != 1 {
			t.Fatalf("manifest.json names %d images, want 1", len(got))
		}
		if diff := cmp.Diff([]string{"ocitest/layers:one", "ocitest/layers:two"}, got[0].RepoTags); diff != "" {
			t.Errorf("RepoTags (-want +got):\n%s", diff)
		}
		if len(got[0].Layers) != 7 {
			t.Errorf("%d layers, want 7", len(got[0].Layers))
		}
		for _, name := range append(got[0].Layers, got[0].Config) {
			if _, ok := files[name]; !ok {
				t.Errorf("%s is named, but missing", name)
			}
		}
	})
	t.Run("oci", func(t *testing.T) {
		files := extract(t, "load_index/tarball.tar")
		var got struct {
			Manifests []struct {
				Digest      string            `json:"digest"`
				Annotations map[string]string `json:"annotations"`
			} `json:"manifests"`
		}
		if err := json.Unmarshal(files["index.json"], &got); err != nil {
			t.Fatalf("index.json: %v", err)
		}
		var names []string
		for _, m := range got.Manifests {
			names = append(names, m.Digest+" "+m.Annotations["org.opencontainers.image.ref.name"])
		}
		want := []string{proven["index"] + " ocitest/index:one", proven["index"] + " ocitest/index:two"}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("manifests (-want +got):\n%s", diff)
		}
		for name, data := range files {
			if hash, ok := strings.CutPrefix(name, "blobs/sha256/"); ok && hash != fmt.Sprintf("%x", sha256.Sum256(data)) {
				t.Errorf("%s holds something else", name)
			}
		}
	})
}

func extract(t *testing.T, name string) map[string][]byte {
	t.Helper()
	file, err := os.Open(locate(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	files := map[string][]byte{}
	archive := tar.NewReader(file)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Uid != 0 || header.ModTime.Unix() != 1672560000 {
			t.Errorf("%s belongs to %d and is of %v, which is the machine's doing", header.Name, header.Uid, header.ModTime)
		}
		data, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = data
	}
}

func locate(t *testing.T, name string) string {
	t.Helper()
	path, err := runfiles.Rlocation("lupa/tools/airgap/ocitest/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
