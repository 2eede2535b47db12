// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/jsontree"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

// Settings are what an image says besides its layers. Each of the files may be
// left out by an empty path.
type Settings struct {
	// Created is a file with the time the image was made.
	Created string
	// Entrypoint and Cmd are files with one word per line; %5Cn in a word
	// stands for a newline. An entrypoint drops the base's Cmd.
	Entrypoint, Cmd string
	// ExposedPorts and Volumes are files with a list divided by commas.
	ExposedPorts, Volumes string
	// Env, Labels and Annotations are files with KEY=VALUE lines.
	Env, Labels, Annotations string
	// User and Workdir are values.
	User, Workdir string
}

// apply changes config and manifest. The order of its steps is the order of
// keys where the base has none.
func (s Settings) apply(config, manifest *jsontree.Object) error {
	r := &reader{}
	top, c := object(), object()
	r.use(s.Created, func(text string) { top.Set("created", text) })
	r.use(s.Entrypoint, func(text string) {
		c.Set("Cmd", nil)
		c.Set("Entrypoint", words(text))
	})
	r.use(s.Cmd, func(text string) { c.Set("Cmd", words(text)) })
	r.use(s.ExposedPorts, func(text string) { c.Set("ExposedPorts", set(text)) })
	r.use(s.Volumes, func(text string) { c.Set("Volumes", set(text)) })
	r.use(s.Env, func(text string) { c.Set("Env", mergeEnv(baseEnv(config), text)) })
	r.use(s.Labels, func(text string) { c.Set("Labels", pairs(text)) })
	r.use(s.Annotations, func(text string) {
		annotations := layout.Child(manifest, "annotations")
		annotations.Add(pairs(text))
		manifest.Set("annotations", annotations)
	})
	if s.User != "" {
		c.Set("User", s.User)
	}
	if s.Workdir != "" {
		c.Set("WorkingDir", s.Workdir)
	}
	if len(c.Keys()) > 0 {
		top.Set("config", c)
	}
	config.Merge(top)
	if merged := layout.Child(config, "config"); merged.Get("Cmd") == nil {
		merged.Delete("Cmd")
	}
	return r.err
}

// reader reads the files of settings and remembers the first error.
type reader struct{ err error }

func (r *reader) use(path string, f func(text string)) {
	if path == "" || r.err != nil {
		return
	}
	data, err := os.ReadFile(path)
	switch {
	case err != nil:
		r.err = fmt.Errorf("read a setting: %w", err)
	case !utf8.Valid(data):
		r.err = fmt.Errorf("%s is not UTF-8, which JSON has to be; write the file in UTF-8", path)
	case strings.ContainsRune(string(data), 0):
		r.err = fmt.Errorf("%s holds a zero byte, which no process can be given; remove it", path)
	default:
		f(string(data))
	}
}

// words returns the lines that are not empty.
func words(text string) []any {
	list := []any{}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			list = append(list, strings.ReplaceAll(line, "%5Cn", "\n"))
		}
	}
	return list
}

// set returns an object that has the elements of a list as its keys.
func set(text string) *jsontree.Object {
	o := object()
	if text == "" {
		return o
	}
	for element := range strings.SplitSeq(text, ",") {
		o.Set(element, object())
	}
	return o
}

// pairs returns an object of the KEY=VALUE lines; later lines win, in the place
// of the first.
func pairs(text string) *jsontree.Object {
	o := object()
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			key, value, _ := strings.Cut(line, "=")
			o.Set(key, value)
		}
	}
	return o
}
