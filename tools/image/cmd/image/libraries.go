// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/lupasearch/lupa/tools/image/closure"
	"github.com/lupasearch/lupa/tools/image/layout"
)

// libraries says what the programs of a layout's images lack, and fails if they do.
func libraries(w io.Writer, dir string) error {
	images, err := layout.Images(dir)
	if err != nil {
		return err
	}
	lacking := 0
	for _, image := range images {
		config, err := image.Config()
		if err != nil {
			return err
		}
		if len(config.Config.Entrypoint) == 0 {
			return fmt.Errorf("image for %s has no entrypoint", config.Architecture)
		}
		program := config.Config.Entrypoint[0]
		missing, err := missingOf(image, program)
		if err != nil {
			return fmt.Errorf("image for %s: %w", config.Architecture, err)
		}
		for _, finding := range missing {
			fmt.Fprintf(w, "image for %s: %s\n", config.Architecture, finding)
		}
		if len(missing) == 0 {
			fmt.Fprintf(w, "image for %s: %s has all its libraries\n", config.Architecture, program)
		}
		lacking += len(missing)
	}
	if lacking > 0 {
		return errors.New("libraries are missing: add the layers of their packages to the image")
	}
	return nil
}

// missingOf says what a program of an image lacks.
func missingOf(image layout.Image, program string) (missing []string, err error) {
	root, err := os.MkdirTemp("", "image-libraries-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	if err := image.Unpack(root); err != nil {
		return nil, err
	}
	return closure.Missing(root, program)
}
