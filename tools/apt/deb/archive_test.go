// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package deb_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/deb"
	"github.com/lupasearch/lupa/tools/apt/deb/debtest"
)

const control = "Package: hello\nVersion: 1:2.0-1\nArchitecture: amd64\nDescription: greets\n the world\n"

// noise does not compress, so that a cut is a cut in the packed stream too.
var noise = func() string {
	b := make([]byte, 100_000)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}()

func packTar(t *testing.T, format string, files ...debtest.File) []byte {
	t.Helper()
	data, err := debtest.Tar(files...)
	if err == nil {
		data, err = debtest.Compress(format, data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func packDeb(t *testing.T, format string) []byte {
	t.Helper()
	data, err := debtest.Package(format,
		[]debtest.File{{Name: "./control", Content: control}, {Name: "./md5sums", Content: "0  usr/x\n"}, {Name: "./postinst", Content: "#!"}},
		[]debtest.File{{Name: "./usr/a", Content: "A"}, {Name: "./usr/with space:colon", Content: noise}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readData(path string) (files map[string]int, err error) {
	r, closer, err := deb.OpenData(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	files = map[string]int{}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return files, err
		}
		n, err := io.Copy(io.Discard, r)
		if err != nil {
			return files, err
		}
		files[h.Name] = int(n)
	}
}

func TestRead(t *testing.T) {
	want := map[string]int{"./usr/a": 1, "./usr/with space:colon": len(noise)}
	for _, format := range debtest.Formats {
		t.Run("tar"+format, func(t *testing.T) {
			path := write(t, "hello.deb", packDeb(t, format))
			got, err := readData(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("data (-want +got):\n%s", diff)
			}
			c, err := deb.ReadControl(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.String(); got != control {
				t.Errorf("control %q, want %q", got, control)
			}
			if got := string(c.MD5Sums); got != "0  usr/x\n" {
				t.Errorf("md5sums %q", got)
			}
		})
	}
}

func TestReadMember(t *testing.T) {
	data := packTar(t, ".xz", debtest.File{Name: "./b", Content: "B"})
	got, err := readData(write(t, "data.tar.xz", data))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"./b": 1}, got); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

// TestTruncated cuts packages of every format at several places: each cut must
// be an error that names the file and says it is truncated.
func TestTruncated(t *testing.T) {
	for _, format := range debtest.Formats {
		whole := packDeb(t, format)
		for _, at := range []int{0, 5, 8, 40, 70, 100, len(whole) / 2, len(whole) - 600} {
			t.Run(fmt.Sprintf("%s at %d", format, at), func(t *testing.T) {
				path := write(t, "cut.deb", whole[:at])
				_, err := readData(path)
				if err == nil || !strings.Contains(err.Error(), "truncated") || !strings.Contains(err.Error(), path) {
					t.Errorf("data of %d of %d bytes: error %v, want one with %q and truncated", at, len(whole), err, path)
				}
			})
		}
		stream := packTar(t, format, debtest.File{Name: "./noise", Content: noise})
		t.Run("stream "+format, func(t *testing.T) {
			_, err := readData(write(t, "data.tar"+format, stream[:len(stream)/2]))
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("half a stream: error %v, want unexpected EOF", err)
			}
		})
	}
}

// TestEndMissing cuts the checksum that a packed archive ends with, after the
// last byte of the archive in it.
func TestEndMissing(t *testing.T) {
	for _, format := range debtest.Formats {
		if format == "" {
			continue
		}
		whole := packTar(t, format, debtest.File{Name: "./b", Content: noise})
		for _, missing := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s without %d", format, missing), func(t *testing.T) {
				path := write(t, "data.tar", whole[:len(whole)-missing])
				_, err := readData(path)
				if err == nil || !strings.Contains(err.Error(), path) {
					t.Errorf("error %v, want one with %q", err, path)
				}
			})
		}
	}
}

func TestReadControlErrors(t *testing.T) {
	tests := []struct {
		name, want string
		data       []byte
	}{
		{"no control file", "no control file", packTar(t, "", debtest.File{Name: "./md5sums", Content: "x"})},
		{"no version", "no field Version", packTar(t, "", debtest.File{Name: "./control", Content: "Package: x\nArchitecture: all\n"})},
		{"not a field", `is not a field`, packTar(t, "", debtest.File{Name: "./control", Content: "rubbish\n"})},
		{"no package", "no member control.tar.*", []byte("!<arch>\n")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, "control.tar", tt.data)
			_, err := deb.ReadControl(path)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one with %q and %q", err, tt.want, path)
			}
		})
	}
}

func TestNoSuchFile(t *testing.T) {
	if _, _, err := deb.OpenData("/nowhere/x.deb"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want os.ErrNotExist", err)
	}
}
