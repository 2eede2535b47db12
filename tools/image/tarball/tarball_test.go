// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package tarball

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// some is one entry of each kind, children before their folder.
var some = []Entry{
	{Path: "/app/lupa", Kind: File, Mode: 0o755, Data: []byte("program")},
	{Path: "./app/", Kind: Directory, Mode: 0o755},
	{Path: "app/again", Kind: Hardlink, Mode: 0o755, Target: "/app/lupa"},
	{Path: "/", Kind: Directory, Mode: 0o755},
	{Path: "home/nonroot", Kind: Directory, Mode: 0o700, UID: 65532, GID: 65533},
	{Path: "tmp", Kind: Directory, Mode: 0o1777},
	{Path: "etc/os-release", Kind: Symlink, Mode: 0o644, Target: "../usr/lib/os-release"},
}

func archive(t *testing.T, entries []Entry) []byte {
	t.Helper()
	var layer Layer
	for _, e := range entries {
		if err := layer.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := layer.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func headers(t *testing.T, data []byte) []tar.Header {
	t.Helper()
	var all []tar.Header
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		h.ModTime = h.ModTime.UTC()
		all = append(all, *h)
	}
}

func TestHeaders(t *testing.T) {
	epoch := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	want := []tar.Header{
		{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755},
		{Typeflag: tar.TypeDir, Name: "app/", Mode: 0o755},
		{Typeflag: tar.TypeReg, Name: "app/lupa", Mode: 0o755, Size: 7},
		{Typeflag: tar.TypeSymlink, Name: "etc/os-release", Mode: 0o777, Linkname: "../usr/lib/os-release"},
		{Typeflag: tar.TypeDir, Name: "home/nonroot/", Mode: 0o700, Uid: 65532, Gid: 65533},
		{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777},
		{Typeflag: tar.TypeLink, Name: "app/again", Mode: 0o755, Linkname: "app/lupa"},
	}
	for i := range want {
		want[i].ModTime, want[i].Format = epoch, tar.FormatUSTAR
	}
	// Names of owners and other times are empty in want, so they are checked too.
	if diff := cmp.Diff(want, headers(t, archive(t, some))); diff != "" {
		t.Errorf("entries as read back (-want +got):\n%s", diff)
	}
}

func TestSameBytesInAnyOrder(t *testing.T) {
	want := archive(t, some)
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		shuffled := append([]Entry(nil), some...)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if !bytes.Equal(want, archive(t, shuffled)) {
			t.Fatalf("other bytes when added in the order %v", shuffled)
		}
	}
}

// The mode of a source file, and with it the umask, is not looked at.
func TestSameBytesUnderAnyUmask(t *testing.T) {
	var want []byte
	for _, mask := range []int{0o000, 0o022, 0o077} {
		before := syscall.Umask(mask)
		source := filepath.Join(t.TempDir(), "source")
		err := os.WriteFile(source, []byte("text\n"), 0o777)
		syscall.Umask(before)
		if err != nil {
			t.Fatal(err)
		}
		got := archive(t, []Entry{{Path: "etc/text", Kind: File, Mode: 0o640, Source: source}})
		if want == nil {
			want = got
		}
		if !bytes.Equal(want, got) {
			t.Errorf("umask %03o: other bytes", mask)
		}
	}
	if diff := cmp.Diff(int64(0o640), headers(t, want)[0].Mode); diff != "" {
		t.Errorf("mode (-want +got):\n%s", diff)
	}
}

