// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommands goes through all commands on one image.
func TestCommands(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write(t, path("layer.tar"), "layer")
	write(t, path("tags"), "a:b\n")
	write(t, path("scratch.json"), `{"architecture": "amd64", "os": "linux", "user": "1"}`)
	write(t, path("child.json"), `{"workdir": "/x"}`)
	write(t, path("loader"), "#!/bin/sh\n/bin/cat \"$3\" >\"$0.out\"\n")
	for _, args := range [][]string{
		{"layer", "--label", "//a:b", "--out", path("descriptor"), path("layer.tar")},
		{"image", "--values", path("scratch.json"), "--out", path("image"), path("layer.tar"), path("descriptor")},
		{"image", "--base", path("image"), "--values", path("child.json"), "--out", path("child")},
		{"index", "--out", path("index"), path("image"), path("child")},
		{"digest", "--out", path("digest"), path("index")},
		{"tarball", "--image", path("child"), "--tags", path("tags"), "--out", path("tarball")},
		{"tarball", "--image", path("index"), "--format", "oci", "--tags", path("tags"), "--out", path("index.tarball")},
	} {
		expect(t, 0, "", args...)
	}
	out := expect(t, 0, "", "load", "--image", path("child"), "--tags", path("tags"), "--loader", path("loader"))
	for _, want := range []string{"Loaded into " + path("loader") + ": a:b", "digest   sha256:", "image ID sha256:", "layers   1, 0.0 MB"} {
		if !strings.Contains(out, want) {
			t.Errorf("oci load says %q, want %q in it", out, want)
		}
	}
	built, loaded := read(t, path("tarball")), read(t, path("loader.out"))
	if built != loaded {
		t.Errorf("the engine got %d bytes, and the archive has %d, or others", len(loaded), len(built))
	}
	write(t, path("failing"), "#!/bin/sh\nexit 3\n")
	expect(t, 1, "failing load: exit status 3; docker reads the format \"oci\" only with",
		"load", "--image", path("index"), "--format", "oci", "--tags", path("tags"), "--loader", path("failing"))
	if digest := read(t, path("digest")); len(digest) != len("sha256:")+64+1 {
		t.Errorf("the digest is %q", digest)
	}
}

func TestUsage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	expect(t, 0, "make the layout of an image", "help")
	expect(t, 0, "divided by commas", "image", "--help")
	expect(t, 2, "Usage: oci COMMAND")
	expect(t, 2, "Usage: oci COMMAND", "nonsense")
	expect(t, 2, "--out is missing", "digest", "x")
	expect(t, 2, "0 arguments besides the flags", "index", "--out", "x")
	expect(t, 2, "the last TAR has no DESCRIPTION", "image", "--out", "x", "layer.tar")
	expect(t, 2, "not defined: -nonsense", "image", "--nonsense")
	bad := filepath.Join(t.TempDir(), "values.json")
	write(t, bad, `{"wrkdir": "/x"}`)
	expect(t, 1, `unknown field "wrkdir"`, "image", "--values", bad, "--out", t.TempDir())
	expect(t, 1, "open the base: missing is no OCI layout", "image", "--base", "missing", "--out", t.TempDir())
	expect(t, 1, "read the tags", "load", "--image", "missing", "--tags", "missing")
}

// expect runs the program and returns what it says.
func expect(t *testing.T, code int, want string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := run(context.Background(), args, &stdout, &stderr); got != code {
		t.Errorf("oci %q exits with %d, want %d: %s", args, got, code, stderr.String())
	}
	if !strings.Contains(stderr.String(), want) {
		t.Errorf("oci %q says %q, want %q in it", args, stderr.String(), want)
	}
	return stderr.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
