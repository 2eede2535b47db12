// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/lupasearch/lupa/tools/image/debian"
	"github.com/lupasearch/lupa/tools/image/tarball"
)

// A spec is what a rule says of a layer. Places are written as in the rules'
// attributes: "/path", "/path 0755" or "/path 0755 65532:65532".
type spec struct {
	Label       string            `json:"label"`
	Compress    string            `json:"compress"`
	Directories []string          `json:"directories"`
	Files       []sourceFile      `json:"files"`
	Contents    map[string]string `json:"contents"` // place → text
	Symlinks    map[string]string `json:"symlinks"` // path → target
	Packages    []debian.Package  `json:"packages"`
	Include     []string          `json:"include"` // nothing is everything
	Exclude     []string          `json:"exclude"`
	Slice       *debian.Slice     `json:"slice"` // of the packages, if not nil
	Busybox     *debian.Package   `json:"busybox"`
}

type sourceFile struct {
	Source string `json:"source"`
	Place  string `json:"place"`
}

func readSpec(file string) (spec, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return spec{}, err
	}
	var s spec
	if err := json.Unmarshal(data, &s); err != nil {
		return spec{}, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

// layer collects everything the spec names.
func (s spec) layer() (*tarball.Layer, error) {
	layer := new(tarball.Layer)
	add := func(place string, defaultMode int64, e tarball.Entry) error {
		if err := parsePlace(place, defaultMode, &e); err != nil {
			return err
		}
		return layer.Add(e)
	}
	for _, place := range s.Directories {
		if err := add(place, 0o755, tarball.Entry{Kind: tarball.Directory}); err != nil {
			return nil, err
		}
	}
	for _, f := range s.Files {
		if err := add(f.Place, 0o644, tarball.Entry{Kind: tarball.File, Source: f.Source}); err != nil {
			return nil, err
		}
	}
	for place, text := range s.Contents {
		if err := add(place, 0o644, tarball.Entry{Kind: tarball.File, Data: []byte(text)}); err != nil {
			return nil, err
		}
	}
	for place, target := range s.Symlinks {
		if err := add(place, 0o777, tarball.Entry{Kind: tarball.Symlink, Target: target}); err != nil {
			return nil, err
		}
	}
	exclude, err := debian.ParseGlobs(s.Exclude)
	if err != nil {
		return nil, err
	}
	if s.Busybox != nil {
		if err := debian.AddBusybox(layer, *s.Busybox); err != nil {
			return nil, err
		}
	}
	if s.Slice != nil {
		return layer, debian.AddSlice(layer, s.Packages, *s.Slice)
	}
	include, err := debian.ParseGlobs(s.Include)
	if err != nil {
		return nil, err
	}
	for _, p := range s.Packages {
		if err := debian.Add(layer, p, include, exclude); err != nil {
			return nil, err
		}
	}
	return layer, nil
}

// parsePlace reads a place into an entry.
func parsePlace(place string, defaultMode int64, e *tarball.Entry) error {
	parts := strings.Fields(place)
	if len(parts) == 0 || len(parts) > 3 || !strings.HasPrefix(parts[0], "/") {
		return fmt.Errorf("place %q: \"/path\", \"/path 0755\" or \"/path 0755 65532:65532\" is wanted", place)
	}
	e.Path, e.Mode = parts[0], defaultMode
	if len(parts) > 1 {
		mode, err := strconv.ParseInt(parts[1], 8, 64)
		if err != nil || mode > 0o7777 || mode < 0 {
			return fmt.Errorf("place %q: mode %q is no octal number up to 7777", place, parts[1])
		}
		e.Mode = mode
	}
	if len(parts) > 2 {
		uid, gid, ok := strings.Cut(parts[2], ":")
		var err, err2 error
		e.UID, err = strconv.Atoi(uid)
		e.GID, err2 = strconv.Atoi(gid)
		if !ok || err != nil || err2 != nil {
			return fmt.Errorf("place %q: owner %q is not two numbers with ':' between", place, parts[2])
		}
	}
	return nil
}
