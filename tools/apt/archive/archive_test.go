// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package archive_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/archive"
	"github.com/lupasearch/lupa/tools/apt/archive/archivetest"
)

var (
	born   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	issued = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	today  = time.Date(2026, 2, 4, 0, 0, 0, 0, time.UTC)
)

func newKey(t *testing.T) *archivetest.Key {
	t.Helper()
	k, err := archivetest.NewKey(born)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ring(t *testing.T, k *archivetest.Key) archive.Keyring {
	t.Helper()
	r, err := archive.ReadKeyring(map[string][]byte{"k.asc": k.Public}, []string{k.Fingerprint})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sign(t *testing.T, k *archivetest.Key, text string) []byte {
	t.Helper()
	data, err := k.Sign(text, issued)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const release = "Codename: trusty\nDate: Tue, 03 Feb 2026 04:05:06 UTC\nValid-Until: Tue, 10 Feb 2026 04:05:06 UTC\n" +
	"Acquire-By-Hash: yes\nSHA256:\n 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 4 main/x\n"

func TestVerify(t *testing.T) {
	key := newKey(t)
	r, err := ring(t, key).Verify(sign(t, key, release), today)
	if err != nil {
		t.Fatal(err)
	}
	if r.Codename != "trusty" || !r.Date.Equal(issued) || !r.ByHash || r.SignedBy != key.Fingerprint ||
		!r.ValidUntil.Equal(issued.AddDate(0, 0, 7)) || len(r.SHA256) != 64 {
		t.Errorf("release %+v", r)
	}
	f, err := r.File("main/x")
	if err != nil {
		t.Fatal(err)
	}
	for data, want := range map[string]string{
		"test":  "",
		"tes":   "got 3 bytes, the release says 4: truncated",
		"tesT":  "got SHA-256 ",
		"test2": "got 5 bytes",
	} {
		expect(t, f.Check([]byte(data)), want)
	}
	_, err = r.File("main/y")
	expect(t, err, "release of trusty lists no file main/y")
}

func TestVerifyRefuses(t *testing.T) {
	key, other := newKey(t), newKey(t)
	signed := sign(t, key, release)
	tests := []struct {
		name string
		data []byte
		now  time.Time
		want string
	}{
		{"another key", sign(t, other, release), today, "signature: "},
		{"changed text", bytes.Replace(signed, []byte("trusty"), []byte("trusTy"), 1), today, "signature: "},
		{"key from the future", signed, born.AddDate(-1, 0, 0), "signature: "},
		{"no signature", []byte(release), today, "no signed text in "},
		{"truncated", signed[:len(signed)/2], today, "no signed text in "},
		{"appended", append(bytes.Clone(signed), "more"...), today, "bytes after the signature"},
		{"empty", sign(t, key, "\n"), today, "empty release"},
		{"no date", sign(t, key, "Codename: x\n"), today, "release has no Date"},
		{"odd date", sign(t, key, "Date: yesterday\n"), today, `release field Date: "yesterday" is not a date`},
		{"no files", sign(t, key, "Date: Tue, 03 Feb 2026 04:05:06 UTC\n"), today, "release lists no files by SHA256"},
		{"odd file", sign(t, key, "Date: Tue, 03 Feb 2026 04:05:06 UTC\nSHA256:\n abc 4 x\n"), today, `"abc 4 x" is not a checksum`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ring(t, key).Verify(tt.data, tt.now)
			expect(t, err, tt.want)
		})
	}
	if _, err := (archive.Keyring{}).Verify(signed, today); err == nil {
		t.Error("an empty keyring verified a release")
	}
}

func TestReadKeyring(t *testing.T) {
	key, other := newKey(t), newKey(t)
	_, err := archive.ReadKeyring(map[string][]byte{"k": key.Public}, []string{other.Fingerprint})
	expect(t, err, "no key file holds the fingerprint "+other.Fingerprint)
	_, err = archive.ReadKeyring(map[string][]byte{"k": []byte("rubbish")}, nil)
	expect(t, err, "read key k: ")
	// A key that is there but not wanted verifies nothing.
	r, err := archive.ReadKeyring(map[string][]byte{"k": key.Public, "o": other.Public}, []string{other.Fingerprint})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Verify(sign(t, key, release), today)
	expect(t, err, "signature: ")
}

func TestReadPackages(t *testing.T) {
	in := archivetest.Entry("a", "1:2-3", "amd64", "Multi-Arch: same", "Pre-Depends: p", "Depends: d", "Conflicts: c", "Breaks: b", "Provides: v", "Description: x")
	got, err := archive.ReadPackages(strings.NewReader(in), "debian", "trusty")
	if err != nil {
		t.Fatal(err)
	}
	want := []*archive.Package{{
		Name: "a", Version: "1:2-3", Architecture: "amd64", MultiArch: "same", Archive: "debian", Suite: "trusty",
		Path: "pool/a_1:2-3_amd64.deb", SHA256: got[0].SHA256, Size: 1000,
		PreDepends: "p", Depends: "d", Conflicts: "c", Breaks: "b", Provides: "v",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestReadPackagesRefuses(t *testing.T) {
	whole := archivetest.Entry("a", "1", "amd64")
	for old, change := range map[string][2]string{
		"Version: 1":       {"Version: x", `package "a": version "x": does not start with a digit`},
		"Filename: pool/":  {"Filename: ../", "is not a path below the archive"},
		"Size: 1000":       {"Size: many", "invalid syntax"},
		"SHA256: ":         {"SHA256: 0", "is not a SHA-256"},
		"Architecture: ":   {"Arch: ", "no field Architecture"},
		"Package: a\n":     {"Package: a\nrubbish\n", "is not a field"},
		"Filename: pool/a": {"Filename: /pool/a", "is not a path below the archive"},
	} {
		_, err := archive.ReadPackages(strings.NewReader(strings.Replace(whole, old, change[0], 1)), "debian", "trusty")
		expect(t, err, change[1])
	}
}

// expect checks that err is nil if want is "", and else has want in its text.
func expect(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("error %v, want none", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("error %v, want one with %q", err, want)
	}
}
