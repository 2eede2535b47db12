// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package structure compares an image with a description of it: configuration,
// files with kinds, modes and owners, what must not be there, sizes. Beyond the
// description it checks what holds for every image: that layers do not contradict
// each other, and that records of packages are true.
package structure

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// A Spec describes an image. README.md of tools/image has an example. The zero
// value asks for an empty configuration and for nothing else.
type Spec struct {
	Config Config `yaml:"config"`
	// Paths says what is at an absolute path: "dir 0755 0:0", "file 0644 0:0",
	// "file 0644 0:0 at most 14 MB", "link ../target".
	Paths map[string]string `yaml:"paths"`
	// Contents are whole files.
	Contents map[string]string `yaml:"contents"`
	// Lines are beginnings of lines that a file has, words apart.
	Lines map[string][]string `yaml:"lines"`
	// Absent are patterns that no path matches, without a leading slash.
	Absent []string `yaml:"absent"`
	// Packages are all that the records for scanners name; nil asks nothing.
	Packages []string `yaml:"packages"`
	// Limits are the most that an image may have.
	Limits Limits `yaml:"limits"`
	// CPU has what holds for images for one CPU only, by Go's name of it.
	CPU map[string]Spec `yaml:"cpu"`
}

// Config is what engines read of an image. What is not given must not be set.
type Config struct {
	Variant    string            `yaml:"variant"`
	User       string            `yaml:"user"`
	Folder     string            `yaml:"folder"`
	Entrypoint []string          `yaml:"entrypoint"`
	Command    []string          `yaml:"command"`
	Env        map[string]string `yaml:"env"`
	Ports      []string          `yaml:"ports"`
	Volumes    []string          `yaml:"volumes"`
	Labels     map[string]string `yaml:"labels"`
}

// Limits are the most that an image may have; 0 is no limit.
type Limits struct {
	Unpacked Size `yaml:"unpacked"` // bytes of all layers' archives
	Packed   Size `yaml:"packed"`   // bytes of all layers as they are stored
	Layers   int  `yaml:"layers"`
}

// A Size is a number of bytes, written as "24 MB", "900 kB" or "512 B".
type Size int64

// units are decimal, as in what engines print.
var units = map[string]float64{"B": 1, "kB": 1e3, "MB": 1e6}

// ParseSize reads a size.
func ParseSize(text string) (Size, error) {
	number, unit, ok := strings.Cut(text, " ")
	value, err := strconv.ParseFloat(number, 64)
	if factor := units[unit]; ok && err == nil && factor > 0 && value >= 0 {
		return Size(value * factor), nil
	}
	return 0, fmt.Errorf("size %q: a number and B, kB or MB are wanted, as in \"9.1 MB\"", text)
}

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}

// String gives a size to a tenth of a megabyte.
func (s Size) String() string { return fmt.Sprintf("%.1f MB", float64(s)/1e6) }

// Read reads descriptions and lays the later ones over the earlier ones: lists of
// absent paths and of packages add up; of all else the last one counts.
func Read(files ...string) (Spec, error) {
	var all Spec
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return Spec{}, err
		}
		var s Spec
		if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
			return Spec{}, fmt.Errorf("%s: %w", name, err)
		}
		if err := s.valid(); err != nil {
			return Spec{}, fmt.Errorf("%s: %w", name, err)
		}
		all = all.with(s)
	}
	return all, nil
}

// For gives what holds for one CPU.
func (s Spec) For(cpu string) Spec {
	return s.with(s.CPU[cpu])
}

func (s Spec) valid() error {
	for _, where := range []map[string]string{s.Paths, s.Contents} {
		for name := range where {
			if !strings.HasPrefix(name, "/") {
				return fmt.Errorf("path %q does not begin with '/'", name)
			}
		}
	}
	for name, what := range s.Paths {
		if _, err := parsePlace(what); err != nil {
			return fmt.Errorf("path %s: %w", name, err)
		}
	}
	for cpu, more := range s.CPU {
		if len(more.CPU) > 0 {
			return errors.New("cpu: cannot hold another cpu")
		}
		if err := more.valid(); err != nil {
			return fmt.Errorf("cpu %s: %w", cpu, err)
		}
	}
	return nil
}

// with lays another description over this one.
func (s Spec) with(o Spec) Spec {
	s.Config = s.Config.with(o.Config)
	s.Paths = union(s.Paths, o.Paths)
	s.Contents = union(s.Contents, o.Contents)
	s.Lines = union(s.Lines, o.Lines)
	s.Absent = slices.Concat(s.Absent, o.Absent)
	s.Packages = slices.Concat(s.Packages, o.Packages)
	last(&s.Limits.Unpacked, o.Limits.Unpacked)
	last(&s.Limits.Packed, o.Limits.Packed)
	last(&s.Limits.Layers, o.Limits.Layers)
	cpus := maps.Clone(s.CPU)
	for cpu, more := range o.CPU {
		if cpus == nil {
			cpus = make(map[string]Spec)
		}
		cpus[cpu] = cpus[cpu].with(more)
	}
	s.CPU = cpus
	return s
}

func (c Config) with(o Config) Config {
	last(&c.Variant, o.Variant)
	last(&c.User, o.User)
	last(&c.Folder, o.Folder)
	for _, list := range []struct{ to, from *[]string }{
		{&c.Entrypoint, &o.Entrypoint}, {&c.Command, &o.Command}, {&c.Ports, &o.Ports}, {&c.Volumes, &o.Volumes},
	} {
		if *list.from != nil {
			*list.to = *list.from
		}
	}
	c.Env, c.Labels = union(c.Env, o.Env), union(c.Labels, o.Labels)
	return c
}

// last sets a value unless the new one says nothing.
func last[T comparable](value *T, to T) {
	var nothing T
	if to != nothing {
		*value = to
	}
}

func union[V any](a, b map[string]V) map[string]V {
	if len(a)+len(b) == 0 {
		return nil
	}
	all := make(map[string]V)
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}
