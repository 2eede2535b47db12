// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package structure

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/lupasearch/lupa/tools/image/closure"
	"github.com/lupasearch/lupa/tools/image/debian"
	"github.com/lupasearch/lupa/tools/image/layout"
)

// A check collects what is wrong with an image.
type check struct {
	nodes    map[string]layout.Node
	files    closure.Files
	findings []string
}

// Check returns what is wrong with an image, one sentence each, sorted. An error
// means that the image cannot be read.
func Check(image layout.Image, spec Spec) ([]string, error) {
	config, err := image.Config()
	if err != nil {
		return nil, err
	}
	layers, err := image.Layers()
	if err != nil {
		return nil, err
	}
	nodes, err := image.Files()
	if err != nil {
		return nil, err
	}
	sizes, err := image.Sizes()
	if err != nil {
		return nil, err
	}
	patterns, err := debian.ParseGlobs(spec.Absent)
	if err != nil {
		return nil, err
	}
	c := check{nodes: nodes, files: closure.FromImage(nodes)}
	spec = spec.For(config.Architecture)
	c.config(*config, spec.Config)
	c.paths(spec)
	c.absent(patterns)
	c.contents(spec)
	c.packages(spec)
	c.limits(sizes, spec.Limits)
	c.rights()
	c.layers(layers)
	c.records()
	slices.Sort(c.findings)
	return slices.Compact(c.findings), nil
}

func (c *check) find(format string, args ...any) {
	c.findings = append(c.findings, fmt.Sprintf(format, args...))
}

// config compares what engines read, field by field.
func (c *check) config(image v1.ConfigFile, want Config) {
	got := Config{
		Variant: image.Variant, User: image.Config.User, Folder: image.Config.WorkingDir,
		Entrypoint: image.Config.Entrypoint, Command: image.Config.Cmd, Labels: image.Config.Labels,
		Ports: slices.Sorted(maps.Keys(image.Config.ExposedPorts)), Volumes: slices.Sorted(maps.Keys(image.Config.Volumes)),
	}
	for _, variable := range image.Config.Env {
		name, value, _ := strings.Cut(variable, "=")
		got.Env = union(got.Env, map[string]string{name: value})
	}
	if image.OS != "linux" {
		c.find("config: operating system is %q, want \"linux\"", image.OS)
	}
	for _, field := range []struct {
		name      string
		got, want any
	}{
		{"variant", got.Variant, want.Variant},
		{"user", got.User, want.User},
		{"folder", got.Folder, want.Folder},
		{"entrypoint", list(got.Entrypoint), list(want.Entrypoint)},
		{"command", list(got.Command), list(want.Command)},
		{"ports", list(got.Ports), list(want.Ports)},
		{"volumes", list(got.Volumes), list(want.Volumes)},
	} {
		if !cmp.Equal(field.got, field.want) {
			c.find("config: %s is %q, want %q", field.name, field.got, field.want)
		}
	}
	c.pairs("variable", got.Env, want.Env)
	c.pairs("label", got.Labels, want.Labels)
}

func list(words []string) []string { return append([]string{}, words...) }

// pairs compares names with values.
func (c *check) pairs(kind string, got, want map[string]string) {
	for name := range union(got, want) {
		value, there := got[name]
		wanted, asked := want[name]
		switch {
		case !there:
			c.find("config: %s %s is not set, want %q", kind, name, wanted)
		case !asked:
			c.find("config: %s %s is %q, want none", kind, name, value)
		case value != wanted:
			c.find("config: %s %s is %q, want %q", kind, name, value, wanted)
		}
	}
}

func (c *check) paths(spec Spec) {
	for name, text := range spec.Paths {
		wanted, err := parsePlace(text)
		if err != nil { // Read has seen to that
			c.find("%s: %v", name, err)
			continue
		}
		node, there := c.nodes[strings.Trim(name, "/")]
		if finding := wanted.compare(node, there); finding != "" {
			c.find("%s %s", name, finding)
		}
	}
}

func (c *check) absent(patterns debian.Globs) {
	for name := range c.nodes {
		if patterns.Match(name) {
			c.find("/%s is there, and should not be", name)
		}
	}
}

// contents compares files, following links.
func (c *check) contents(spec Spec) {
	for name, want := range spec.Contents {
		if data, ok := c.read(name); ok {
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(data), "\n")); diff != "" {
				c.find("%s differs (-want +got):\n%s", name, diff)
			}
		}
	}
	for name, lines := range spec.Lines {
		data, ok := c.read(name)
		for _, line := range lines {
			if ok && !hasLine(data, strings.Fields(line)) {
				c.find("%s has no line that begins with %q", name, line)
			}
		}
	}
}

func (c *check) read(name string) ([]byte, bool) {
	file, _, ok := c.files.Resolve(name)
	if !ok {
		c.find("%s leads to no file", name)
	}
	return c.files[file].Data, ok
}

// hasLine says whether a line begins with the words.
func hasLine(data []byte, words []string) bool {
	for line := range bytes.Lines(data) {
		if got := strings.Fields(string(line)); len(got) >= len(words) && slices.Equal(got[:len(words)], words) {
			return true
		}
	}
	return false
}

func (c *check) limits(sizes []layout.LayerSize, most Limits) {
	var unpacked, packed Size
	for _, s := range sizes {
		unpacked, packed = unpacked+Size(s.Unpacked), packed+Size(s.Stored)
	}
	if most.Unpacked > 0 && unpacked > most.Unpacked {
		c.find("size: %d bytes unpacked, %d more than %v", unpacked, unpacked-most.Unpacked, most.Unpacked)
	}
	if most.Packed > 0 && packed > most.Packed {
		c.find("size: %d bytes packed, %d more than %v", packed, packed-most.Packed, most.Packed)
	}
	if most.Layers > 0 && len(sizes) > most.Layers {
		c.find("%d layers, want %d at most", len(sizes), most.Layers)
	}
}

// rights finds files that give one user the rights of another.
func (c *check) rights() {
	for name, node := range c.nodes {
		switch {
		case node.Type != tar.TypeDir && node.Mode&0o6000 != 0:
			c.find("/%s is %s: whoever starts it has the rights of its owner", name, describe(node))
		case node.Type == tar.TypeReg && node.Mode&0o022 != 0:
			c.find("/%s is %s: others can write to it", name, describe(node))
		}
	}
}

// layers finds layers that change what another one holds, and folders that are
// left for engines to make with modes of their own.
func (c *check) layers(layers [][]layout.Node) {
	had := make(map[string]layout.Node)
	for number, nodes := range layers {
		for _, node := range nodes {
			if strings.HasPrefix(path.Base(node.Path), ".wh.") {
				c.find("layer %d takes /%s away", number, node.Path)
			}
			before, there := had[node.Path]
			switch {
			case there && describe(before) != describe(node):
				c.find("layer %d has /%s as %s, a layer below as %s", number, node.Path, describe(node), describe(before))
			case there && node.Type != tar.TypeDir && !bytes.Equal(before.Data, node.Data) && !grows(before, node):
				c.find("layer %d replaces /%s of a layer below", number, node.Path)
			}
			had[node.Path] = node
		}
	}
	for name := range had {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if node, ok := had[dir]; !ok {
				c.find("/%s, which holds /%s, is in no layer", dir, name)
			} else if node.Type != tar.TypeDir {
				c.find("/%s, which holds /%s, is %s", dir, name, describe(node))
			}
		}
	}
}
