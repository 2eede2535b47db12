// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package structure_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/lupasearch/lupa/tools/image/layout"
	"github.com/lupasearch/lupa/tools/image/structure"
	"github.com/lupasearch/lupa/tools/image/tarball"
)

const description = `
config:
  user: "65532"
  folder: /app
  entrypoint: [/app/x]
  env: {PATH: /bin}
  ports: [80/tcp]
  labels: {title: X}
paths:
  /: dir 0755 0:0
  /app/x: file 0755 0:0 at most 1 kB
  /tmp: dir 1777 0:0
  /etc/os-release: link ../usr/lib/os-release
contents:
  /etc/os-release: |
    NAME=x
lines:
  /usr/lib/services: [https 443/tcp]
absent: ["**/sh"]
packages: [libx]
limits: {unpacked: 100 kB, packed: 100 kB, layers: 2}
cpu:
  arm64:
    config: {variant: v8}
`

// An example is an image that is as described, until a test changes it.
type example struct {
	config v1.ConfigFile
	base   map[string]tarball.Entry // by path
	above  map[string]tarball.Entry
}

func file(mode int64, text string) tarball.Entry {
	return tarball.Entry{Kind: tarball.File, Mode: mode, Data: []byte(text)}
}

func dir(mode int64) tarball.Entry { return tarball.Entry{Kind: tarball.Directory, Mode: mode} }

func link(target string) tarball.Entry { return tarball.Entry{Kind: tarball.Symlink, Target: target} }

func newExample() *example {
	e := &example{
		config: v1.ConfigFile{Architecture: "amd64", OS: "linux", Config: v1.Config{
			User: "65532", WorkingDir: "/app", Entrypoint: []string{"/app/x"}, Env: []string{"PATH=/bin"},
			ExposedPorts: map[string]struct{}{"80/tcp": {}}, Labels: map[string]string{"title": "X"},
		}},
		base: map[string]tarball.Entry{
			".": dir(0o755), "tmp": dir(0o1777), "etc/os-release": link("../usr/lib/os-release"),
			"usr/lib/os-release": file(0o644, "NAME=x\n"), "usr/lib/services": file(0o644, "http  80/tcp\nhttps 443/tcp # secure\n"),
			"lib/x86_64-linux-gnu/libx.so":       file(0o644, "library"),
			"usr/share/doc/libx/copyright":       file(0o644, "free"),
			"var/lib/dpkg/status.d/libx":         file(0o644, "Package: libx\n"),
			"var/lib/dpkg/status.d/libx.md5sums": file(0o644, "d521f765a49c72507257a2620612ee96  lib/x86_64-linux-gnu/libx.so\n"),
		},
		above: map[string]tarball.Entry{"app": dir(0o755), "app/x": file(0o755, "program")},
	}
	for _, folder := range []string{
		"etc", "usr", "usr/lib", "usr/share", "usr/share/doc", "usr/share/doc/libx", "lib", "lib/x86_64-linux-gnu",
		"var", "var/lib", "var/lib/dpkg", "var/lib/dpkg/status.d",
	} {
		e.base[folder] = dir(0o755)
	}
	return e
}

// write writes a layout with the image.
func (e *example) write(t *testing.T) layout.Image {
	t.Helper()
	root := t.TempDir()
	blob := func(data []byte) v1.Descriptor {
		sum := sha256.Sum256(data)
		name := hex.EncodeToString(sum[:])
		save(t, filepath.Join(root, "blobs/sha256", name), data)
		return v1.Descriptor{Size: int64(len(data)), Digest: v1.Hash{Algorithm: "sha256", Hex: name}}
	}
	encode := func(value any) []byte {
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	manifest := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: blob(encode(e.config))}
	for _, entries := range []map[string]tarball.Entry{e.base, e.above} {
		var layer tarball.Layer
		for name, entry := range entries {
			entry.Path = name
			if err := layer.Add(entry); err != nil {
				t.Fatal(err)
			}
		}
		var data bytes.Buffer
		if err := layer.Write(&data); err != nil {
			t.Fatal(err)
		}
		manifest.Layers = append(manifest.Layers, blob(data.Bytes()))
	}
	image := blob(encode(manifest))
	image.MediaType = types.OCIManifestSchema1
	save(t, filepath.Join(root, "index.json"), encode(v1.IndexManifest{SchemaVersion: 2, Manifests: []v1.Descriptor{image}}))
	images, err := layout.Images(root)
	if err != nil {
		t.Fatal(err)
	}
	return images[0]
}

