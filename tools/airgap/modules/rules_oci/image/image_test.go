// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/jsontree"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layer"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

func TestMergeEnv(t *testing.T) {
	base := []string{"PATH=/bin", "TWICE=1", "TWICE=2", "BARE"}
	tests := []struct {
		name, text string
		want       []any
	}{
		{"nothing", "", []any{"PATH=/bin", "TWICE=1", "TWICE=2", "BARE="}},
		{"append", "PATH=$PATH:/x\n", []any{"PATH=/bin:/x", "TWICE=1", "TWICE=2", "BARE="}},
		{"braces on one side", "A=${PATH-$PATH}", []any{"PATH=/bin", "TWICE=1", "TWICE=2", "BARE=", "A=/bin-/bin"}},
		{"unknown", "A=<$NO>", []any{"PATH=/bin", "TWICE=1", "TWICE=2", "BARE=", "A=<>"}},
		{"dollars", "A=$$PATH$-$", []any{"PATH=/bin", "TWICE=1", "TWICE=2", "BARE=", "A=$/bin$-$"}},
		{"first of two", "TWICE=$TWICE", []any{"PATH=/bin", "TWICE=12", "TWICE=2", "BARE="}},
		{"line before", "A=1\nB=$A$A", []any{"PATH=/bin", "TWICE=1", "TWICE=2", "BARE=", "A=1", "B=11"}},
		{"empty line", "\nA=1\n", []any{"PATH=/bin", "TWICE=1", "TWICE=2", "BARE=", "=", "A=1"}},
		{"no equals sign", "A", []any{"PATH=/bin", "TWICE=1", "TWICE=2", "BARE=", "A="}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			env := []any{}
			for _, each := range base {
				env = append(env, each)
			}
			config := object("config", object("Env", env))
			if diff := cmp.Diff(test.want, mergeEnv(baseEnv(config), test.text)); diff != "" {
				t.Errorf("environment after %q (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

func TestLayerType(t *testing.T) {
	tests := []struct{ manifest, compression, want string }{
		{layout.OCIManifest, "", "application/vnd.oci.image.layer.v1.tar"},
		{layout.OCIManifest, "zstd", "application/vnd.oci.image.layer.v1.tar+zstd"},
		{"", "gzip", "application/vnd.oci.image.layer.v1.tar+gzip"},
		{layout.DockerManifest, "", "application/vnd.docker.image.rootfs.diff.tar"},
		{layout.DockerManifest, "gzip", "application/vnd.docker.image.rootfs.diff.tar.gzip"},
	}
	for _, test := range tests {
		if got := layerType(test.manifest, test.compression); got != test.want {
			t.Errorf("layerType(%q, %q) = %q, want %q", test.manifest, test.compression, got, test.want)
		}
	}
}

// TestBuildTwice checks that a base is used by name only, and that two images
// of the same inputs are the same.
func TestBuildTwice(t *testing.T) {
	dir := t.TempDir()
	tar := put(t, dir, "layer.tar", "content")
	descriptor, err := layer.Describe(tar)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(dir, "base")
	spec := Spec{Platform: Platform{"amd64", "linux", ""}, Layers: []Layer{{tar, descriptor}, {tar, descriptor}}}
	if err := Build(spec, base); err != nil {
		t.Fatal(err)
	}
	var digests []string
	for _, name := range []string{"one", "two"} {
		child := Spec{Base: open(t, base), Settings: Settings{User: "65532"}}
		if err := Build(child, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		digests = append(digests, open(t, filepath.Join(dir, name)).Digest())
	}
	if digests[0] != digests[1] {
		t.Errorf("digests %s and %s differ", digests[0], digests[1])
	}
	link, err := os.Readlink(filepath.Join(dir, "one", "blobs", "sha256", strings.TrimPrefix(descriptor.Digest, "sha256:")))
	if err != nil {
		t.Fatal(err)
	}
	want := "../../../base/blobs/sha256/" + strings.TrimPrefix(descriptor.Digest, "sha256:")
	if diff := cmp.Diff(want, link); diff != "" {
		t.Errorf("link to the base's layer (-want +got):\n%s", diff)
	}
}

func TestBuildRefuses(t *testing.T) {
	dir := t.TempDir()
	image := filepath.Join(dir, "image")
	if err := Build(Spec{Platform: Platform{"amd64", "linux", ""}}, image); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(dir, "index")
	if err := BuildIndex([]*layout.Layout{open(t, image)}, index); err != nil {
		t.Fatal(err)
	}
	lacking := &layout.Layout{Dir: image, Descriptor: &jsontree.Object{}}
	lacking.Descriptor.Set("digest", "sha256:"+strings.Repeat("0", 64))
	tests := []struct {
		name, want string
		spec       Spec
	}{
		{"base is an index", "is an image index", Spec{Base: open(t, index)}},
		{"base without its manifest", "lacks a blob", Spec{Base: lacking}},
		{"setting is missing", "read a setting", Spec{Settings: Settings{Env: filepath.Join(dir, "none")}}},
		{"setting is Latin-1", "not UTF-8", Spec{Settings: Settings{Labels: put(t, dir, "latin1", "a=\xe9")}}},
		{"setting has a zero byte", "zero byte", Spec{Settings: Settings{Cmd: put(t, dir, "zero", "a\x00b")}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := Build(test.spec, filepath.Join(t.TempDir(), "out"))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want one that says %q", err, test.want)
			}
		})
	}
	for name, images := range map[string][]*layout.Layout{"at least one": nil, "list its images": {open(t, index)}} {
		if err := BuildIndex(images, filepath.Join(t.TempDir(), "out")); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("BuildIndex gave the error %v, want one that says %q", err, name)
		}
	}
}

func open(t *testing.T, dir string) *layout.Layout {
	t.Helper()
	l, err := layout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
