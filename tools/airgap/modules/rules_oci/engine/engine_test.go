// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/engine"
)

// What the programs on PATH do, as shell scripts.
const (
	dockerUp   = `[ "$1 $2" = "version --format" ] && echo 28.2.2`
	dockerDown = `echo "Cannot connect to the daemon" >&2; exit 1`
	podmanShim = `[ "$1" = --version ] && echo "podman version 4.3.1" && exit 0; exit 1`
)

func TestFind(t *testing.T) {
	tests := []struct {
		name       string
		programs   map[string]string
		want       engine.Engine
		note, fail string
	}{
		{name: "docker first", programs: map[string]string{"docker": dockerUp, "podman": ""}, want: engine.Engine{Command: "docker", Version: "28.2.2"}},
		{name: "podman", programs: map[string]string{"podman": "exit 1"}, want: engine.Engine{Command: "podman"}},
		{name: "nerdctl", programs: map[string]string{"nerdctl": "exit 1"}, want: engine.Engine{Command: "nerdctl"}},
		{name: "docker is podman", programs: map[string]string{"docker": podmanShim}, want: engine.Engine{Command: "docker"}},
		{
			name: "docker is down", programs: map[string]string{"docker": dockerDown, "podman": ""},
			want: engine.Engine{Command: "podman"}, note: "Cannot connect to the daemon\nUsing podman instead.",
		},
		{name: "docker is down and alone", programs: map[string]string{"docker": dockerDown}, fail: "Cannot connect to the daemon\nStart it"},
		{name: "nothing", fail: "none of docker, podman, nerdctl"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			install(t, test.programs)
			var notes bytes.Buffer
			got, err := engine.Find(context.Background(), &notes)
			if test.fail != "" {
				if err == nil || !strings.Contains(err.Error(), test.fail) {
					t.Fatalf("Find gave %+v, %v; want an error that says %q", got, err, test.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("Find = %+v, want %+v", got, test.want)
			}
			if !strings.Contains(notes.String(), test.note) {
				t.Errorf("notes %q do not say %q", notes.String(), test.note)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	zstd := []string{"application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.layer.v1.tar+zstd"}
	tests := []struct {
		version string
		types   []string
		refused bool
	}{
		{"20.10.24+dfsg1", zstd, true},
		{"20.10.24+dfsg1", zstd[:1], false},
		{"23.0.0", zstd, false},
		{"", zstd, false},
		{"dev", zstd, false},
	}
	for _, test := range tests {
		err := engine.Engine{Command: "docker", Version: test.version}.Check(test.types)
		if (err != nil) != test.refused {
			t.Errorf("Check(%v) with docker %q = %v, want an error: %v", test.types, test.version, err, test.refused)
		}
	}
}

func TestLoad(t *testing.T) {
	archive := strings.Repeat("archive", 100_000)
	tests := []struct {
		name, script, arguments string
		custom                  bool
	}{
		{"known", `echo "$*"; echo note >&2; exec /bin/cat`, "load", false},
		{"custom", `echo "$1 $2"; echo note >&2; exec /bin/cat "$3"`, "load --input", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := install(t, map[string]string{"program": test.script})
			t.Setenv("TMPDIR", t.TempDir())
			var stdout, stderr bytes.Buffer
			e := engine.Engine{Command: filepath.Join(dir, "program"), Custom: test.custom}
			if err := e.Load(context.Background(), writes(archive), &stdout, &stderr); err != nil {
				t.Fatal(err)
			}
			arguments, got, _ := strings.Cut(stdout.String(), "\n")
			if arguments != test.arguments {
				t.Errorf("the program got %q, want %q", arguments, test.arguments)
			}
			if got != archive {
				t.Errorf("the program read %d bytes, want %d", len(got), len(archive))
			}
			if stderr.String() != "note\n" {
				t.Errorf("stderr is %q", stderr.String())
			}
			left, err := os.ReadDir(os.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if len(left) > 0 {
				t.Errorf("%v is left over", left)
			}
		})
	}
}

func TestLoadFails(t *testing.T) {
	install(t, map[string]string{"bad": `exit 3`, "good": `/bin/cat >/dev/null`})
	tests := []struct {
		name, want string
		engine     engine.Engine
		write      func(io.Writer) error
	}{
		{"the engine does", "bad load: exit status 3", engine.Engine{Command: "bad"}, writes(strings.Repeat("x", 1<<20))},
		{"the program does", "bad load: exit status 3", engine.Engine{Command: "bad", Custom: true}, writes("x")},
		{"the archive does", "a blob is gone", engine.Engine{Command: "good"}, gone},
		{"the archive for a program does", "a blob is gone", engine.Engine{Command: "good", Custom: true}, gone},
		{"there is none", "start missing load", engine.Engine{Command: "missing"}, writes("")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.engine.Load(context.Background(), test.write, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Load gave %v, want an error that says %q", err, test.want)
			}
		})
	}
}

func gone(io.Writer) error { return errors.New("a blob is gone") }

func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// install makes these shell scripts all there is on PATH.
func install(t *testing.T, programs map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	return dir
}
