// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestArchive(t *testing.T) {
	const sources = "# none\nTypes: deb\nURIs:\n http://other.example/ubuntu\n http://mirror.example/debian/\nSuites: a\n"
	tests := []struct {
		name, snapshot, variable, want string
		files                          map[string]string
		wantErr                        string
	}{
		{
			name:     "a snapshot wins",
			snapshot: "20260101T000000Z", variable: "http://v.example/debian",
			want: "https://snapshot.debian.org/archive/debian/20260101T000000Z",
		},
		{name: "an address is taken as it is", snapshot: "http://s.example/x", want: "http://s.example/x"},
		{name: "the variable", variable: "http://v.example/debian-security http://v.example/debian/ http://w.example/debian", want: "http://v.example/debian/"},
		{name: "the variable with a name", variable: "debian-security=http://v.example/s debian=http://v.example/d", want: "http://v.example/d"},
		{
			name:  "one-line format",
			files: map[string]string{"sources.list": "# deb http://no.example/debian a main\ndeb [arch=amd64 signed-by=/k] http://one.example/debian a main # c\n"},
			want:  "http://one.example/debian",
		},
		{
			name: "deb822 format, foreign and security archives passed over",
			files: map[string]string{
				"sources.list.d/a.sources": "Types: deb\nURIs: http://x.example/debian-security\n\n" + sources,
				"sources.list.d/b.bak":     "deb http://bak.example/debian a main\n",
			},
			want: "http://mirror.example/debian/",
		},
		{
			name:    "disabled",
			files:   map[string]string{"sources.list.d/a.sources": "Enabled: no\n" + sources},
			wantErr: "LUPA_DEBIAN_MIRRORS",
		},
		{name: "nothing", wantErr: "LUPA_DEBIAN_MIRRORS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("LUPA_DEBIAN_MIRRORS", test.variable)
			dir := t.TempDir()
			for name, content := range test.files {
				write(t, filepath.Join(dir, name), content)
			}
			got, err := archive(test.snapshot, dir)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("archive = %q, %v, want an error with %q", got, err, test.wantErr)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("archive = %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

const packageList = `Package: bazel-bootstrap
Version: 7.7.1+ds-8
Architecture: amd64
Pre-Depends: loader
Depends: jar (>= 1), missing | alternative:any, virtual,
 gcc
Size: 10
SHA256: aa

Package: jar
Version: 1:2.0
Architecture: all

Package: loader
Version: 1
Architecture: amd64

Package: alternative
Version: 1
Architecture: amd64
Depends: bazel-bootstrap

Package: real
Version: 1
Architecture: amd64
Provides: virtual (= 1)

Package: gcc
Version: 1
Architecture: amd64
`

func TestClosure(t *testing.T) {
	available := readPackages(packageList)
	got, err := closure(available, []string{"bazel-bootstrap"}, map[string]bool{"gcc": true})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range got {
		names = append(names, p.name)
	}
	want := []string{"alternative", "bazel-bootstrap", "jar", "loader", "real"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("closure differs (-want +got):\n%s", diff)
	}
	if got, want := available["jar"].file(), "jar_1%3a2.0_all.deb"; got != want {
		t.Errorf("file = %q, want %q", got, want)
	}
	if _, err := closure(available, []string{"nowhere"}, nil); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("closure of an unknown package = %v, want an error that names it", err)
	}
}

func TestCheckBazel(t *testing.T) {
	available := readPackages(packageList)
	if err := checkBazel(available, "forky", "7.7"); err != nil {
		t.Errorf("checkBazel(7.7.1) = %v, want nil", err)
	}
	for series, list := range map[string]map[string]pkg{"7.70": available, "8.1": available, "7.7": {}} {
		err := checkBazel(list, "forky", series)
		if err == nil || !strings.Contains(err.Error(), "LUPA_BAZEL_SNAPSHOT") || !strings.Contains(err.Error(), "forky") {
			t.Errorf("checkBazel(%s) = %v, want an error that names the suite and the way out", series, err)
		}
	}
}

func TestCheckPackage(t *testing.T) {
	dir := t.TempDir()
	p := pkg{name: "a", version: "1", architecture: "all", sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
	if err := p.check(dir); !os.IsNotExist(err) {
		t.Errorf("check of a missing file = %v", err)
	}
	write(t, filepath.Join(dir, "a_1_all.deb"), "ab")
	if err := p.check(dir); err == nil || !strings.Contains(err.Error(), p.sha256) {
		t.Errorf("check of a truncated file = %v, want an error with the expected value", err)
	}
	write(t, filepath.Join(dir, "a_1_all.deb"), "abc")
	if err := p.check(dir); err != nil {
		t.Errorf("check = %v, want nil", err)
	}
}

func TestReadPins(t *testing.T) {
	dir := t.TempDir()
	whole := "# c\nSUITE=s\nBAZEL_SERIES=7.7\nJRE=j\nGO_SDK=1\n"
	write(t, filepath.Join(dir, "whole"), whole)
	pins, err := readPins(filepath.Join(dir, "whole"))
	if err != nil || pins["BAZEL_SERIES"] != "7.7" {
		t.Errorf("readPins = %v, %v", pins, err)
	}
	for name, content := range map[string]string{"quotes": whole + "X='1'\n", "no value": "SUITE=\n", "incomplete": "SUITE=s\n"} {
		write(t, filepath.Join(dir, "bad"), content)
		if _, err := readPins(filepath.Join(dir, "bad")); err == nil {
			t.Errorf("readPins(%s) = nil, want an error", name)
		}
	}
}

func TestParseClassPath(t *testing.T) {
	got := parseClassPath("Manifest-Version: 1.0\r\nClass-Path: file:///usr/a.jar b\r\n .jar /c.jar\r\nX: y\r\n")
	if diff := cmp.Diff([]string{"/usr/a.jar", "b.jar", "/c.jar"}, got); diff != "" {
		t.Errorf("parseClassPath differs (-want +got):\n%s", diff)
	}
}

func TestModuleZips(t *testing.T) {
	out := []byte("{\"Path\":\"a/b\",\"Zip\":\"/z1\"}\n{\"Path\":\"c\",\"Zip\":\"/z2\"}\n")
	got, err := moduleZips(out, []string{"c@v1", "a/b"})
	if diff := cmp.Diff([]string{"/z2", "/z1"}, got); diff != "" || err != nil {
		t.Errorf("moduleZips: %v (-want +got):\n%s", err, diff)
	}
	if _, err := moduleZips(out, []string{"d"}); err == nil {
		t.Error("moduleZips of a module without an answer = nil, want an error")
	}
}

func TestUnzip(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.zip")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	for _, name := range []string{"example.org/m@v1.0.0/a.txt", "example.org/m@v1.0.0/d/run.sh"} {
		entry, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if err := unzip(file, to); err != nil {
		t.Fatal(err)
	}
	for name, executable := range map[string]bool{"a.txt": false, "d/run.sh": true} {
		info, err := os.Stat(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode()&0o111 != 0; got != executable {
			t.Errorf("%s executable = %v, want %v", name, got, executable)
		}
	}
}

func TestDropDefaultSDK(t *testing.T) {
	file := filepath.Join(t.TempDir(), "MODULE.bazel")
	write(t, file, "a()\ngo_sdk.from_file(\n    name = \"x\",\n)\nb()\n")
	if err := dropDefaultSDK(file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != "a()\nb()\n" {
		t.Errorf("left = %q, %v", got, err)
	}
	if err := dropDefaultSDK(file); err == nil {
		t.Error("dropDefaultSDK without the call = nil, want an error")
	}
}

func TestRelativeLinks(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "etc/conf"), "c")
	if err := os.MkdirAll(filepath.Join(root, "usr/lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(root, "usr/lib/conf")
	if err := os.Symlink("/etc/conf", link); err != nil {
		t.Fatal(err)
	}
	if err := (tree{root: root}).relativeLinks(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.Readlink(link); err != nil || got != "../../etc/conf" {
		t.Errorf("link = %q, %v, want ../../etc/conf", got, err)
	}
}

func TestLockMakesTheSecondWait(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(file, func() { t.Error("the first waits") })
	if err != nil {
		t.Fatal(err)
	}
	waiting, got := make(chan bool), make(chan error, 1)
	go func() {
		unlock, err := lock(file, func() { close(waiting) })
		if err == nil {
			unlock()
		}
		got <- err
	}()
	select {
	case <-waiting:
	case <-time.After(time.Minute):
		t.Fatal("the second does not wait")
	}
	unlock()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestCheckSpace(t *testing.T) {
	if err := checkSpace(t.TempDir(), 1); err != nil {
		t.Errorf("checkSpace(1) = %v", err)
	}
	if err := checkSpace(t.TempDir(), 1<<62); err == nil || !strings.Contains(err.Error(), "LUPA_BAZEL_HOME") {
		t.Errorf("checkSpace(huge) = %v, want an error with the way out", err)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
