// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/image/tarball"
)

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got error %q, want none", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got error %v, want one with %q", err, want)
	}
}

func TestParsePlace(t *testing.T) {
	for _, c := range []struct {
		place string
		want  tarball.Entry
		err   string // part of the error
	}{
		{"/a", tarball.Entry{Path: "/a", Mode: 0o644}, ""},
		{"/", tarball.Entry{Path: "/", Mode: 0o644}, ""},
		{"/a 0755", tarball.Entry{Path: "/a", Mode: 0o755}, ""},
		{"/a 755", tarball.Entry{Path: "/a", Mode: 0o755}, ""},
		{"/a 0", tarball.Entry{Path: "/a"}, ""},
		{"/tmp 1777", tarball.Entry{Path: "/tmp", Mode: 0o1777}, ""},
		{"/a 7777", tarball.Entry{Path: "/a", Mode: 0o7777}, ""},
		{"  /a   0700\t1:2 ", tarball.Entry{Path: "/a", Mode: 0o700, UID: 1, GID: 2}, ""},
		{"", tarball.Entry{}, `place "": "/path"`},
		{"a", tarball.Entry{}, "is wanted"},
		{"a 0755", tarball.Entry{}, "is wanted"},
		{"0755 /a", tarball.Entry{}, "is wanted"},
		{"/a 0755 1:2 3", tarball.Entry{}, "is wanted"},
		{"/a 0799", tarball.Entry{}, `place "/a 0799": mode "0799" is no octal number up to 7777`},
		{"/a 10000", tarball.Entry{}, "is no octal number"},
		{"/a -1", tarball.Entry{}, "is no octal number"},
		{"/a rwx", tarball.Entry{}, "is no octal number"},
		{"/a 0755 1", tarball.Entry{}, `owner "1" is not two numbers`},
		{"/a 0755 root:root", tarball.Entry{}, `owner "root:root" is not two numbers`},
		{"/a 0755 1:", tarball.Entry{}, "is not two numbers"},
		{"/a 0755 1:2:3", tarball.Entry{}, "is not two numbers"},
	} {
		t.Run(c.place, func(t *testing.T) {
			var got tarball.Entry
			err := parsePlace(c.place, 0o644, &got)
			checkError(t, err, c.err)
			if diff := cmp.Diff(c.want, got); err == nil && diff != "" {
				t.Errorf("entry (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLayer(t *testing.T) {
	for _, c := range []struct {
		name string
		spec spec
		want []tarball.Entry
		err  string // part of the error
	}{
		{"nothing", spec{}, []tarball.Entry{}, ""},
		{
			"modes by default", spec{
				Directories: []string{"/d"},
				Files:       []sourceFile{{Source: "program", Place: "/d/file"}},
				Contents:    map[string]string{"/d/text": "text\n"},
				Symlinks:    map[string]string{"/d/link": "../x"},
			}, []tarball.Entry{
				{Path: "d", Kind: tarball.Directory, Mode: 0o755},
				{Path: "d/file", Kind: tarball.File, Mode: 0o644, Source: "program"},
				{Path: "d/link", Kind: tarball.Symlink, Mode: 0o777, Target: "../x"},
				{Path: "d/text", Kind: tarball.File, Mode: 0o644, Data: []byte("text\n")},
			}, "",
		},
		{
			"modes and owners", spec{
				Directories: []string{"/home/nonroot 0700 65532:65532"},
				Files:       []sourceFile{{Source: "program", Place: "/app/program 0755"}},
				Contents:    map[string]string{"/secret 0600 1:2": "x"},
			}, []tarball.Entry{
				{Path: "app/program", Kind: tarball.File, Mode: 0o755, Source: "program"},
				{Path: "home/nonroot", Kind: tarball.Directory, Mode: 0o700, UID: 65532, GID: 65532},
				{Path: "secret", Kind: tarball.File, Mode: 0o600, UID: 1, GID: 2, Data: []byte("x")},
			}, "",
		},
		{"bad folder", spec{Directories: []string{"d"}}, nil, `place "d"`},
		{"bad file", spec{Files: []sourceFile{{Place: "/f 9"}}}, nil, `mode "9"`},
		{"bad text", spec{Contents: map[string]string{"/f 0644 a:b": ""}}, nil, `owner "a:b"`},
		{"bad link", spec{Symlinks: map[string]string{"l": "x"}}, nil, `place "l"`},
		{"leaves the root", spec{Directories: []string{"/a/../../b"}}, nil, "leaves the root"},
		{"twice", spec{Directories: []string{"/a", "/a 0700"}}, nil, "a is in the layer twice"},
		{"bad pattern", spec{Exclude: []string{"/usr"}}, nil, `pattern "/usr" begins with '/'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			layer, err := c.spec.layer()
			checkError(t, err, c.err)
			if err != nil {
				return
			}
			if diff := cmp.Diff(c.want, layer.Entries()); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRunLayer(t *testing.T) {
	for _, c := range []struct{ name, spec, err string }{
		{"gzip", `{"label": "//a:b", "compress": "gzip", "directories": ["/d"]}`, ""},
		{"none", `{"label": "//a:b", "compress": "none", "contents": {"/f": "x"}}`, ""},
		{"no JSON", `{`, "spec.json: unexpected end of JSON input"},
		{"unknown compression", `{"label": "//a:b", "compress": "lz4"}`, `//a:b: unknown compression "lz4"`},
		{"bad place", `{"label": "//a:b", "compress": "gzip", "directories": ["d"]}`, `//a:b: place "d"`},
		{"missing file", `{"label": "//a:b", "compress": "gzip", "files": [{"source": "is/not/there", "place": "/f"}]}`, "//a:b: f: open is/not/there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			spec := filepath.Join(dir, "spec.json")
			if err := os.WriteFile(spec, []byte(c.spec), 0o644); err != nil {
				t.Fatal(err)
			}
			write := func(name string) ([]byte, error) {
				out := filepath.Join(dir, name)
				if err := run([]string{"layer", "-spec=" + spec, "-out=" + out}); err != nil {
					return nil, err
				}
				return os.ReadFile(out)
			}
			first, err := write("first")
			checkError(t, err, c.err)
			if err != nil {
				return
			}
			second, err := write("second")
			checkError(t, err, "")
			if len(first) == 0 || !bytes.Equal(first, second) {
				t.Errorf("%d bytes, then other %d bytes", len(first), len(second))
			}
		})
	}
}

func TestRunUsage(t *testing.T) {
	for _, args := range [][]string{
		nil, {"unknown"}, {"layer"}, {"layer", "-spec=x"}, {"certificates", "-data=x"}, {"list"}, {"list", "a", "b"}, {"sizes"}, {"list", "-unknown"},
	} {
		if err := run(args); !errors.Is(err, errUsage) {
			t.Errorf("%q: got error %v, want wrong usage", args, err)
		}
	}
	checkError(t, run([]string{"list", "is/not/there"}), "layout is/not/there: ")
}
