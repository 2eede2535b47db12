// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/lupasearch/lupa/tools/image/debian"
	"github.com/lupasearch/lupa/tools/image/layout"
)

// upstream is the content of upstream.yaml.
type upstream struct {
	Entries    map[string]string
	Deviations []deviation
}

type deviation struct {
	Differ string // "left out", "added" or "changed"
	Paths  []string
	Reason string
	globs  debian.Globs
	used   bool
}

func readUpstream(t *testing.T) upstream {
	t.Helper()
	text, err := os.ReadFile(runfile(t, "UPSTREAM"))
	if err != nil {
		t.Fatal(err)
	}
	var u upstream
	if err := yaml.UnmarshalWithOptions(text, &u, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	for i := range u.Deviations {
		d := &u.Deviations[i]
		if d.globs, err = debian.ParseGlobs(d.Paths); err != nil || d.Reason == "" {
			t.Fatalf("deviation %d: %v, reason %q", i+1, err, d.Reason)
		}
	}
	return u
}

// expected gives what upstream has in an image: the packages' files, which are a
// layer for each image, and the entries.
func (u upstream) expected(layers [][]layout.Node) map[string]string {
	all := make(map[string]string)
	for _, node := range slices.Concat(layers...) {
		all[node.Path] = place(node)
	}
	for name, what := range u.Entries {
		all[strings.Trim(name, "/")] = what
	}
	return all
}

// place describes a node as upstream.yaml does.
func place(n layout.Node) string {
	if n.Type == tar.TypeSymlink {
		return "link " + n.Target
	}
	return fmt.Sprintf("%s %04o %d:%d", map[byte]string{tar.TypeReg: "file", tar.TypeDir: "dir", tar.TypeLink: "hard link"}[n.Type], n.Mode, n.UID, n.GID)
}

// allow says whether a difference is one of the deviations.
func (u upstream) allow(name, differ string) bool {
	for i := range u.Deviations {
		if d := &u.Deviations[i]; d.Differ == differ && d.globs.Match(name) {
			d.used = true
			return true
		}
	}
	return false
}

// TestUpstream compares each image that upstream has, too, path by path.
func TestUpstream(t *testing.T) {
	u := readUpstream(t)
	packages := make(map[string]image)
	for _, i := range imagesOf(t, "PACKAGES") {
		packages[i.cpu] = i
	}
	compared := 0
	each(t, func(t *testing.T, i image) {
		layer := slices.Index([]string{"static", "base_nossl", "base"}, i.name)
		if layer < 0 {
			return
		}
		want := u.expected(packages[i.cpu].layers[:layer+1])
		for name, what := range want {
			node, there := i.files[name]
			theirs, packaged := packages[i.cpu].files[name]
			_, entry := u.Entries["/"+name]
			compared++
			switch {
			case !there:
				if !u.allow(name, "left out") {
					t.Errorf("/%s is not there, upstream has %s", name, what)
				}
			case place(node) != what:
				if !u.allow(name, "changed") {
					t.Errorf("/%s is %s, upstream's %s", name, place(node), what)
				}
			case packaged && !entry && !bytes.Equal(theirs.Data, node.Data):
				if !u.allow(name, "changed") {
					t.Errorf("/%s has another content than upstream's", name)
				}
			}
		}
		for name, node := range i.files {
			if _, there := want[name]; !there && !u.allow(name, "added") {
				t.Errorf("/%s is %s, upstream has nothing", name, place(node))
			}
		}
	})
	for n, d := range u.Deviations {
		if !d.used {
			t.Errorf("deviation %d (%s %q) is none: take it out of upstream.yaml", n+1, d.Differ, d.Paths)
		}
	}
	if compared < 6*1300 {
		t.Errorf("compared %d paths, want more than 1300 for each of 6 images", compared)
	}
}
