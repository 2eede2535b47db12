// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package locker_test

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/archive/archivetest"
	"github.com/lupasearch/lupa/tools/apt/locker"
	"github.com/lupasearch/lupa/tools/apt/mirror"
	"github.com/lupasearch/lupa/tools/apt/pins"
)

var (
	born   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	issued = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	today  = issued.AddDate(0, 0, 1)
)

// A world is an archive with two suites, a list that uses it, and a Locker.
type world struct {
	key            *archivetest.Key
	stable, update archivetest.Suite
	list           *pins.List
	old            *pins.Lock
	locker         *locker.Locker
	// tamper changes the files before they are served.
	tamper func(map[string][]byte)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	key, err := archivetest.NewKey(born)
	if err != nil {
		t.Fatal(err)
	}
	suite := func(name string) pins.Suite {
		return pins.Suite{Name: name, Archive: "debian", Components: []string{"main"}, SignedBy: []string{key.Fingerprint}}
	}
	shared := archivetest.Entry("zone", "1", "all")
	return &world{
		key: key, old: &pins.Lock{},
		stable: archivetest.Suite{Codename: "trusty", Date: issued.AddDate(0, 0, -9), Packages: map[string]string{
			"amd64": archivetest.Entry("tool", "1", "amd64", "Depends: lib (>= 1), editor") + archivetest.Entry("lib", "1", "amd64") + archivetest.Entry("vi", "1", "amd64", "Provides: editor") + shared,
			"arm64": archivetest.Entry("tool", "1", "arm64", "Depends: lib (>= 1), editor") + archivetest.Entry("lib", "1", "arm64") + shared,
		}},
		update: archivetest.Suite{Codename: "trusty-security", Date: issued, ValidUntil: issued.AddDate(0, 0, 7), Packages: map[string]string{
			"amd64": archivetest.Entry("lib", "1+u1", "amd64"),
			"arm64": archivetest.Entry("lib", "1+u1", "arm64"),
		}},
		list: &pins.List{
			Suites: []pins.Suite{suite("trusty"), suite("trusty-security")}, Architectures: []string{"amd64", "arm64"}, Snapshot: pins.Automatic,
			Groups: map[string]pins.Group{
				"base":  {Purpose: "p", Architectures: []string{"amd64", "arm64"}, Depends: "none", Packages: map[string]string{"lib": "r", "zone": "r"}},
				"tools": {Purpose: "q", Architectures: []string{"amd64"}, Tree: true, Depends: "all", Packages: map[string]string{"tool": "r"}, Except: map[string]string{"vi": "r"}, Exclude: []string{"usr/**"}},
			},
		},
		locker: &locker.Locker{Keys: map[string][]byte{"k.asc": key.Public}, Now: today, Log: slog.New(slog.DiscardHandler)},
		tamper: func(map[string][]byte) {},
	}
}

func (w *world) lock(t *testing.T) (*pins.Lock, error) {
	t.Helper()
	files := map[string][]byte{}
	for _, s := range []archivetest.Suite{w.stable, w.update} {
		more, err := s.Files(w.key)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(files, more)
	}
	w.tamper(files)
	s := httptest.NewServer(archivetest.Handler(files))
	defer s.Close()
	w.locker.Fetcher = &mirror.Fetcher{
		Bases:  []mirror.Base{{Archive: "debian", URL: s.URL}},
		Client: s.Client(), Log: slog.New(slog.DiscardHandler),
	}
	return w.locker.Lock(context.Background(), w.list, w.old)
}

