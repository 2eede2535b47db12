// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package tarball

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

func compress(t *testing.T, format string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := Compress(&b, format)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCompress(t *testing.T) {
	// Larger than the blocks of both formats, and neither random nor constant.
	random := rand.New(rand.NewPCG(3, 4))
	large := make([]byte, 3<<20)
	for i := range large {
		large[i] = byte('a' + random.IntN(9))
	}
	unpack := map[string]func(io.Reader) (io.Reader, error){
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
		"none": func(r io.Reader) (io.Reader, error) { return r, nil },
	}
	for format, open := range unpack {
		for name, data := range map[string][]byte{"empty": {}, "small": []byte("text"), "large": large} {
			t.Run(format+" "+name, func(t *testing.T) {
				packed := compress(t, format, data)
				if !bytes.Equal(packed, compress(t, format, data)) {
					t.Error("other bytes the second time")
				}
				if format != "none" && len(data) > 1<<20 && len(packed) > len(data)/2 {
					t.Errorf("%d bytes became %d", len(data), len(packed))
				}
				r, err := open(bytes.NewReader(packed))
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(data, got) {
					t.Errorf("%d bytes came back as %d others", len(data), len(got))
				}
			})
		}
	}
}

func TestGzipHeader(t *testing.T) {
	// Magic, deflate, no optional field, no time, slowest, unknown system.
	want := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255}
	if diff := cmp.Diff(want, compress(t, "gzip", []byte("text"))[:10]); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

func TestCompressUnknown(t *testing.T) {
	_, err := Compress(io.Discard, "bzip2")
	checkError(t, err, `unknown compression "bzip2"; gzip, zstd and none are known`)
}
