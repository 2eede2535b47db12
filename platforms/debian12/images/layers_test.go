// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/deb"
	"github.com/lupasearch/lupa/tools/apt/pins"
)

var update = flag.Bool("update", false, "write the listings in testdata anew")

const records = "var/lib/dpkg/status.d/"

// packagesOf gives "name version architecture" of what the lock has for an
// image.
func packagesOf(t *testing.T, i image) []string {
	t.Helper()
	lock, err := pins.ReadLock(runfile(t, "LOCK"))
	if err != nil {
		t.Fatal(err)
	}
	var names, all []string
	for _, group := range lock.Groups {
		if group.Name == "base" {
			names = slices.Clone(group.Packages[i.cpu])
		}
	}
	switch {
	case strings.HasPrefix(i.name, "static"):
		names = slices.DeleteFunc(names, func(name string) bool { return name == "libc6" })
	case i.name == "base":
		names = append(names, "libssl3")
	}
	for _, p := range lock.Packages {
		if slices.Contains(names, p.Name) && (p.Architecture == i.cpu || p.Architecture == "all") {
			all = append(all, p.Name+" "+p.Version+" "+p.Architecture)
		}
	}
	slices.Sort(all)
	return all
}

func TestEveryImageIsThere(t *testing.T) {
	var got, want []string
	for _, i := range images(t) {
		got = append(got, i.name+" "+i.cpu)
	}
	for _, name := range names {
		want = append(want, name+" amd64", name+" arm64")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
}

func TestRecordsAreThoseOfTheLock(t *testing.T) {
	each(t, func(t *testing.T, i image) {
		var got []string
		for name, node := range i.files {
			file, ok := strings.CutPrefix(name, records)
			if !ok || strings.HasSuffix(file, ".md5sums") {
				continue
			}
			decoder := deb.NewDecoder(bytes.NewReader(node.Data), file)
			paragraph, err := decoder.Next()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decoder.Next(); !errors.Is(err, io.EOF) {
				t.Errorf("%s: more than one paragraph, or %v", file, err)
			}
			if paragraph.Value("Package") != file {
				t.Errorf("%s: is about package %q", file, paragraph.Value("Package"))
			}
			if _, ok := i.files[name+".md5sums"]; !ok {
				t.Errorf("%s: has no checksums", file)
			}
			got = append(got, file+" "+paragraph.Value("Version")+" "+paragraph.Value("Architecture"))
		}
		slices.Sort(got)
		if diff := cmp.Diff(packagesOf(t, i), got); diff != "" {
			t.Errorf("packages (-lock +image):\n%s", diff)
		}
	})
}

// folded are folders with many files of one kind, which are counted.
var folded = []string{"usr/share/zoneinfo"}

// listing is what an image holds, a line each.
func (i image) listing() string {
	count := make(map[string]int)
	var lines []string
	for name, node := range i.files {
		line := node.String()
		for _, dir := range folded {
			if strings.HasPrefix(name, dir+"/") {
				node.Path, node.Target = dir+"/**", ""
				line = node.String()
				count[line]++
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	var b strings.Builder
	for _, line := range slices.Compact(lines) {
		if n := count[line]; n > 0 {
			line += fmt.Sprintf(" # %d of them", n)
		}
		fmt.Fprintln(&b, line)
	}
	return b.String()
}

func TestListing(t *testing.T) {
	each(t, func(t *testing.T, i image) {
		if i.name != "base_nossl" && i.name != "base_slim" {
			return
		}
		name := "testdata/" + i.name + "_" + i.cpu + ".mtree"
		if *update {
			if err := os.WriteFile(workspaceFile(t, name), []byte(i.listing()), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(i.listing(), "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s\nIf each of these changes is meant, write the listing anew:\n"+
				"  ./tools/bazel run //platforms/debian12/images:images_test -- -test.run=TestListing -update", name, diff)
		}
	})
}
