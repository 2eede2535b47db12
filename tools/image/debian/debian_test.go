// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/deb/debtest"
	"github.com/lupasearch/lupa/tools/image/tarball"
)

const control = `Package: hello
Version: 1.0-2+deb12u1
Architecture: amd64
Maintainer: Somebody <somebody@example.org>
Description: greets
 At length.
 .
 And politely.
`

const md5sums = `00000000000000000000000000000001  usr/bin/hello
00000000000000000000000000000002  usr/share/doc/hello/README
00000000000000000000000000000003  usr/share/doc/hello/copyright
`

var controlFiles = []debtest.File{
	{Name: "./"},
	{Name: "./control", Content: control},
	{Name: "./md5sums", Content: md5sums},
	{Name: "./postinst", Content: "#!/bin/sh\nexit 1\n", Executable: true},
}

var dataFiles = []debtest.File{
	{Name: "./"},
	{Name: "./usr/"},
	{Name: "./usr/bin/"},
	{Name: "./usr/bin/hello", Content: "program", Executable: true},
	{Name: "./usr/bin/hallo", Symlink: "hello"},
	{Name: "./usr/bin/hej", Hardlink: "./usr/bin/hello"},
	{Name: "./usr/share/doc/hello/"},
	{Name: "./usr/share/doc/hello/README", Content: "to be read"},
	{Name: "./usr/share/doc/hello/copyright", Content: "free"},
}

func write(t *testing.T, name string, data []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// hello makes a package.
func hello(t *testing.T, format string) Package {
	t.Helper()
	data, err := debtest.Package(format, controlFiles, dataFiles)
	file := write(t, "hello.deb", data, err)
	return Package{Name: "hello", Control: file, Data: file}
}

func globs(t *testing.T, patterns ...string) Globs {
	t.Helper()
	g, err := ParseGlobs(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAdd(t *testing.T) {
	const kept = `00000000000000000000000000000001  usr/bin/hello
00000000000000000000000000000003  usr/share/doc/hello/copyright
`
	want := []tarball.Entry{
		{Path: "usr", Kind: tarball.Directory, Mode: 0o755},
		{Path: "usr/bin", Kind: tarball.Directory, Mode: 0o755},
		{Path: "usr/bin/hallo", Kind: tarball.Symlink, Mode: 0o777, Target: "hello"},
		{Path: "usr/bin/hej", Kind: tarball.Hardlink, Mode: 0o644, Target: "usr/bin/hello"},
		{Path: "usr/bin/hello", Kind: tarball.File, Mode: 0o755, Data: []byte("program")},
		{Path: "usr/share/doc/hello", Kind: tarball.Directory, Mode: 0o755},
		{Path: "usr/share/doc/hello/copyright", Kind: tarball.File, Mode: 0o644, Data: []byte("free")},
		{Path: "var/lib/dpkg/status.d", Kind: tarball.Directory, Mode: 0o755},
		{Path: "var/lib/dpkg/status.d/hello", Kind: tarball.File, Mode: 0o644, Data: []byte(control)},
		{Path: "var/lib/dpkg/status.d/hello.md5sums", Kind: tarball.File, Mode: 0o644, Data: []byte(kept)},
	}
	for _, format := range debtest.Formats {
		t.Run("data.tar"+format, func(t *testing.T) {
			var layer tarball.Layer
			if err := Add(&layer, hello(t, format), nil, globs(t, "usr/share/doc/*/README*")); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, layer.Entries()); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAddErrors(t *testing.T) {
	archive, err := debtest.Tar(dataFiles...)
	if err != nil {
		t.Fatal(err)
	}
	packed := map[string][]byte{}
	for _, format := range debtest.Formats {
		if packed[format], err = debtest.Compress(format, archive); err != nil {
			t.Fatal(err)
		}
	}
	flipped := bytes.Clone(packed[".xz"])
	flipped[len(flipped)/2] ^= 0xff
	cut := func(format string, bytes int) []byte { return packed[format][:len(packed[format])-bytes] }
	half := func(format string) []byte { return packed[format][:len(packed[format])/2] }
	tarOf := func(files ...debtest.File) []byte {
		data, err := debtest.Tar(files...)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, c := range []struct {
		name string
		data []byte
		want string // part of the error, after the package's name
	}{
		{"xz cut in half", half(".xz"), "truncated"},
		{"xz without its end", cut(".xz", 4), "truncated"},
		{"xz damaged", flipped, "xz"},
		{"gz cut in half", half(".gz"), "truncated"},
		{"zst cut in half", half(".zst"), "truncated"},
		{"tar cut within a file", tarOf(dataFiles...)[:512*4+3], ""},
		{"empty", nil, "truncated"},
		{"leaves the root", tarOf(debtest.File{Name: "./../etc/passwd", Content: "x"}), ""},
		{"same path twice", tarOf(debtest.File{Name: "./a", Content: "x"}, debtest.File{Name: "./a", Content: "y"}), "a is in the layer twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := hello(t, ".xz")
			p.Data = write(t, "data.tar", c.data, nil)
			var layer tarball.Layer
			err := Add(&layer, p, nil, nil)
			if err == nil || !strings.HasPrefix(err.Error(), "package hello: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one that begins with the package's name and has %q", err, c.want)
			}
		})
	}
}

func TestAddControlErrors(t *testing.T) {
	for name, files := range map[string][]debtest.File{
		"no control file": {{Name: "./md5sums", Content: md5sums}},
		"no version":      {{Name: "./control", Content: "Package: hello\nArchitecture: all\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := debtest.Package(".gz", files, dataFiles)
			p := Package{Name: "hello", Data: write(t, "hello.deb", data, err)}
			p.Control = p.Data
			if err := Add(new(tarball.Layer), p, nil, nil); err == nil || !strings.HasPrefix(err.Error(), "package hello: ") {
				t.Errorf("got error %v, want one that names the package", err)
			}
		})
	}
}

func TestGlobs(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"tmp", "tmp", true},
		{"tmp", "tmp/x", false},
		{"tmp", "var/tmp", false},
		{"usr/share/doc/*/README*", "usr/share/doc/a/README.Debian", true},
		{"usr/share/doc/*/README*", "usr/share/doc/a/b/README", false},
		{"usr/share/lintian/**", "usr/share/lintian/overrides/a", true},
		{"usr/share/lintian/**", "usr/share/lintian", false},
		{"a?c", "abc", true},
		{"a?c", "a/c", false},
		{"a.c", "abc", false},
		{"a+(b)", "a+(b)", true},
	} {
		if got := globs(t, c.pattern).Match(c.path); got != c.want {
			t.Errorf("%q matches %q: got %v, want %v", c.pattern, c.path, got, c.want)
		}
	}
	if _, err := ParseGlobs([]string{"a", "/b"}); err == nil || !strings.Contains(err.Error(), `"/b"`) {
		t.Errorf("got error %v, want one that names the pattern", err)
	}
}
