// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConvertAll(t *testing.T) {
	root := t.TempDir()
	write(t, root, "a/one.templ", "package a\n\ntempl One() {\n\t<p></p>\n}\n")
	write(t, root, "b/two.templ", "package b\n\ntempl Two() {\n\t<p>\n}\n")
	write(t, root, "c/three.templ", "package c\n\ntempl Three() {\n\t<p></p>\n}\n")
	write(t, root, "bazel-out/four.templ", "nonsense")
	write(t, root, ".git/five.templ", "nonsense")
	write(t, root, "d/testdata/six.templ", "nonsense")
	err := convertAll(root)
	if err == nil || !strings.HasPrefix(err.Error(), "b/two.templ:5:1: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one of b/two.templ alone", err)
	}
	for _, name := range []string{"a/one_templ.go", "c/three_templ.go"} {
		source, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || strings.Contains(string(source), root) {
			t.Errorf("%s: %v; or it names its folder:\n%s", name, err, source)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, args := range []string{"-name=a", "-name=a -out=b", "-name=a -template=b -out=c more", "-nonsense", ""} {
		t.Setenv("BUILD_WORKSPACE_DIRECTORY", "")
		if o, err := parse(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("%q is taken as %+v, want an error", args, o)
		}
	}
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
