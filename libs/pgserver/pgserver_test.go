// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgserver

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// begin makes a server of the bundled programs, and starts it.
func begin(t *testing.T, who identity) *Server {
	t.Helper()
	programs, err := Bundled()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	template, err := newTemplate(ctx, programs, who)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Create(ctx, Options{Programs: programs, Folder: folder(t), Template: template})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// folder makes one with a short path.
func folder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "pgserver-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// TestNothingOfTheMachine looks at the files that the server's processes have in
// memory: programs, libraries and locales. Time zones are read, not kept.
func TestNothingOfTheMachine(t *testing.T) {
	s := begin(t, identity{})
	root, err := Bundled()
	if err != nil {
		t.Fatal(err)
	}
	in, ok := root.(bundle)
	if !ok {
		t.Fatalf("programs are %T", root)
	}
	// Modules and ICU, in a process that stays.
	ctx := t.Context()
	if err := s.Exec(ctx, "postgres", `CREATE TABLE t AS SELECT lower('Ä') COLLATE "und-x-icu"; CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'`); err != nil {
		t.Fatal(err)
	}
	pids, err := childrenOf(s.process.pid())
	if err != nil {
		t.Fatal(err)
	}
	processes, files := 0, 0
	for _, pid := range append(pids, s.process.pid()) {
		maps, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/maps")
		if err != nil {
			continue // It has ended.
		}
		processes++
		for line := range strings.Lines(string(maps)) {
			_, file, ok := strings.Cut(strings.TrimSpace(line), " /")
			file = "/" + file
			switch {
			case !ok || strings.HasPrefix(file, "/dev/zero") || strings.HasPrefix(file, "/SYSV"):
			case strings.HasPrefix(file, string(in)+"/"), strings.HasPrefix(file, s.options.Folder+"/"):
				files++
			default:
				t.Errorf("process %d has %s", pid, file)
			}
		}
	}
	if processes < 4 || files < 100 {
		t.Errorf("looked at %d files of %d processes alone", files, processes)
	}
}

// TestZones asks for a time zone that the machine does not have.
func TestZones(t *testing.T) {
	s := begin(t, identity{})
	link := filepath.Join(s.options.Folder, "zones")
	zones, err := os.Readlink(link)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(zones, "Asia/Tokyo"))
	if err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(s.options.Folder, "mine")
	for _, err := range []error{
		os.Mkdir(mine, 0o755), os.WriteFile(filepath.Join(mine, "Nowhere"), data, 0o644),
		os.Remove(link), os.Symlink(mine, link),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var hour int
	if err := s.query(t.Context(), "SELECT extract(hour FROM '2026-01-01 00:00Z'::timestamptz AT TIME ZONE 'Nowhere')::int", &hour); err != nil || hour != 9 {
		t.Errorf("midnight in Greenwich is %d o'clock there: %v", hour, err)
	}
}

// TestIdentities tries each way to be somebody whom PostgreSQL takes.
func TestIdentities(t *testing.T) {
	worked := 0
	for i, way := range waysFor(os.Geteuid()) {
		probe := exec.Command("/bin/sh", "-c", ":")
		probe.Dir = folder(t)
		err := way.set(probe)
		if err == nil {
			err = probe.Run()
		}
		if err != nil {
			t.Logf("way %d: not here: %v", i, err)
			continue
		}
		worked++
		s := begin(t, identity{chosen: way})
		if uid := owner(t, s); uid != way.owner {
			t.Errorf("way %d: the server runs as %d, want %d", i, uid, way.owner)
		}
	}
	if worked == 0 {
		t.Error("there is no way")
	}
}

// owner is the user whom the server's first process belongs to.
func owner(t *testing.T, s *Server) int {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(s.process.pid()) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "\nUid:")
	uid, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		t.Fatal(err)
	}
	return uid
}

func TestErrors(t *testing.T) {
	programs, err := Bundled()
	if err != nil {
		t.Fatal(err)
	}
	occupied := folder(t)
	if err := os.MkdirAll(filepath.Join(occupied, "data/folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		o    Options
		want string
	}{
		{"no programs", Options{Folder: "/tmp/x"}, "no programs given"},
		{"relative", Options{Folder: "x", Programs: programs}, `folder "x"`},
		{"long", Options{Folder: "/" + strings.Repeat("x", maxFolder), Programs: programs}, "of at most 92 bytes"},
		{"occupied", Options{Folder: occupied, Programs: programs}, "exists but is not empty"},
		{"missing", Options{Folder: "/tmp/x", Programs: bundle("/nowhere")}, "lay out PostgreSQL"},
	} {
		if _, err := Create(t.Context(), test.o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
	if _, err := InstalledIn("/nowhere"); err == nil || !strings.Contains(err.Error(), "/nowhere/initdb") {
		t.Errorf("got %v", err)
	}
}

// TestCrash looks at the error of a server that ends by itself when started.
func TestCrash(t *testing.T) {
	s := begin(t, identity{})
	if err := s.Stop(t.Context(), Fast); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(s.data(), "postgresql.conf")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, "shared_buffers = 'much'\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err == nil || !strings.Contains(err.Error(), `"shared_buffers": "much"`) {
		t.Errorf("got %v", err)
	}
	if s.Running() {
		t.Error("it runs")
	}
}

// TestLayout sees that files of another version are not changed.
func TestLayout(t *testing.T) {
	if err := identifyControl(make([]byte, 8192), 1); err == nil || !strings.Contains(err.Error(), "without a template") {
		t.Errorf("control file: got %v", err)
	}
	if err := identifyLog(make([]byte, 8192), 1); err == nil {
		t.Error("a log without a header is taken")
	}
}
