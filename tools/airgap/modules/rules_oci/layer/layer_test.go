// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layer"
)

// content is longer than any buffer in between.
var content = bytes.Repeat([]byte("All work and no play makes a long layer.\n"), 100_000)

func TestDescribe(t *testing.T) {
	skippable := []byte("\x5a\x2a\x4d\x18\x03\x00\x00\x00abc")
	tests := []struct {
		name, compression string
		file, diff        []byte
	}{
		{"plain", "", content, content},
		{"empty", "", nil, nil},
		{"short", "", []byte("x"), []byte("x")},
		{"gzip", "gzip", gzipped(t, content), content},
		{"two gzip members", "gzip", append(gzipped(t, content), gzipped(t, []byte("x"))...), append(content[:len(content):len(content)], 'x')},
		{"zstd", "zstd", zstded(t, content), content},
		{"two zstd frames", "zstd", append(zstded(t, content), zstded(t, []byte("x"))...), append(content[:len(content):len(content)], 'x')},
		{"zstd after a skippable frame", "zstd", append(skippable, zstded(t, content)...), content},
		{"a name like bzip2", "", []byte("BZh plain"), []byte("BZh plain")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := layer.Describe(write(t, test.file))
			if err != nil {
				t.Fatal(err)
			}
			want := layer.Descriptor{
				Digest: digest(test.file), Size: int64(len(test.file)),
				DiffID: digest(test.diff), Compression: test.compression,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("descriptor (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDescribeRefuses(t *testing.T) {
	tests := []struct {
		name, want string
		file       []byte
	}{
		{"cut gzip", "gzip", gzipped(t, content)[:1000]},
		{"cut zstd", "zstd", zstded(t, content)[:100]},
		{"garbage after gzip", "gzip", append(gzipped(t, content), "garbage"...)},
		{"xz", "compressed by xz", []byte("\xfd7zXZ\x00\x00")},
		{"bzip2", "compressed by bzip2", []byte("BZh91AY&SY")},
		{"lz4", "compressed by lz4", []byte("\x04\x22\x4d\x18....")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, test.file)
			got, err := layer.Describe(path)
			if err == nil {
				t.Fatalf("got %+v, want an error", got)
			}
			for _, want := range []string{test.want, path} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q does not say %q", err, want)
				}
			}
		})
	}
}

func TestWriteRead(t *testing.T) {
	want := layer.Descriptor{Digest: "d", Size: 1 << 40, DiffID: "i", Compression: "zstd", CreatedBy: "bazel build //a:<b>"}
	path := filepath.Join(t.TempDir(), "descriptor")
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := layer.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("descriptor (-want +got):\n%s", diff)
	}
}

func digest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

func write(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "layer.tar")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t *testing.T, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(data, nil)
}
