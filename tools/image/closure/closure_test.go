// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package closure_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/image/closure"
)

// Files of Debian's glibc. Its C library is a program, too: it has a loader, and
// needs it as a library.
const (
	libc    = "lib/x86_64-linux-gnu/libc.so.6"
	libm    = "lib/x86_64-linux-gnu/libm.so.6"
	loader  = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
	started = "lib64/ld-linux-x86-64.so.2"
	foreign = "lib/aarch64-linux-gnu/libc.so.6"
)

func TestMissing(t *testing.T) {
	amd64, arm64 := runfile(t, "SYSROOT_AMD64"), runfile(t, "SYSROOT_ARM64")
	tests := []struct {
		name    string
		files   map[string]string // place to file
		program string
		want    []string
	}{
		{"all there", map[string]string{libm: libm, libc: libc, loader: loader, started: loader}, libm, nil},
		{"elsewhere", map[string]string{libc: libc, "usr/lib/ld-linux-x86-64.so.2": loader, started: loader}, libc, nil},
		{"no loader", map[string]string{libc: libc, loader: loader}, libc, []string{
			"/" + libc + " asks for the loader /" + started + ", which is not there",
		}},
		{"no library", map[string]string{libm: libm, loader: loader}, "/" + libm, []string{
			"/" + libm + " needs libc.so.6, which is not there for its CPU",
		}},
		{"library of a library", map[string]string{libm: libm, libc: libc}, libm, []string{
			"/" + libc + " needs ld-linux-x86-64.so.2, which is not there for its CPU",
		}},
		{"for another CPU", map[string]string{libm: libm, libc: foreign, loader: loader}, libm, []string{
			"/" + libm + " needs libc.so.6, which is not there for its CPU",
		}},
	}
	for _, test := range tests {
		root := t.TempDir()
		for place, file := range test.files {
			sysroot := amd64
			if file == foreign {
				sysroot = arm64
			}
			copyFile(t, filepath.Join(root, place), filepath.Join(sysroot, file))
		}
		got, err := closure.Missing(root, test.program)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v, -want +got:\n%s", test.name, err, diff)
		}
	}
}

// TestSysroots has the libraries of each CPU whole.
func TestSysroots(t *testing.T) {
	for variable, library := range map[string]string{"SYSROOT_AMD64": libc, "SYSROOT_ARM64": foreign} {
		if got, err := closure.Missing(runfile(t, variable), library); err != nil || got != nil {
			t.Errorf("%s: %s lacks %q, %v", variable, library, got, err)
		}
	}
}

func TestErrors(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "script"), []byte("#!/bin/sh\n# This is no ELF file.\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for program, want := range map[string]string{"script": "script: bad magic", "nothing": "nothing: no such file", "../script": "script: bad magic"} {
		if got, err := closure.Missing(root, program); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, error %v, want %q", program, got, err, want)
		}
	}
	if _, err := closure.Missing(filepath.Join(root, "nowhere"), "script"); err == nil {
		t.Error("no error without a root")
	}
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func runfile(t *testing.T, variable string) string {
	t.Helper()
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s=%q: %v", variable, os.Getenv(variable), err)
	}
	return file
}
