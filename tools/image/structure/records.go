// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package structure

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/tools/image/layout"
)

// folder is where scanners look for packages.
const folder = "var/lib/dpkg/status.d/"

// packages compares the names of the packages that are recorded.
func (c *check) packages(spec Spec) {
	if spec.Packages == nil {
		return
	}
	for name := range c.nodes {
		p, ok := strings.CutPrefix(name, folder)
		if ok && !strings.HasSuffix(p, ".md5sums") && !slices.Contains(spec.Packages, p) {
			c.find("package %s is recorded, and should not be", p)
		}
	}
	for _, p := range spec.Packages {
		if _, ok := c.nodes[folder+p]; !ok {
			c.find("package %s is not recorded", p)
		}
	}
}

// records sees that the records of packages are true: each file that one lists is
// there with its checksum, each file in the libraries' folders is listed, and each
// package has its licence.
func (c *check) records() {
	listed := make(map[string]bool)
	for name, node := range c.nodes {
		p, ok := strings.CutPrefix(name, folder)
		if !ok {
			continue
		}
		if of, sums := strings.CutSuffix(p, ".md5sums"); sums {
			c.sums(of, string(node.Data), listed)
			continue
		}
		if _, ok := c.nodes[name+".md5sums"]; !ok {
			c.find("package %s has no checksums", p)
		}
		if _, _, ok := c.files.Resolve("usr/share/doc/" + p + "/copyright"); !ok {
			c.find("package %s has no licence in /usr/share/doc/%s", p, p)
		}
	}
	for name, file := range c.files {
		if strings.Contains(name, "-linux-gnu/") && file.Target == "" && !listed[name] {
			c.find("/%s is recorded for no package", name)
		}
	}
}

// grows says whether a list of a package's files has all that the one in a layer
// below has: the rest of the package is in this layer.
func grows(before, node layout.Node) bool {
	if !strings.HasPrefix(node.Path, folder) || !strings.HasSuffix(node.Path, ".md5sums") {
		return false
	}
	listed := make(map[string]bool)
	for line := range strings.Lines(string(node.Data)) {
		listed[line] = true
	}
	for line := range strings.Lines(string(before.Data)) {
		if !listed[line] {
			return false
		}
	}
	return true
}

// sums checks the list of one package's files.
func (c *check) sums(p, list string, listed map[string]bool) {
	for line := range strings.Lines(list) {
		want, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok {
			c.find("package %s: its list of files has the line %q", p, line)
			continue
		}
		listed[name] = true
		file, _, there := c.files.Resolve(name)
		if got := md5.Sum(c.files[file].Data); !there {
			c.find("package %s lists /%s, which is not there", p, name)
		} else if hex.EncodeToString(got[:]) != want {
			c.find("package %s lists /%s with another checksum than %x", p, name, got)
		}
	}
}
