// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

func TestOpenRefuses(t *testing.T) {
	tests := []struct{ name, index, want string }{
		{"no index", "", "is no OCI layout"},
		{"no JSON", "{", "unexpected EOF"},
		{"no manifests", "{}", "names 0 manifests"},
		{"two manifests", `{"manifests":[{},{}]}`, "names 2 manifests"},
		{"no object", `{"manifests":[1]}`, "is no object"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if test.index != "" {
				if err := os.WriteFile(filepath.Join(dir, "index.json"), []byte(test.index), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := layout.Open(dir); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	w, err := layout.NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := w.Put([]byte(`{"a":"b"}`))
	if err != nil {
		t.Fatal(err)
	}
	l := &layout.Layout{Dir: dir}
	object, err := l.Read(digest)
	if err != nil {
		t.Fatal(err)
	}
	if got := object.Text("a"); got != "b" {
		t.Errorf("the object's a is %q, want b", got)
	}
	for _, bad := range []string{"", "sha256:", "sha256:zz", "md5:" + digest, "sha256:../../index.json", "sha256:" + strings.Repeat("0", 64)} {
		if _, err := l.Read(bad); err == nil {
			t.Errorf("Read(%q) gave no error", bad)
		}
	}
	path, err := l.Blob(digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(`{}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Read(digest); err == nil || !strings.Contains(err.Error(), layout.Digest([]byte(`{}`))) {
		t.Errorf("reading a changed blob gave %v, want an error with the digest it has", err)
	}
}

func TestLinkFromRelativeFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	w, err := layout.NewWriter("layout")
	if err != nil {
		t.Fatal(err)
	}
	digest := layout.Digest([]byte("x"))
	if err := w.Link(digest, file); err != nil {
		t.Fatal(err)
	}
	got, err := (&layout.Layout{Dir: "layout"}).Bytes(digest)
	if err != nil || string(got) != "x" {
		t.Errorf("read %q, %v through the link, want x", got, err)
	}
}

func TestLinkTwice(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := layout.NewWriter(filepath.Join(dir, "layout"))
	if err != nil {
		t.Fatal(err)
	}
	digest := layout.Digest([]byte("x"))
	for range 2 {
		if err := w.Link(digest, file); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "layout", "blobs", "sha256", strings.TrimPrefix(digest, "sha256:")))
	if err != nil || string(got) != "x" {
		t.Errorf("read %q, %v through the link, want x", got, err)
	}
}
