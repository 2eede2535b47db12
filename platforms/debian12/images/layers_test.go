// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/deb"
	"github.com/lupasearch/lupa/tools/apt/pins"
)

var update = flag.Bool("update", false, "write the listings in testdata anew")

const records = "var/lib/dpkg/status.d/"

// No layer changes a folder of another or replaces its files, and no folder is
// left for engines to make with modes of their own.
func TestLayersAgree(t *testing.T) {
	each(t, func(t *testing.T, i image) {
		had := make(map[string]string)
		for number, nodes := range i.layers {
			for _, node := range nodes {
				if strings.HasPrefix(path.Base(node.Path), ".wh.") {
					t.Errorf("layer %d: got the whiteout %s", number, node)
				}
				before, twice := had[node.Path]
				if twice && (node.Type != tar.TypeDir || before != node.String()) {
					t.Errorf("layer %d: got %s over %s", number, node, before)
				}
				had[node.Path] = node.String()
			}
		}
		for name := range i.files {
			dir := path.Dir("/" + name)
			if parent, ok := i.files[strings.TrimPrefix(dir, "/")]; !ok || parent.Type != tar.TypeDir {
				t.Errorf("/%s: %s is no folder of the image", name, dir)
			}
		}
	})
}

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
	if i.name == "static" {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "libc6" })
	}
	for _, p := range lock.Packages {
		if slices.Contains(names, p.Name) && (p.Architecture == i.cpu || p.Architecture == "all") {
			all = append(all, p.Name+" "+p.Version+" "+p.Architecture)
		}
	}
	slices.Sort(all)
	return all
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

func TestChecksums(t *testing.T) {
	each(t, func(t *testing.T, i image) {
		checked := 0
		for name, sums := range i.files {
			if !strings.HasPrefix(name, records) || !strings.HasSuffix(name, ".md5sums") {
				continue
			}
			for line := range strings.Lines(string(sums.Data)) {
				want, file, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
				node, there := i.files[file]
				if !ok || !there {
					t.Errorf("%s: %q names no file of the image", name, line)
					continue
				}
				got := md5.Sum(i.file(t, node.Path).Data)
				if hex.EncodeToString(got[:]) != want {
					t.Errorf("%s: /%s has another checksum, %x", name, file, got)
				}
				checked++
			}
		}
		// base-files, ca-certificates, media-types, netbase and tzdata have more.
		if checked < 400 {
			t.Errorf("checked %d files, want at least 400", checked)
		}
	})
}

// folded are folders with many files of one kind, which are counted.
var folded = []string{"usr/share/zoneinfo", "usr/lib/x86_64-linux-gnu/gconv", "usr/lib/aarch64-linux-gnu/gconv"}

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
		if i.name != "base_nossl" {
			return
		}
		name := "testdata/base_nossl_" + i.cpu + ".mtree"
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
