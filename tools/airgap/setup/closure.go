// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// A pkg is one binary package of the list.
type pkg struct {
	name, version, architecture string
	sha256                      string
	size                        int64
	depends                     [][]string // each: alternatives, in order
	provides                    []string
}

// roots are the packages the private Bazel is made of; what they depend on comes
// with them.
func roots() []string {
	return []string{
		"bazel-bootstrap",
		"bazel-bootstrap-data",
		"bazel-rules-shell",
		"patchelf",
	}
}

// leftOut names what those packages depend on and a private Bazel can do
// without: compilers and interpreters that our builds never use, and parts that
// only matter to a package that is installed for real.
func leftOut() map[string]bool {
	names := map[string]bool{}
	for _, name := range []string{
		"build-essential", "gcc", "g++", "libc6-dev", "zlib1g-dev", "libprotobuf-dev",
		"python3", "perl", "unzip", "default-jdk", "default-jdk-headless",
		"default-jre", "default-jre-headless", "java-common", "ca-certificates",
		"ca-certificates-java", "debconf", "debconf-2.0", "libjs-jquery",
	} {
		names[name] = true
	}
	return names
}

// readPackages reads stanzas of a package list by name.
func readPackages(list string) map[string]pkg {
	packages := make(map[string]pkg)
	for _, stanza := range strings.Split(list, "\n\n") {
		fields := parseStanza(stanza)
		name := fields["package"]
		if name == "" {
			continue
		}
		size, _ := strconv.ParseInt(fields["size"], 10, 64)
		p := pkg{
			name:         name,
			version:      fields["version"],
			architecture: fields["architecture"],
			sha256:       fields["sha256"],
			size:         size,
			depends:      append(parseDepends(fields["pre-depends"]), parseDepends(fields["depends"])...),
		}
		for _, provided := range parseDepends(fields["provides"]) {
			p.provides = append(p.provides, provided...)
		}
		packages[name] = p
	}
	return packages
}

// parseDepends reads `a (>= 1) | b, c:any` into [[a b] [c]]. Versions need no
// look: the list is one suite's, whose packages fit together.
func parseDepends(field string) [][]string {
	var all [][]string
	for _, dependency := range strings.Split(field, ",") {
		var alternatives []string
		for _, alternative := range strings.Split(dependency, "|") {
			words := strings.Fields(alternative)
			if len(words) == 0 {
				continue
			}
			name, _, _ := strings.Cut(words[0], ":")
			alternatives = append(alternatives, name)
		}
		if len(alternatives) > 0 {
			all = append(all, alternatives)
		}
	}
	return all
}

// closure lists the packages that names need, themselves included, sorted.
func closure(available map[string]pkg, names []string, without map[string]bool) ([]pkg, error) {
	providers := make(map[string][]string)
	for name, p := range available {
		for _, provided := range p.provides {
			providers[provided] = append(providers[provided], name)
		}
	}
	chosen := make(map[string]pkg)
	queue := append([]string(nil), names...)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if _, ok := chosen[name]; ok || without[name] {
			continue
		}
		p, ok := available[name]
		if !ok {
			from := providers[name]
			if len(from) == 0 {
				return nil, fmt.Errorf("package %s is not to be had", name)
			}
			sort.Strings(from)
			queue = append(queue, from[0])
			continue
		}
		chosen[name] = p
		for _, alternatives := range p.depends {
			if !anyIn(alternatives, chosen, without) {
				queue = append(queue, firstAvailable(alternatives, available))
			}
		}
	}
	var sorted []pkg
	for _, p := range chosen {
		sorted = append(sorted, p)
	}
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].name < sorted[j].name })
	return sorted, nil
}

func anyIn(names []string, chosen map[string]pkg, without map[string]bool) bool {
	for _, name := range names {
		if _, ok := chosen[name]; ok || without[name] {
			return true
		}
	}
	return false
}

func firstAvailable(names []string, available map[string]pkg) string {
	for _, name := range names {
		if _, ok := available[name]; ok {
			return name
		}
	}
	return names[0]
}

// checkBazel fails where the suite's Bazel is not of the series we build with.
func checkBazel(available map[string]pkg, suite, series string) error {
	p, ok := available["bazel-bootstrap"]
	if !ok {
		return fmt.Errorf("suite %s has no package bazel-bootstrap; name an earlier day of the archive in LUPA_BAZEL_SNAPSHOT, for example 20261101T000000Z", suite)
	}
	if !strings.HasPrefix(p.version, series+".") {
		return fmt.Errorf("suite %s has moved on to Bazel %s and this workspace builds with %s; name an earlier day of the archive in LUPA_BAZEL_SNAPSHOT, for example 20261101T000000Z", suite, p.version, series)
	}
	return nil
}
