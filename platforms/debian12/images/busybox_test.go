// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/image/jail"
	"github.com/lupasearch/lupa/tools/image/layout"
)

// TestBusyboxHasItsTools compares the links of a debug image with the list that
// its busybox gives, run inside.
func TestBusyboxHasItsTools(t *testing.T) {
	found, err := layout.Images(runfile(t, "DEBUG"))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range found {
		root, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		inside, err := jail.New(i, root, jail.Tools{
			Helper: runfile(t, "JAIL"), Emulator: filepath.Join(runfile(t, "EMULATOR"), "usr/bin/qemu-aarch64-static"),
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := inside.Command("/busybox/busybox", "--list").CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", inside.CPU, err, out)
		}
		want := strings.Fields(string(out))
		want = slices.DeleteFunc(want, func(name string) bool { return name == "busybox" })
		files, err := i.Files()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for name, node := range files {
			if tool, ok := strings.CutPrefix(name, "busybox/"); ok && node.Target == "busybox" {
				got = append(got, tool)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" || len(got) < 100 {
			t.Errorf("%s: %d tools (-busybox +links):\n%s", inside.CPU, len(got), diff)
		}
	}
}
