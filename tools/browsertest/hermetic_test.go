// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/chromedp"
)

// TestNothingOfTheMachine looks at the files that the browser's processes have
// in memory: programs, libraries, data and fonts.
func TestNothingOfTheMachine(t *testing.T) {
	root, err := runfiles.Rlocation(tree)
	if err != nil {
		t.Fatal(err)
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		t.Fatal(err)
	}
	b := Start(t)
	p := b.Page(t)
	p.Open("data:text/html,<title>t</title><p>x")
	processes, files := 0, 0
	for _, pid := range members(t, chromedp.FromContext(b.ctx).Browser.Process().Pid) {
		maps, err := os.ReadFile("/proc/" + pid + "/maps")
		if err != nil {
			continue // It has ended.
		}
		processes++
		for line := range strings.Lines(string(maps)) {
			_, file, ok := strings.Cut(strings.TrimSpace(line), " /")
			file = "/" + file
			switch {
			case !ok || strings.HasSuffix(file, " (deleted)"):
			case strings.HasPrefix(file, root+"/"):
				files++
			case strings.HasSuffix(file, "/bin/loader") || strings.Contains(file, "/fonts.cache/"):
			case strings.Contains(file, "/profile/"):
			default:
				t.Errorf("process %s has %s", pid, file)
			}
		}
	}
	if processes < 2 || files < 50 {
		t.Errorf("looked at %d files of %d processes alone", files, processes)
	}
}

// TestFonts asks which fonts letters are really painted with.
func TestFonts(t *testing.T) {
	tests := []struct{ asked, text, want string }{
		{"sans-serif", "año, Лупа", "DejaVu Sans"},
		{"serif", "año, Лупа", "DejaVu Serif"},
		{"monospace", "año, Лупа", "DejaVu Sans Mono"},
		{"system-ui", "año, Лупа", "DejaVu Sans"},
		{"Arial, sans-serif", "año", "DejaVu Sans"},
	}
	p := Start(t).Page(t)
	for _, tt := range tests {
		p.Open("data:text/html;charset=utf-8,<p style='font-family:" + tt.asked + "'>" + tt.text)
		nodes, err := run(p, chromedp.QueryNodeIDs(chromedp.CSS("p")))
		if err != nil {
			t.Fatal(err)
		}
		used := call(p, css.GetPlatformFontsForNode, css.GetPlatformFontsForNodeParams{NodeID: nodes[0]})
		if len(used.Fonts) != 1 || used.Fonts[0].FamilyName != tt.want {
			t.Errorf("%s is painted with %+v, want %s alone", tt.asked, used.Fonts, tt.want)
		}
	}
}

// members lists the processes of a group.
func members(t *testing.T, group int) []string {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, stat := range stats {
		pid := filepath.Base(filepath.Dir(stat))
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatal(err)
		}
		if g, err := syscall.Getpgid(n); err == nil && g == group {
			pids = append(pids, pid)
		}
	}
	return pids
}

// TestMissing is what a test sees that nobody gave a browser.
func TestMissing(t *testing.T) {
	before := tree
	defer func() { tree = before }()
	for _, tree = range []string{"", "nowhere/root"} {
		if in, err := install(t.TempDir()); err == nil {
			t.Errorf("with %q there is a browser: %+v", tree, in)
		}
	}
}