func TestAddErrors(t *testing.T) {
	file := Entry{Path: "a", Kind: File, Mode: 0o644, Data: []byte("x")}
	with := func(change func(*Entry)) Entry {
		e := file
		change(&e)
		return e
	}
	for _, c := range []struct {
		name  string
		entry Entry
		want  string // part of the error; empty for none
	}{
		{"equal again", file, ""},
		{"equal, written another way", with(func(e *Entry) { e.Path = "/./a/" }), ""},
		{"other mode", with(func(e *Entry) { e.Mode = 0o600 }), "a is in the layer twice: as file 0644 0:0 and as file 0600 0:0"},
		{"other owner", with(func(e *Entry) { e.GID = 5 }), "twice"},
		{"other content", with(func(e *Entry) { e.Data = []byte("y") }), "twice"},
		{"other kind", with(func(e *Entry) { e.Kind = Directory }), "as folder 0644 0:0"},
		{"empty", Entry{Kind: File}, `"" is no path`},
		{"NUL", Entry{Path: "a\x00b", Kind: File}, `"a\x00b" is no path`},
		{"parent", Entry{Path: "..", Kind: Directory}, `".." leaves the root`},
		{"parent within", Entry{Path: "b/../c", Kind: File}, "leaves the root"},
		{"parent at the end", Entry{Path: "/b/..", Kind: File}, "leaves the root"},
		{"dots in a name", Entry{Path: "b..c/..d", Kind: File}, ""},
		{"file type in the mode", Entry{Path: "b", Kind: File, Mode: 0o100644}, "b: mode 0100644 has more than permission bits"},
		{"negative mode", Entry{Path: "b", Kind: File, Mode: -1}, "more than permission bits"},
		{"all mode bits", Entry{Path: "b", Kind: File, Mode: 0o7777}, ""},
		{"negative user", Entry{Path: "b", Kind: File, UID: -1}, "b: owner -1:0 is negative"},
		{"negative group", Entry{Path: "b", Kind: File, GID: -2}, "b: owner 0:-2 is negative"},
		{"device", Entry{Path: "dev/null", Kind: Kind(tar.TypeChar)}, `dev/null: entries of type '3' have no place`},
		{"no kind", Entry{Path: "b"}, "have no place"},
		{"hard link out", Entry{Path: "b", Kind: Hardlink, Target: "../x"}, `b: hard link: "../x" leaves the root`},
		{"symlink out", Entry{Path: "b", Kind: Symlink, Target: "../x"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var layer Layer
			if err := layer.Add(file); err != nil {
				t.Fatal(err)
			}
			checkError(t, layer.Add(c.entry), c.want)
		})
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got error %q, want none", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got error %v, want one with %q", err, want)
	}
}

func TestWriteErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		entries []Entry
		want    string
	}{
		{"below a file", []Entry{{Path: "a", Kind: File}, {Path: "a/b/c", Kind: File}}, "a/b/c lies below a, which is a file"},
		{"below a symlink", []Entry{{Path: "lib", Kind: Symlink, Target: "usr/lib"}, {Path: "lib/x", Kind: File}}, "lib/x lies below lib, which is a symlink to usr/lib"},
		{"below a folder", []Entry{{Path: "a", Kind: Directory}, {Path: "a/b", Kind: File}}, ""},
		{"below nothing", []Entry{{Path: "a/b", Kind: File}}, ""},
		{"hard link to nothing", []Entry{{Path: "a", Kind: Hardlink, Target: "b"}}, "a is a hard link to b, which is no file of this layer"},
		{"hard link to a folder", []Entry{{Path: "a", Kind: Hardlink, Target: "b"}, {Path: "b", Kind: Directory}}, "no file of this layer"},
		{"hard link to itself", []Entry{{Path: "a", Kind: Hardlink, Target: "a"}}, "no file of this layer"},
		{"missing source", []Entry{{Path: "a", Kind: File, Source: "is/not/there"}}, "a: open is/not/there: no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var layer Layer
			for _, e := range c.entries {
				if err := layer.Add(e); err != nil {
					t.Fatal(err)
				}
			}
			checkError(t, layer.Write(io.Discard), c.want)
		})
	}
}

func TestLongPaths(t *testing.T) {
	for _, c := range []struct {
		name, path, target string
		format             tar.Format
	}{
		{"100 bytes", strings.Repeat("a", 100), "", tar.FormatUSTAR},
		{"255 bytes in parts", strings.Repeat("a", 150) + "/" + strings.Repeat("b", 100), "", tar.FormatUSTAR},
		{"part over 100 bytes", strings.Repeat("a", 101), "", tar.FormatPAX},
		{"over 255 bytes", strings.Repeat("abcdefghi/", 30) + "end", "", tar.FormatPAX},
		{"link over 100 bytes", "link", strings.Repeat("t", 300), tar.FormatPAX},
		{"not ASCII", "usr/share/ca-certificates/mozilla/Főtanúsítvány.crt", "", tar.FormatPAX},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := Entry{Path: c.path, Kind: File, Mode: 0o644}
			if c.target != "" {
				e.Kind, e.Target = Symlink, c.target
			}
			first := archive(t, []Entry{e})
			if !bytes.Equal(first, archive(t, []Entry{e})) {
				t.Error("other bytes the second time")
			}
			got := headers(t, first)[0]
			type seen struct {
				Name, Target string
				Format       tar.Format
				Time         time.Time
			}
			want := seen{c.path, c.target, c.format, Epoch}
			if diff := cmp.Diff(want, seen{got.Name, got.Linkname, got.Format, got.ModTime}); diff != "" {
				t.Errorf("entry as read back (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEntriesOfZeroLayer(t *testing.T) {
	if diff := cmp.Diff([]Entry{}, new(Layer).Entries()); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if got := headers(t, archive(t, nil)); got != nil {
		t.Errorf("got %v in an empty layer", got)
	}
}
