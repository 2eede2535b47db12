// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/tools/image/closure"
	"github.com/lupasearch/lupa/tools/image/tarball"
)

const (
	busyboxFolder = "busybox"
	busyboxSource = "bin/busybox"
)

// AddBusybox puts the program of the package busybox-static into the folder
// /busybox of a layer, with a link for each of the tools in it, the package's
// licence and its records.
func AddBusybox(layer *tarball.Layer, p Package) error {
	files, owners := make(closure.Files), make(map[string]string)
	if err := readFiles(files, owners, p); err != nil {
		return fmt.Errorf("package %s: %w", p.Name, err)
	}
	program := files[busyboxSource].Data
	tools, err := Applets(program)
	if err != nil {
		return fmt.Errorf("package %s: %w", p.Name, err)
	}
	copyright := "usr/share/doc/" + p.Name + "/copyright"
	entries := []tarball.Entry{
		{Path: busyboxFolder, Kind: tarball.Directory, Mode: 0o755},
		{Path: busyboxFolder + "/busybox", Kind: tarball.File, Mode: 0o755, Data: program},
	}
	for _, tool := range tools {
		entries = append(entries, tarball.Entry{Path: busyboxFolder + "/" + tool, Kind: tarball.Symlink, Target: "busybox"})
	}
	for _, e := range entries {
		if err := layer.Add(e); err != nil {
			return err
		}
	}
	keep := func(name string) bool {
		return name == copyright || strings.HasPrefix(copyright, name+"/")
	}
	return add(layer, p, keep, keep)
}

// appletsStart are the first names of the list in the program: it is sorted, and
// these are the two names of test(1).
var appletsStart = []byte("[\x00[[\x00")

// Applets reads the names of the tools in a busybox: a sorted list, each with a
// zero byte after it, and one more at the end.
func Applets(program []byte) ([]string, error) {
	at := bytes.Index(program, appletsStart)
	if at < 0 {
		return nil, errors.New("busybox has no list of its tools")
	}
	var names []string
	for rest := program[at:]; ; {
		name, after, ok := bytes.Cut(rest, []byte{0})
		if !ok || len(name) == 0 {
			break
		}
		names, rest = append(names, string(name)), after
	}
	if !slices.IsSorted(names) || !slices.Contains(names, "sh") || slices.ContainsFunc(names, func(n string) bool { return strings.ContainsAny(n, "/ ") }) {
		return nil, fmt.Errorf("busybox's list of its tools cannot be read: %.200q", names)
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "busybox" }), nil
}
