// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/lupasearch/lupa/tools/apt/deb/debtest"
	"github.com/lupasearch/lupa/tools/apt/pins"
)

// A made is a package that the test made, with its entry in the lock.
type made struct {
	pins.LockedPackage
	data []byte
}

const long = "a-folder-with-a-rather-long-name-that-does-not-end-soon/" +
	"and-another-one-below-it-so-that-the-path-has-more-than-a-hundred-bytes"

// treeFiles hold what is hard to unpack.
var treeFiles = []debtest.File{
	{Name: "./"},
	{Name: "./usr/"},
	{Name: "./usr/lib/"},
	{Name: "./usr/lib/real.so.1", Content: "real"},
	{Name: "./usr/lib/relative.so", Symlink: "real.so.1"},
	{Name: "./usr/lib/absolute.so", Symlink: "/usr/lib/real.so.1"},
	{Name: "./usr/lib/chain.so", Symlink: "absolute.so"},
	{Name: "./lib64/to-folder", Symlink: "/usr/lib"},
	{Name: "./usr/lib/hard.so", Hardlink: "./usr/lib/real.so.1"},
	{Name: "./usr/lib/dangling.so", Symlink: "/usr/lib/absent.so"},
	{Name: "./usr/lib/escape", Symlink: "../../../../../../../../../../etc"},
	{Name: "./usr/lib/to-excluded", Symlink: "../share/doc/text"},
	{Name: "./usr/share/doc/text", Content: "left out"},
	{Name: "./usr/share/colon:and space", Content: "odd"},
	{Name: "./usr/share/back\\slash", Content: "odd"},
	{Name: "./usr/share/\xc3\xa9t\xc3\xa9", Content: "odd"},
	{Name: "./usr/share/link-\xc3\xa9", Symlink: "/usr/share/\xc3\xa9t\xc3\xa9"},
	{Name: "./usr/bin/tool", Content: "#!", Executable: true},
	{Name: "./" + long + "/target", Content: "far"},
	{Name: "./" + long + "/link", Symlink: "/usr/lib/real.so.1"},
	{Name: "./near", Symlink: "/" + long + "/target"},
}

func makePackages() (map[string]made, error) {
	packages := map[string]made{}
	for _, p := range []struct {
		name, format string
		files        []debtest.File
	}{
		{"good-xz", ".xz", nil},
		{"good-zst", ".zst", nil},
		{"good-gz", ".gz", nil},
		{"good-plain", "", nil},
		{"busy", ".xz", nil},
		{"changed", "", nil},
		{"changed-little", ".xz", nil},
		{"short", "", nil},
		{"cut", ".xz", nil},
		{"gone", ".xz", nil},
		{"second", ".xz", nil},
		{"tree", ".xz", treeFiles},
		{"tree++", ".gz", []debtest.File{{Name: "./usr/lib/other", Content: "merged"}, {Name: "./usr/"}}},
	} {
		files := p.files
		if files == nil {
			files = []debtest.File{{Name: "./"}, {Name: "./usr/share/" + p.name, Content: strings.Repeat(p.name, 20_000)}}
		}
		data, err := debtest.Package(p.format, []debtest.File{{
			Name: "./control", Content: "Package: " + p.name + "\nVersion: 1.0-1\nArchitecture: all\n",
		}}, files)
		if err != nil {
			return nil, err
		}
		packages[p.name] = newMade(p.name, data)
	}
	packages["rubbish"] = newMade("rubbish", []byte("!<arch>\n"+fmt.Sprintf("%-16s%-12d%-6d%-6d%-8s%-10d`\n", "hello", 0, 0, 0, "100644", 2)+"hi"))
	return packages, nil
}

func newMade(name string, data []byte) made {
	sum := sha256.Sum256(data)
	return made{data: data, LockedPackage: pins.LockedPackage{
		Name: name, Version: "1.0-1", Architecture: "all", SHA256: hex.EncodeToString(sum[:]),
		Size: int64(len(data)), Archive: "debian", Suite: "test",
		Path: "pool/" + name + "_1.0-1_all.deb", Snapshot: "20000101T000000Z", Depends: []string{},
	}}
}
