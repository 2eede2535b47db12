// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package jail_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"

	"github.com/lupasearch/lupa/tools/image/jail"
	"github.com/lupasearch/lupa/tools/image/layout"
)

func runfile(t *testing.T, variable string) string {
	t.Helper()
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s: %v; run this test by Bazel", variable, err)
	}
	return file
}

// open unpacks an image that has a shell.
func open(t *testing.T) *jail.Jail {
	t.Helper()
	images, err := layout.Images(runfile(t, "IMAGE"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	j, err := jail.New(images[0], root, jail.Tools{Helper: runfile(t, "JAIL")})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestCommand(t *testing.T) {
	machine, inside := t.TempDir(), open(t)
	if err := os.WriteFile(filepath.Join(machine, "file"), []byte("from the machine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for place, readOnly := range map[string]bool{"/mnt/open": false, "/mnt/closed": true} {
		if err := inside.Bind(machine, place, readOnly); err != nil {
			t.Fatal(err)
		}
	}
	for script, want := range map[string]string{
		"id -u; id -g":                                  "65532\n65532\n",
		"pwd; echo $PATH | grep -c busybox":             "/\n1\n",
		"env | grep -c HOME":                            "0\n",
		"ls /work /home/nonroot 2>&1":                   "ls: /work: No such file or directory\n/home/nonroot:\n",
		"echo x > /tmp/x":                               "/busybox/sh: can't create /tmp/x: Read-only file system\n",
		"cat /mnt/closed/file":                          "from the machine",
		"echo x > /mnt/closed/x":                        "/busybox/sh: can't create /mnt/closed/x: Read-only file system\n",
		"echo x > /mnt/open/x && cat /mnt/open/x":       "x\n",
		"grep -E 'CapEff|NoNewPrivs' /proc/self/status": "CapEff:\t0000000000000000\nNoNewPrivs:\t1\n",
		"mount -t tmpfs none /mnt 2>&1":                 "mount: permission denied (are you root?)\n",
		"chroot / true 2>&1":                            "chroot: can't change root directory to '/': Operation not permitted\n",
	} {
		out, _ := inside.Command("/busybox/sh", "-c", script).CombinedOutput() //nolint:errcheck // some fail, and say so
		if string(out) != want {
			t.Errorf("%s: %q, want %q", script, out, want)
		}
	}
}

func TestNetwork(t *testing.T) {
	inside := open(t)
	inside.Network = true
	out, err := inside.Command("/busybox/sh", "-c", "grep -c : /proc/net/dev; grep CapEff /proc/self/status").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "1\n") || !strings.Contains(string(out), "CapEff:\t0000000000000400\n") {
		t.Errorf("%v: %s, want one device and the right to low ports", err, out)
	}
}

func TestErrors(t *testing.T) {
	inside := open(t)
	if out, err := inside.Command("/nowhere").CombinedOutput(); err == nil || !strings.Contains(string(out), "jail: start /nowhere: no such file or directory") {
		t.Errorf("a program that is not there: %v, %s", err, out)
	}
	if err := inside.Bind("/nowhere", "/x", false); err == nil {
		t.Error("a folder that is not there: no error")
	}
	inside.Config.Entrypoint = nil
	if err := inside.Entrypoint().Run(); err == nil || !strings.Contains(err.Error(), "no entrypoint") {
		t.Errorf("no entrypoint: %v", err)
	}
}
