// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"

	"github.com/lupasearch/lupa/tools/image/layout"
	"github.com/lupasearch/lupa/tools/image/structure"
)

func structureTest(args []string) error {
	var specs []string
	flags := flag.NewFlagSet("imagetest structure", flag.ContinueOnError)
	flags.Func("spec", "description of the image (repeated)", func(name string) error {
		specs = append(specs, name)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || len(specs) == 0 {
		return errUsage
	}
	spec, err := structure.Read(specs...)
	if err != nil {
		return err
	}
	images, err := layout.Images(flags.Arg(0))
	if err != nil {
		return err
	}
	wrong := 0
	for _, image := range images {
		config, err := image.Config()
		if err != nil {
			return err
		}
		findings, err := structure.Check(image, spec)
		if err != nil {
			return fmt.Errorf("image for %s: %w", config.Architecture, err)
		}
		for _, finding := range findings {
			fmt.Printf("image for %s: %s\n", config.Architecture, finding)
		}
		wrong += len(findings)
	}
	if wrong > 0 {
		return fmt.Errorf("%d findings", wrong)
	}
	fmt.Printf("%d images are as described\n", len(images))
	return nil
}
