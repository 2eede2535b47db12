// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/image"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layer"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

func describeLayer(c *call, args []string) error {
	label := c.flags.String("label", "", "the `label` of the tar file's target, for the image's history")
	out := c.flags.String("out", "", "`file` to write the description to")
	if err := c.parse(args, 1, 1, "label", "out"); err != nil {
		return err
	}
	descriptor, err := layer.Describe(c.flags.Arg(0))
	if err != nil {
		return err
	}
	descriptor.CreatedBy = "bazel build " + *label
	return descriptor.Write(*out)
}

func buildImage(c *call, args []string) error {
	var spec image.Spec
	base := c.flags.String("base", "", "`layout` to build on")
	settings(c, &spec.Settings)
	values := c.flags.String("values", "", "JSON `file` with architecture, os, variant, user and workdir")
	out := c.flags.String("out", "", "`folder` to write the layout to")
	c.flags.Usage = func() {
		fmt.Fprintln(c.flags.Output(), "Usage: oci image [flags] [TAR DESCRIPTION]...\nDESCRIPTION is what oci layer wrote of TAR.")
		c.flags.PrintDefaults()
	}
	if err := c.parse(args, 0, math.MaxInt, "out"); err != nil {
		return err
	}
	if c.flags.NArg()%2 != 0 {
		return fmt.Errorf("%w: the last TAR has no DESCRIPTION", errUsage)
	}
	for i := 0; i < c.flags.NArg(); i += 2 {
		descriptor, err := layer.Read(c.flags.Arg(i + 1))
		if err != nil {
			return err
		}
		spec.Layers = append(spec.Layers, image.Layer{Path: c.flags.Arg(i), Descriptor: descriptor})
	}
	if err := readValues(*values, &spec); err != nil {
		return err
	}
	if *base != "" {
		var err error
		if spec.Base, err = layout.Open(*base); err != nil {
			return fmt.Errorf("open the base: %w", err)
		}
	}
	return image.Build(spec, *out)
}

func settings(c *call, s *image.Settings) {
	c.flags.StringVar(&s.Created, "created", "", "`file` with the time of creation")
	c.flags.StringVar(&s.Entrypoint, "entrypoint", "", "`file` with the words of the entrypoint")
	c.flags.StringVar(&s.Cmd, "cmd", "", "`file` with the words of the command")
	c.flags.StringVar(&s.ExposedPorts, "exposed-ports", "", "`file` with ports, divided by commas")
	c.flags.StringVar(&s.Volumes, "volumes", "", "`file` with volumes, divided by commas")
	c.flags.StringVar(&s.Env, "env", "", "`file` with variables, KEY=VALUE")
	c.flags.StringVar(&s.Labels, "labels", "", "`file` with labels, KEY=VALUE")
	c.flags.StringVar(&s.Annotations, "annotations", "", "`file` with annotations, KEY=VALUE")
}

// readValues reads what of an image is neither file nor layer; "" for nothing.
func readValues(file string, spec *image.Spec) error {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the values: %w", err)
	}
	var values struct{ Architecture, OS, Variant, User, Workdir string }
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&values); err != nil {
		return fmt.Errorf("read the values in %s: %w", file, err)
	}
	spec.Platform.Architecture, spec.Platform.OS, spec.Platform.Variant = values.Architecture, values.OS, values.Variant
	spec.Settings.User, spec.Settings.Workdir = values.User, values.Workdir
	return nil
}

func buildIndex(c *call, args []string) error {
	out := c.flags.String("out", "", "`folder` to write the layout to")
	c.flags.Usage = func() {
		fmt.Fprintln(c.flags.Output(), "Usage: oci index [flags] LAYOUT...")
		c.flags.PrintDefaults()
	}
	if err := c.parse(args, 1, math.MaxInt, "out"); err != nil {
		return err
	}
	var images []*layout.Layout
	for _, dir := range c.flags.Args() {
		l, err := layout.Open(dir)
		if err != nil {
			return err
		}
		images = append(images, l)
	}
	return image.BuildIndex(images, *out)
}

func writeDigest(c *call, args []string) error {
	out := c.flags.String("out", "", "`file` to write the digest to")
	if err := c.parse(args, 1, 1, "out"); err != nil {
		return err
	}
	l, err := layout.Open(c.flags.Arg(0))
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, []byte(l.Digest()+"\n"), 0o644); err != nil {
		return fmt.Errorf("write the digest: %w", err)
	}
	return nil
}
