// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package tidy knows what each file of the tree should look like: Go as gofumpt
// prints it, Bazel files as buildifier prints them and without its warnings, and
// a licence header in every source.
package tidy

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	"github.com/bazelbuild/buildtools/warn"
	"mvdan.cc/gofumpt/format"
)

// A Finding is something that a person must mend.
type Finding struct {
	File    string // slash-separated, relative to the root of the tree
	Line    int    // from 1; 0 speaks of the whole file
	Message string
}

// String gives the form editors jump by: file:line: message.
func (f Finding) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// A Formatter holds what formatting needs to know of the module. The zero value
// formats no Go. It is safe for concurrent use.
type Formatter struct {
	ModulePath string // for example github.com/lupasearch/lupa
	GoVersion  string // for example go1.26
}

// Format returns name's content as it should be, and what it cannot mend by
// itself. Files it does not know come back as they are. An error means that src
// cannot be parsed; it names the place.
func (f Formatter) Format(name string, src []byte) ([]byte, []Finding, error) {
	var out []byte
	var findings []Finding
	var err error
	switch {
	case path.Ext(name) == ".go":
		out, err = format.Source(src, format.Options{LangVersion: f.GoVersion, ModulePath: f.ModulePath})
	case isBazelFile(name):
		out, findings, err = formatBazel(name, src)
	default:
		out = src
	}
	if err != nil {
		return nil, nil, fmt.Errorf("format %s: %w", name, err)
	}
	if path.Base(name) == "BUILD.bazel" && len(checkHeader(name, out)) > 0 {
		// Gazelle makes these files without one.
		out = append([]byte(buildHeader), out...)
	}
	if wantsHeader(name) {
		findings = append(findings, checkHeader(name, out)...)
	}
	return out, findings, nil
}

func isBazelFile(name string) bool {
	base := path.Base(name)
	return base == "BUILD.bazel" || base == "BUILD" || base == "MODULE.bazel" ||
		strings.HasSuffix(base, ".MODULE.bazel") || path.Ext(base) == ".bzl"
}

// formatBazel prints a file as buildifier does and lists buildifier's warnings.
func formatBazel(name string, src []byte) ([]byte, []Finding, error) {
	file, err := build.Parse(name, src)
	if err != nil {
		return nil, nil, err
	}
	file.Path = name
	file.Pkg = path.Dir(name)
	var findings []Finding
	for _, w := range warn.FileWarnings(file, warn.DefaultWarnings, nil, warn.ModeWarn, nil) {
		findings = append(findings, Finding{name, w.Start.Line, w.Message + " (" + w.Category + ")"})
	}
	build.Rewrite(file)
	return build.Format(file), findings, nil
}

// wantsHeader tells whether a file is a source of ours that says its licence.
func wantsHeader(name string) bool {
	switch path.Ext(name) {
	case ".go", ".bzl", ".c", ".h", ".sh", ".templ":
		return !strings.Contains(name, "/testdata/")
	}
	base := path.Base(name)
	return isBazelFile(name) || base == ".bazelrc" || name == ".ci/run" || name == "tools/bazel"
}

const (
	headerLines = 6
	buildHeader = "# SPDX-FileCopyrightText: 2026 The Lupa Authors\n# SPDX-License-Identifier: Apache-2.0\n\n"
)

// checkHeader looks for the two SPDX lines near the top of a file.
func checkHeader(name string, src []byte) []Finding {
	lines := bytes.SplitN(src, []byte("\n"), headerLines+1)
	top := bytes.Join(lines[:min(len(lines), headerLines)], []byte("\n"))
	for _, want := range []string{"SPDX-FileCopyrightText: ", "SPDX-License-Identifier: Apache-2.0"} {
		if !bytes.Contains(top, []byte(want)) {
			return []Finding{{name, 1, "no licence header: the first lines must hold '" + want + "'"}}
		}
	}
	return nil
}
