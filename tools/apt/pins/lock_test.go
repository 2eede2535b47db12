// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pins_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/pins"
)

func locked(name, version, arch, sum string, size int64) pins.LockedPackage {
	return pins.LockedPackage{Name: name, Version: version, Architecture: arch, SHA256: sum, Size: size, Depends: []string{}}
}

func TestLockRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "packages.lock.json")
	if l, err := pins.ReadLock(path); err != nil || len(l.Packages) != 0 {
		t.Errorf("no file: %v, %v; want an empty lock", l, err)
	}
	want := &pins.Lock{
		Comment: "<made>", Format: pins.Format, List: "x", Snapshot: "20260102T030405Z",
		Suites:   []pins.LockedSuite{{Name: "trusty", Archive: "debian", Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}},
		Groups:   []pins.LockedGroup{{Name: "b", Packages: map[string][]string{"arm64": {"b"}, "amd64": {"a"}}}, {Name: "a", Packages: map[string][]string{}}},
		Packages: []pins.LockedPackage{locked("b", "1", "arm64", "2", 2), locked("b", "1", "amd64", "1", 1), locked("a", "1", "all", "3", 3)},
	}
	want.Sort()
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := pins.ReadLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lock (-want +got):\n%s", diff)
	}
	order := got.Packages[0].Name + got.Packages[1].Architecture + got.Packages[2].Architecture + got.Groups[0].Name
	if order != "aamd64arm64a" {
		t.Errorf("order %q, want a, amd64, arm64, a", order)
	}
	if got.Size() != 6 {
		t.Errorf("size %d, want 6", got.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"<made>"`) || !strings.HasSuffix(string(data), "}\n") {
		t.Errorf("written:\n%s", data)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("files beside the lock: %v, %v", entries, err)
	}
}

func TestReadLockRefuses(t *testing.T) {
	for content, want := range map[string]string{
		"rubbish":         "invalid character",
		`{"format": 9}`:   "format 9, want 1: delete it and lock again",
		`{"formats": 1}`:  "unknown field",
		`{"format": "1"}`: "cannot unmarshal",
	} {
		path := filepath.Join(t.TempDir(), "packages.lock.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := pins.ReadLock(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one with %q", content, err, want)
		}
	}
}

func TestAgree(t *testing.T) {
	l, err := pins.ParseList([]byte(list), "p.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := pins.Agree(l, &pins.Lock{List: l.Digest()}, "p.yaml", "p.json"); err != nil {
		t.Error(err)
	}
	err = pins.Agree(l, &pins.Lock{List: "old"}, "p.yaml", "p.json")
	if err == nil || !strings.Contains(err.Error(), `p.json is out of date: it was made from a list with digest "old", p.yaml has "`+l.Digest()) {
		t.Errorf("error %v", err)
	}
}

func TestReport(t *testing.T) {
	from := &pins.Lock{
		Suites: []pins.LockedSuite{{Name: "trusty", Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}},
		Packages: []pins.LockedPackage{
			locked("down", "2", "amd64", "1", 1024), locked("gone", "1", "all", "2", 2048), locked("same", "1", "all", "3", 1),
			locked("swap", "1", "all", "4", 1024), locked("up", "1.9", "amd64", "5", 1024), locked("up", "1.9", "arm64", "6", 1024),
		},
	}
	to := &pins.Lock{
		Suites: []pins.LockedSuite{{Name: "trusty", Date: time.Date(2026, 2, 2, 3, 4, 5, 0, time.UTC)}},
		Packages: []pins.LockedPackage{
			locked("down", "1", "amd64", "1b", 1024), locked("new", "1", "all", "7", 512), locked("same", "1", "all", "3", 1),
			locked("swap", "1", "all", "4b", 1024), locked("up", "1.10", "amd64", "5b", 3072), locked("up", "1.9", "arm64", "6", 1024),
		},
	}
	var b strings.Builder
	pins.Report(&b, from, to)
	const want = `downgraded  down amd64  2 -> 1  (+0.0 KiB)
removed     gone all  1  (-2.0 KiB)
added       new all  1  (+0.5 KiB)
replaced    swap all  1 -> 1  (+0.0 KiB)
upgraded    up amd64  1.9 -> 1.10  (+2.0 KiB)
suite       trusty  2026-01-02 03:04 -> 2026-02-02 03:04
6 packages, 0.0 MiB to download if all are used (+0.5 KiB).
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	b.Reset()
	pins.Report(&b, from, from)
	if want := "No package changed.\n6 packages, 0.0 MiB to download if all are used (+0.0 KiB).\n"; b.String() != want {
		t.Errorf("report of no change:\n%s\nwant:\n%s", b.String(), want)
	}
}