func TestLock(t *testing.T) {
	w := newWorld(t)
	lock, err := w.lock(t)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{lock.Snapshot}
	for _, p := range lock.Packages {
		got = append(got, strings.Join([]string{p.Name, p.Version, p.Architecture, p.Suite, p.Snapshot, strings.Join(p.Depends, "+")}, " "))
	}
	want := []string{
		"20260203T160506Z", // Twelve hours after the newest release.
		"lib 1+u1 amd64 trusty-security 20260203T160506Z ",
		"lib 1+u1 arm64 trusty-security 20260203T160506Z ",
		"tool 1 amd64 trusty 20260203T160506Z lib+vi",
		"zone 1 all trusty 20260203T160506Z ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	groups := []pins.LockedGroup{
		{Name: "base", Purpose: "p", Packages: map[string][]string{"amd64": {"lib", "zone"}, "arm64": {"lib", "zone"}}},
		{Name: "tools", Purpose: "q", Tree: true, Exclude: []string{"usr/**"}, Packages: map[string][]string{"amd64": {"lib", "tool"}}},
	}
	if diff := cmp.Diff(groups, lock.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if s := lock.Suites[1]; s.Name != "trusty-security" || !s.Date.Equal(issued) || s.SignedBy != w.key.Fingerprint || len(s.InRelease) != 64 {
		t.Errorf("suite %+v", s)
	}
	if err := pins.Agree(w.list, lock, "list", "lock"); err != nil {
		t.Error(err)
	}
}

// TestLockAgain refreshes a lock after an update: entries of files that stayed
// do not change at all.
func TestLockAgain(t *testing.T) {
	w := newWorld(t)
	first, err := w.lock(t)
	if err != nil {
		t.Fatal(err)
	}
	w.old = first
	w.update.Date = issued.AddDate(0, 0, 1)
	w.update.Packages["amd64"] = archivetest.Entry("lib", "1+u2", "amd64")
	second, err := w.lock(t)
	if err != nil {
		t.Fatal(err)
	}
	if second.Snapshot != "20260204T160506Z" {
		t.Errorf("snapshot %s", second.Snapshot)
	}
	if diff := cmp.Diff(first.Packages[1:], second.Packages[1:]); diff != "" {
		t.Errorf("packages that stayed (-want +got):\n%s", diff)
	}
	if p := second.Packages[0]; p.Version != "1+u2" || p.Snapshot != "20260204T160506Z" {
		t.Errorf("package that changed: %+v", p)
	}
	third, err := w.lock(t)
	if err != nil {
		t.Fatal(err)
	}
	for i := range third.Suites {
		// The test signs anew each time, and a signature holds random bytes.
		third.Suites[i].InRelease = second.Suites[i].InRelease
	}
	a, errA := second.Encode()
	b, errB := third.Encode()
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Error("the same archive gives two locks")
	}
}

