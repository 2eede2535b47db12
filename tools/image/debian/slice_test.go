// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/deb/debtest"
	"github.com/lupasearch/lupa/tools/image/tarball"
)

const libraries = "lib/x86_64-linux-gnu/"

// library reads one of the sysroot's.
func library(t *testing.T, name string) string {
	t.Helper()
	root, err := runfiles.Rlocation(os.Getenv("SYSROOT"))
	if err != nil {
		t.Fatalf("SYSROOT: %v; run this test by Bazel", err)
	}
	return filepath.Join(root, libraries, name)
}

func content(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// packages makes one with the C library and two more, and one that is not needed.
func packages(t *testing.T) []Package {
	t.Helper()
	make := func(name, sums string, files ...debtest.File) Package {
		data, err := debtest.Package(".gz", []debtest.File{
			{Name: "./control", Content: strings.ReplaceAll(control, "hello", name)}, {Name: "./md5sums", Content: sums},
		}, append([]debtest.File{
			{Name: "./"},
			{Name: "./usr/"},
			{Name: "./usr/share/"},
			{Name: "./usr/share/doc/"},
			{Name: "./usr/share/doc/" + name + "/"},
			{Name: "./usr/share/doc/" + name + "/copyright", Content: "free"},
			{Name: "./usr/share/doc/" + name + "/README", Content: "to be read"},
		}, files...))
		file := write(t, name+".deb", data, err)
		return Package{Name: name, Control: file, Data: file}
	}
	return []Package{
		make("libc6", "01  "+libraries+"libc.so.6\n02  "+libraries+"libm.so.6\n03  usr/share/doc/libc6/copyright\n04  usr/share/doc/libc6/README\n",
			debtest.File{Name: "./lib/"}, debtest.File{Name: "./" + libraries},
			debtest.File{Name: "./" + libraries + "ld-linux-x86-64.so.2", Content: content(t, library(t, "ld-linux-x86-64.so.2")), Executable: true},
			debtest.File{Name: "./" + libraries + "libc.so.6", Content: content(t, library(t, "libc.so.6")), Executable: true},
			debtest.File{Name: "./" + libraries + "libm.so.6", Content: content(t, library(t, "libm.so.6"))},
			debtest.File{Name: "./" + libraries + "libresolv.so.2", Content: content(t, library(t, "libresolv.so.2"))},
			debtest.File{Name: "./lib64/"}, debtest.File{Name: "./lib64/ld-linux-x86-64.so.2", Symlink: "/" + libraries + "ld-linux-x86-64.so.2"},
			debtest.File{Name: "./unneeded/"},
		),
		make("libother", "05  usr/lib/other\n", debtest.File{Name: "./usr/lib/"}, debtest.File{Name: "./usr/lib/other", Content: "other"}),
	}
}

func TestAddSlice(t *testing.T) {
	var layer tarball.Layer
	if err := AddSlice(&layer, packages(t), Slice{Programs: []string{library(t, "libm.so.6")}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range layer.Entries() {
		got = append(got, e.Path+" "+e.String())
		if e.Path == "var/lib/dpkg/status.d/libc6.md5sums" {
			if diff := cmp.Diff("01  "+libraries+"libc.so.6\n03  usr/share/doc/libc6/copyright\n", string(e.Data)); diff != "" {
				t.Errorf("checksums (-want +got):\n%s", diff)
			}
		}
	}
	want := []string{
		"lib folder 0755 0:0",
		"lib/x86_64-linux-gnu folder 0755 0:0",
		"lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 file 0755 0:0",
		"lib/x86_64-linux-gnu/libc.so.6 file 0755 0:0",
		"lib64 folder 0755 0:0",
		"lib64/ld-linux-x86-64.so.2 symlink to /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 0777 0:0",
		"usr folder 0755 0:0",
		"usr/share folder 0755 0:0",
		"usr/share/doc folder 0755 0:0",
		"usr/share/doc/libc6 folder 0755 0:0",
		"usr/share/doc/libc6/copyright file 0644 0:0",
		"var/lib/dpkg/status.d folder 0755 0:0",
		"var/lib/dpkg/status.d/libc6 file 0644 0:0",
		"var/lib/dpkg/status.d/libc6.md5sums file 0644 0:0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestAddSliceErrors(t *testing.T) {
	for want, slice := range map[string]Slice{
		"needs libz.so.1, which is not there": {Libraries: []string{"libz.so.1"}},
		"no such file":                        {Programs: []string{"/nowhere"}},
		"bad magic number":                    {Programs: []string{write(t, "script", []byte("#!/bin/sh\nexit 0 # not an ELF file\n"), nil)}},
	} {
		if err := AddSlice(new(tarball.Layer), packages(t), slice); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	twice := append(packages(t), packages(t)[1])
	twice[2].Name = "third"
	if err := AddSlice(new(tarball.Layer), twice, Slice{}); err == nil || !strings.Contains(err.Error(), "is in package libother, too") {
		t.Errorf("same file in two packages: error %v", err)
	}
}

func TestApplets(t *testing.T) {
	got, err := Applets([]byte("code\x00[\x00[[\x00ash\x00busybox\x00cat\x00sh\x00\x00more"))
	if diff := cmp.Diff([]string{"[", "[[", "ash", "cat", "sh"}, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	for _, program := range []string{"", "no list", "[\x00[[\x00cat\x00\x00", "[\x00[[\x00sh\x00cat\x00\x00", "[\x00[[\x00a b\x00sh\x00\x00"} {
		if got, err := Applets([]byte(program)); err == nil {
			t.Errorf("%q: %q, want an error", program, got)
		}
	}
}
