// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/mirror"
	"github.com/lupasearch/lupa/tools/apt/pins"
)

func TestParse(t *testing.T) {
	t.Setenv("BUILD_WORKSPACE_DIRECTORY", "/ws")
	o, err := parse([]string{"--packages=a/p.yaml", "--lock=/b/p.json", "--check", "--allow-rollback"}, &strings.Builder{})
	if err != nil {
		t.Fatal(err)
	}
	if o.list != "/ws/a/p.yaml" || o.lock != "/b/p.json" || !o.check || !o.rollback || o.expired {
		t.Errorf("options %+v", o)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, args := range [][]string{{}, {"--packages=x"}, {"--packages=x", "--lock=y", "z"}, {"--packages=x", "--lock=y", "--nonsense"}} {
		if _, err := parse(args, &strings.Builder{}); err == nil || errors.Is(err, flag.ErrHelp) {
			t.Errorf("parse(%q): error %v", args, err)
		}
	}
}

func TestHelp(t *testing.T) {
	var b strings.Builder
	if _, err := parse([]string{"--help"}, &b); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("error %v, want flag.ErrHelp", err)
	}
	for _, part := range []string{"Usage: debianlock", mirror.Variable, "snapshot.debian.org", "-allow-expired", "-check"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("help lacks %q:\n%s", part, b.String())
		}
	}
}

func TestMirrors(t *testing.T) {
	t.Setenv(mirror.Variable, "http://a.example/debian http://b.example/debian-security")
	suites := []pins.Suite{{Archive: "debian-security"}, {Archive: "debian"}}
	const when = "20260102T030405Z"
	got, err := mirrors(&pins.List{Suites: suites, Snapshot: when})
	if err != nil {
		t.Fatal(err)
	}
	want := []mirror.Base{
		mirror.Snapshot("debian", when),
		mirror.Snapshot("debian-security", when),
		{Archive: "debian", URL: "http://a.example/debian"},
		{Archive: "debian-security", URL: "http://b.example/debian-security"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mirrors with a snapshot (-want +got):\n%s", diff)
	}
	got, err = mirrors(&pins.List{Suites: suites, Snapshot: pins.Automatic})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || got[0] != want[2] || !strings.HasPrefix(got[3].URL, "https://snapshot.debian.org/archive/debian-security/2") {
		t.Errorf("mirrors %+v, want the variable's first and snapshots last", got)
	}
	t.Setenv(mirror.Variable, "nonsense")
	if _, err := mirrors(&pins.List{Suites: suites}); err == nil {
		t.Error("a variable of nonsense was accepted")
	}
}