func save(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func spec(t *testing.T, texts ...string) (structure.Spec, error) {
	t.Helper()
	var names []string
	for _, text := range texts {
		name := filepath.Join(t.TempDir(), "spec.yaml")
		save(t, name, []byte(text))
		names = append(names, name)
	}
	return structure.Read(names...)
}

func TestCheck(t *testing.T) {
	const sums = "var/lib/dpkg/status.d/libx.md5sums"
	tests := []struct {
		name   string
		change func(*example)
		want   []string
	}{
		{"as described", func(*example) {}, nil},
		{"configuration", func(e *example) {
			e.config.Config.User, e.config.Config.Cmd = "0", []string{"serve"}
			e.config.Config.Env = []string{"PATH=/", "HOME=/"}
			e.config.Config.Labels, e.config.OS = nil, "plan9"
		}, []string{
			`config: command is ["serve"], want []`,
			`config: label title is not set, want "X"`,
			`config: operating system is "plan9", want "linux"`,
			`config: user is "0", want "65532"`,
			`config: variable HOME is "/", want none`,
			`config: variable PATH is "/", want "/bin"`,
		}},
		{"variant of a CPU", func(e *example) { e.config.Architecture = "arm64" }, []string{`config: variant is "", want "v8"`}},
		{"not there", func(e *example) { delete(e.base, "tmp") }, []string{"/tmp is not there, want dir 1777 0:0"}},
		{"mode", func(e *example) { e.base["tmp"] = dir(0o755) }, []string{"/tmp is dir 0755 0:0, want dir 1777 0:0"}},
		{"owner", func(e *example) {
			e.above["app/x"] = tarball.Entry{Kind: tarball.File, Mode: 0o755, UID: 1, GID: 2}
		}, []string{"/app/x is file 0755 1:2, want file 0755 0:0"}},
		{"too large", func(e *example) { e.above["app/x"] = file(0o755, strings.Repeat("x", 1500)) }, []string{
			"/app/x has 1500 bytes, 500 more than the 0.0 MB it may have",
		}},
		{"link elsewhere", func(e *example) { e.base["etc/os-release"] = link("/nowhere") }, []string{
			"/etc/os-release is link /nowhere, want link ../usr/lib/os-release", "/etc/os-release leads to no file",
		}},
		{"lines", func(e *example) { e.base["usr/lib/services"] = file(0o644, "https 444/tcp\n") }, []string{
			`/usr/lib/services has no line that begins with "https 443/tcp"`,
		}},
		{"absent", func(e *example) { e.above["app/sh"] = link("x") }, []string{"/app/sh is there, and should not be"}},
		{"rights of another", func(e *example) { e.above["app/su"] = file(0o4755, "") }, []string{
			"/app/su is file 4755 0:0: whoever starts it has the rights of its owner",
		}},
		{"anyone's", func(e *example) { e.above["app/open"] = file(0o666, "") }, []string{"/app/open is file 0666 0:0: others can write to it"}},
		{"folder in no layer", func(e *example) { e.above["opt/x"] = file(0o644, "") }, []string{"/opt, which holds /opt/x, is in no layer"}},
		{"folder of another layer", func(e *example) { e.above["tmp"] = dir(0o755) }, []string{
			"/tmp is dir 0755 0:0, want dir 1777 0:0", "layer 1 has /tmp as dir 0755 0:0, a layer below as dir 1777 0:0",
		}},
		{"file of another layer", func(e *example) { e.above["usr/lib/services"] = file(0o644, "https 443/tcp\n") }, []string{
			"layer 1 replaces /usr/lib/services of a layer below",
		}},
		{"whiteout", func(e *example) { e.above["tmp/.wh.x"] = file(0o644, "") }, []string{"layer 1 takes /tmp/.wh.x away"}},
		{"too many bytes", func(e *example) { e.above["app/large"] = file(0o644, strings.Repeat("x", 100000)) }, []string{
			"size: 118272 bytes packed, 18272 more than 0.1 MB", "size: 118272 bytes unpacked, 18272 more than 0.1 MB",
		}},
		{"package unknown", func(e *example) {
			e.base["var/lib/dpkg/status.d/liby"] = file(0o644, "Package: liby\n")
		}, []string{"package liby has no checksums", "package liby has no licence in /usr/share/doc/liby", "package liby is recorded, and should not be"}},
		{"package not recorded", func(e *example) { delete(e.base, "var/lib/dpkg/status.d/libx") }, []string{"package libx is not recorded"}},
		{"record of what is not there", func(e *example) {
			e.base[sums] = file(0o644, string(e.base[sums].Data)+"00  usr/lib/other\nnonsense\n")
		}, []string{
			`package libx lists /usr/lib/other, which is not there`, `package libx: its list of files has the line "nonsense\n"`,
		}},
		{"rest of a package in another layer", func(e *example) {
			e.above["opt"] = dir(0o755)
			e.above["opt/x"] = file(0o644, "library")
			e.above[sums] = file(0o644, string(e.base[sums].Data)+"d521f765a49c72507257a2620612ee96  opt/x\n")
		}, nil},
		{"another record in another layer", func(e *example) { e.above[sums] = file(0o644, "") }, []string{
			"/lib/x86_64-linux-gnu/libx.so is recorded for no package", "layer 1 replaces /" + sums + " of a layer below",
		}},
		{"another checksum", func(e *example) { e.base["lib/x86_64-linux-gnu/libx.so"] = file(0o644, "other") }, []string{
			"package libx lists /lib/x86_64-linux-gnu/libx.so with another checksum than 795f3202b17cb6bc3d4b771d8c6c9eaf",
		}},
		{"library of no package", func(e *example) { e.base["lib/x86_64-linux-gnu/liby.so"] = file(0o644, "") }, []string{
			"/lib/x86_64-linux-gnu/liby.so is recorded for no package",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newExample()
			test.change(e)
			s, err := spec(t, description)
			if err != nil {
				t.Fatal(err)
			}
			got, err := structure.Check(e.write(t), s)
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("error %v, findings (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestRead(t *testing.T) {
	s, err := spec(t, description, `
config: {user: "0", env: {HOME: /}}
paths: {/tmp: dir 0700 0:0}
absent: ["x"]
limits: {packed: 9.1 MB}
`)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{s.Config.User, s.Config.Folder, s.Config.Env, s.Paths["/tmp"], s.Paths["/"], s.Absent, s.Limits, s.For("arm64").Config.Variant}
	want := []any{
		"0", "/app",
		map[string]string{"PATH": "/bin", "HOME": "/"},
		"dir 0700 0:0", "dir 0755 0:0",
		[]string{"**/sh", "x"},
		structure.Limits{Unpacked: 100e3, Packed: 9.1e6, Layers: 2},
		"v8",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("one over the other (-want +got):\n%s", diff)
	}
}

func TestReadErrors(t *testing.T) {
	for text, want := range map[string]string{
		"paths: {tmp: dir 0755 0:0}":           `path "tmp" does not begin with '/'`,
		"paths: {/tmp: dir 755 0:0}":           `path /tmp: "dir 755 0:0": "dir 0755 0:0"`,
		"paths: {/x: file 0644 0:0 at most 2}": `size "2": a number and B, kB or MB are wanted`,
		"limits: {packed: much}":               `size "much"`,
		"pathes: {}":                           "pathes",
		"cpu: {arm64: {paths: {/x: socket}}}":  "cpu arm64: path /x",
		"cpu: {arm64: {cpu: {amd64: {}}}}":     "cannot hold another cpu",
		"contents: {x: y}":                     `path "x" does not begin`,
	} {
		if _, err := spec(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	if _, err := structure.Read("/nowhere.yaml"); err == nil {
		t.Error("no error without a file")
	}
}
