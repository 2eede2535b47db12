// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package archive_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/archive"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/image"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layer"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

func TestPlan(t *testing.T) {
	one, index := layouts(t)
	tests := []struct {
		name   string
		layout *layout.Layout
		format string
		tags   []string
		want   []string // names, each as far as it is given
		fail   string
	}{
		{name: "image", layout: one, format: "docker", tags: []string{"a:b"}, want: []string{"blobs/sha256/", "blobs/sha256/", "manifest.json"}},
		{name: "image without names", layout: one, format: "docker", want: []string{"blobs/sha256/", "blobs/sha256/", "manifest.json"}},
		{name: "index", layout: index, format: "oci", tags: []string{"a:b"}, want: []string{"oci-layout", "blobs/", "blobs/", "blobs/", "blobs/", "index.json"}},
		{name: "image as oci", layout: one, format: "oci", tags: []string{"a:b"}, fail: `use format = "docker"`},
		{name: "index as docker", layout: index, format: "docker", fail: `use format = "oci"`},
		{name: "index without names", layout: index, format: "oci", fail: "at least one tag"},
		{name: "other", layout: one, format: "zip", fail: `no format "zip"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			entries, err := archive.Plan(test.layout, test.format, test.tags)
			if test.fail != "" {
				if err == nil || !strings.Contains(err.Error(), test.fail) {
					t.Fatalf("Plan gave the error %v, want one that says %q", err, test.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i, e := range entries {
				name := e.Name
				if i < len(test.want) && strings.HasPrefix(name, test.want[i]) {
					name = test.want[i]
				}
				got = append(got, name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("from a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	entries := []archive.Entry{{Name: "b", Path: file}, {Name: "a", Data: []byte("data")}}
	var first, second bytes.Buffer
	for _, w := range []io.Writer{&first, &second} {
		if err := archive.Write(w, entries); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two archives of the same entries differ")
	}
	got := map[string]string{}
	for r := tar.NewReader(&first); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[header.Name] = string(data)
	}
	if diff := cmp.Diff(map[string]string{"a": "data", "b": "from a file"}, got); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
	missing := []archive.Entry{{Name: "gone", Path: file + ".gone"}}
	if err := archive.Write(io.Discard, missing); err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("writing a file that is not there gave %v", err)
	}
}

// layouts makes an image of one layer, and an index of that image.
func layouts(t *testing.T) (one, index *layout.Layout) {
	t.Helper()
	dir := t.TempDir()
	tarFile := filepath.Join(dir, "layer.tar")
	if err := os.WriteFile(tarFile, []byte("layer"), 0o600); err != nil {
		t.Fatal(err)
	}
	descriptor, err := layer.Describe(tarFile)
	if err != nil {
		t.Fatal(err)
	}
	spec := image.Spec{
		Platform: image.Platform{Architecture: "amd64", OS: "linux"},
		// Twice, which makes one entry.
		Layers: []image.Layer{{Path: tarFile, Descriptor: descriptor}, {Path: tarFile, Descriptor: descriptor}},
	}
	if err := image.Build(spec, filepath.Join(dir, "one")); err != nil {
		t.Fatal(err)
	}
	one = open(t, filepath.Join(dir, "one"))
	if err := image.BuildIndex([]*layout.Layout{one}, filepath.Join(dir, "index")); err != nil {
		t.Fatal(err)
	}
	return one, open(t, filepath.Join(dir, "index"))
}

func open(t *testing.T, dir string) *layout.Layout {
	t.Helper()
	l, err := layout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