// TestLockLimited limits a group to the suite that has the older "tool", and
// "lib" is that of the other group.
func TestLockLimited(t *testing.T) {
	w := newWorld(t)
	w.update.Packages["amd64"] += archivetest.Entry("tool", "2", "amd64") + archivetest.Entry("vi", "2", "amd64", "Provides: editor")
	w.limit("trusty")
	lock, err := w.lock(t)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range lock.Packages {
		got = append(got, strings.Join([]string{p.Name, p.Version, p.Architecture, p.Suite, strings.Join(p.Depends, "+")}, " "))
	}
	want := []string{
		"lib 1+u1 amd64 trusty-security ",
		"lib 1+u1 arm64 trusty-security ",
		"tool 1 amd64 trusty lib+vi",
		"vi 1 amd64 trusty ",
		"zone 1 all trusty ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

// limit lets the group tools have packages of the suite alone, and no exception.
func (w *world) limit(suite string) {
	g := w.list.Groups["tools"]
	g.Suites, g.Except = []string{suite}, nil
	w.list.Groups["tools"] = g
}

func TestLockRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*world)
		want   string
	}{
		{"expired", func(w *world) { w.locker.Now = issued.AddDate(0, 0, 8) }, "expired on 2026-02-10T04:05:06Z: use a current mirror, or --allow-expired"},
		{"rollback", func(w *world) {
			w.old.Suites = []pins.LockedSuite{{Name: "trusty-security", Date: issued.Add(time.Hour)}}
		}, "the release of 2026-02-03T04:05:06Z is older than that of 2026-02-03T05:05:06Z in the lock: use a current mirror, or --allow-rollback"},
		{"another suite", func(w *world) {
			w.tamper = func(f map[string][]byte) {
				f["dists/trusty-security/InRelease"] = f["dists/trusty/InRelease"]
			}
		}, `the mirror answered with suite "trusty"`},
		{"unsigned", func(w *world) {
			w.tamper = func(f map[string][]byte) {
				f["dists/trusty/InRelease"] = bytes.Replace(f["dists/trusty/InRelease"], []byte("Codename: trusty"), []byte("Codename: Trusty"), 1)
			}
		}, "suite trusty: fetch dists/trusty/InRelease of archive debian (LUPA_DEBIAN_MIRRORS names other mirrors): "},
		{"another key", func(w *world) { w.list.Suites[1].SignedBy = []string{strings.Repeat("0", 40)} }, "suite trusty-security: no key file holds the fingerprint 0000"},
		{"changed list of packages", func(w *world) {
			w.tamper = func(f map[string][]byte) {
				for name := range f {
					if strings.Contains(name, "trusty/main/binary-arm64/") {
						f[name][len(f[name])/2] ^= 1
					}
				}
			}
		}, "the release says"},
		{"truncated list of packages", func(w *world) {
			w.tamper = func(f map[string][]byte) {
				for name := range f {
					if strings.Contains(name, "binary-amd64/") {
						f[name] = f[name][:9]
					}
				}
			}
		}, "got 9 bytes, the release says"},
		{"no such component", func(w *world) { w.list.Suites[0].Components = []string{"contrib"} }, "release of trusty lists no file contrib/binary-amd64/Packages.xz"},
		{"no such package", func(w *world) { w.list.Groups["base"].Packages["absent"] = "r" }, "group base on amd64: no package absent for amd64 in any suite"},
		{"useless exception", func(w *world) { w.list.Groups["tools"].Except["zone"] = "r" }, "group tools: nothing depends on zone: remove it from except"},
		{"group called like a package", func(w *world) { w.list.Groups["lib"] = w.list.Groups["base"] }, "group lib is called like a package: rename the group"},
		{"package outside of a group's suites", func(w *world) { w.limit("trusty-security") }, "group tools on amd64: no package tool for amd64 in any suite"},
		{"two groups with two limits", func(w *world) {
			w.update.Packages["amd64"] += archivetest.Entry("tool", "2", "amd64")
			w.limit("trusty")
			w.list.Groups["others"] = w.list.Groups["tools"]
			w.limit("trusty-security")
		}, "group tools on amd64: package tool would be 2 of trusty-security, and another group has 1 of trusty: let the groups agree on suites"},
		{"two versions for every CPU", func(w *world) {
			w.update.Packages["amd64"] += archivetest.Entry("clock", "2", "all")
			w.update.Packages["arm64"] += archivetest.Entry("clock", "2", "all")
			w.stable.Packages["amd64"] += archivetest.Entry("clock", "1", "all")
			g := pins.Group{Purpose: "p", Architectures: []string{"arm64"}, Depends: "none", Packages: map[string]string{"clock": "r"}}
			w.list.Groups["new"] = g
			g.Architectures, g.Suites = []string{"amd64"}, []string{"trusty"}
			w.list.Groups["old"] = g
		}, "package clock would be 1 on one CPU and 2 on another: let the groups that have it agree on suites"},
		{"no mirror", func(w *world) { w.list.Suites[0].Archive = "other" }, `no mirror of archive "other" is known: set ` + mirror.Variable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			tt.change(w)
			_, err := w.lock(t)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestLockAllowed(t *testing.T) {
	w := newWorld(t)
	w.locker.AllowExpired, w.locker.AllowRollback = true, true
	w.locker.Now = issued.AddDate(0, 0, 8)
	w.old.Suites = []pins.LockedSuite{{Name: "trusty", Date: today}}
	if _, err := w.lock(t); err != nil {
		t.Error(err)
	}
}

func TestLockSnapshot(t *testing.T) {
	w := newWorld(t)
	w.list.Snapshot = "20260202T000000Z"
	lock, err := w.lock(t)
	if err != nil {
		t.Fatal(err)
	}
	if lock.Snapshot != w.list.Snapshot || lock.Packages[0].Snapshot != w.list.Snapshot {
		t.Errorf("snapshots %s and %s, want %s", lock.Snapshot, lock.Packages[0].Snapshot, w.list.Snapshot)
	}
}
