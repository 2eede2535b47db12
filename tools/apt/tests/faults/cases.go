// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/deb/debtest"
)

// A testCase builds a target with a list of mirrors.
type testCase struct {
	name, target string
	// mirror is "", "second" or "none"; see liar.variable.
	mirror string
	// want are parts of Bazel's output; if there are any, the build must fail.
	want []string
	// asked limits the requests to the mirror: at least one if "some", none if
	// "none".
	asked string
	// before changes the world, if it is set; check looks at what was made.
	before func(*build, *liar) error
	check  func(*build) error
}

var cases = []testCase{
	{name: "xz", target: "@t//:good-xz_all", asked: "some"},
	{name: "zstd", target: "@t//:good-zst_all", asked: "some"},
	{name: "gzip", target: "@t//:good-gz", asked: "some"},
	{name: "plain tar", target: "@t//:good-plain", asked: "some"},
	{name: "another mirror, nothing fetched again", target: "@t//:good-xz", mirror: "none", asked: "none"},
	{name: "busy at first", target: "@t//:busy", asked: "some"},
	{name: "the second mirror has it", target: "@t//:second", mirror: "second", asked: "some"},
	{name: "wrong checksum", target: "@t//:changed", want: []string{
		"Debian package changed 1.0-1 (all) could not be had", "expected: SHA-256 ", "/pool/changed_1.0-1_all.deb: SHA-256 ",
		"The content is not what was locked", "LUPA_DEBIAN_MIRRORS",
	}},
	{name: "wrong checksum of a small package", target: "@t//:changed-little", want: []string{
		"Debian package changed-little 1.0-1 (all) could not be had", "Checksum was ", "or at most 32 KiB of other content: see Bazel's warning above",
	}},
	{name: "truncated", target: "@t//:short", want: []string{
		"Debian package short 1.0-1 (all) could not be had", "truncated: ", " of ", "Try again",
	}},
	{name: "cut off", target: "@t//:cut", want: []string{
		"Debian package cut 1.0-1 (all) could not be had", "/pool/cut_1.0-1_all.deb: ",
	}},
	{name: "the mirror has moved on", target: "@t//:gone", want: []string{
		"Debian package gone 1.0-1 (all) could not be had", "not there",
		"the mirror has moved on", "the mirror has: 1.0-2+deb1", "run the lock",
	}},
	{name: "no answer", target: "@t_merged_amd64//:files", mirror: "none", want: []string{
		"Debian package tree", "no answer, or cut off", "Try again when the network is there",
	}},
	{name: "not a package", target: "@t//:rubbish", want: []string{
		"Debian package rubbish 1.0-1 (all): its file holds ", "hello", "run the lock",
	}},
	{name: "a tree, after it failed", target: "@t_merged_amd64//:files", asked: "some", check: checkTree},
	{
		name: "a tree, after the lock has a new package", target: "@t_merged_amd64//:files", asked: "some",
		before: upgrade, check: func(b *build) error {
			got, err := b.list()
			if err == nil && got["usr/lib/other"] != "upgraded" {
				err = fmt.Errorf("usr/lib/other = %q, want the new package's", got["usr/lib/other"])
			}
			return err
		},
	},
	{name: "a tree, when nothing changed", target: "@t_merged_amd64//:files", asked: "none"},
}

// upgrade puts new content into one of the tree's packages.
func upgrade(b *build, m *liar) error {
	data, err := debtest.Package(".xz", nil, []debtest.File{{Name: "./usr/lib/other", Content: "upgraded"}})
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.packages["tree++"] = newMade("tree++", data)
	m.mu.Unlock()
	return b.writeLock(m.packages)
}

// judge returns what is wrong, or "".
func (c testCase) judge(out string, ok bool, m *liar, b *build) string {
	if ok != (len(c.want) == 0) {
		return fmt.Sprintf("the build succeeded: %v", ok)
	}
	for _, part := range c.want {
		if !strings.Contains(out, part) {
			return fmt.Sprintf("the output lacks %q", part)
		}
	}
	asked := m.asked()
	if c.asked == "some" && len(asked) == 0 || c.asked == "none" && len(asked) > 0 {
		return fmt.Sprintf("requests to the mirror: %q, want %s", asked, c.asked)
	}
	if c.check != nil {
		if err := c.check(b); err != nil {
			return err.Error()
		}
	}
	return ""
}

func checkTree(b *build) error {
	want := map[string]string{
		"usr/lib/real.so.1":         "real",
		"usr/lib/hard.so":           "real",
		"usr/lib/other":             "merged",
		"usr/lib/relative.so":       "-> real.so.1",
		"usr/lib/absolute.so":       "-> real.so.1",
		"usr/lib/chain.so":          "-> real.so.1",
		"lib64/to-folder":           "-> ../usr/lib",
		"usr/share/colon:and space": "odd",
		"usr/share/back\\slash":     "odd",
		"usr/bin/tool":              "#!",
		long + "/target":            "far",
		long + "/link":              "-> ../../usr/lib/real.so.1",
		"near":                      "-> " + long + "/target",
	}
	got, err := b.list()
	if err != nil {
		return err
	}
	if diff := cmp.Diff(sortedLines(want), sortedLines(got)); diff != "" {
		return fmt.Errorf("tree (-want +got):\n%s", diff)
	}
	repository, err := b.tree()
	if err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(repository, "root/usr/bin/tool"))
	if err != nil || info.Mode()&0o111 == 0 {
		return fmt.Errorf("usr/bin/tool is not executable: %w", err)
	}
	dropped, err := os.ReadFile(filepath.Join(repository, "dropped.txt"))
	if err != nil {
		return err
	}
	const wantDropped = "usr/lib/dangling.so: ends nowhere\nusr/lib/escape: leaves the tree\n" +
		"usr/lib/to-excluded: ends at usr/share/doc/text, which is not in the tree\n" +
		"usr/share/link-\xc3\xa9: its name is not ASCII\nusr/share/\xc3\xa9t\xc3\xa9: its name is not ASCII\n"
	if diff := cmp.Diff(wantDropped, string(dropped)); diff != "" {
		return fmt.Errorf("dropped.txt (-want +got):\n%s", diff)
	}
	return nil
}
