// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package images tests the base images: against what upstream has, against the lock,
// and against listings. Their contract is tested by image_structure_test.
package images

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"

	"github.com/lupasearch/lupa/tools/image/layout"
)

// An image is one of the base images, for one CPU.
type image struct {
	name   string
	cpu    string // as in the image's configuration
	files  map[string]layout.Node
	layers [][]layout.Node
}

// runfile finds a file that the build names by an environment variable.
func runfile(t *testing.T, variable string) string {
	t.Helper()
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s: %v; run this test by Bazel", variable, err)
	}
	return file
}

// images opens every base image.
func images(t *testing.T) []image {
	t.Helper()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// names are the base images that are tested.
var names = []string{"static", "static_slim", "base_slim", "base_nossl", "base"}

// load reads the images once for all tests, which do not change them.
var load = sync.OnceValues(func() ([]image, error) {
	var all []image
	for _, name := range names {
		found, err := read(name, strings.ToUpper(name))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
})

// imagesOf reads images that the build names by a variable.
func imagesOf(t *testing.T, variable string) []image {
	t.Helper()
	all, err := read(variable, variable)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// read opens the images of one layout, one for each CPU.
func read(name, variable string) ([]image, error) {
	dir, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; run this test by Bazel", variable, err)
	}
	found, err := layout.Images(dir)
	if err != nil {
		return nil, err
	}
	var all []image
	for _, i := range found {
		opened, err := open(name, i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, opened)
	}
	return all, nil
}

func open(name string, i layout.Image) (image, error) {
	config, err := i.Config()
	if err != nil {
		return image{}, err
	}
	files, err := i.Files()
	if err != nil {
		return image{}, err
	}
	layers, err := i.Layers()
	return image{name, config.Architecture, files, layers}, err
}

// each runs a test on every base image.
func each(t *testing.T, test func(*testing.T, image)) {
	t.Helper()
	for _, i := range images(t) {
		t.Run(i.name+"_"+i.cpu, func(t *testing.T) { test(t, i) })
	}
}

// workspaceFile names a source file of this folder, for writing it.
func workspaceFile(t *testing.T, name string) string {
	t.Helper()
	workspace := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	if workspace == "" {
		t.Fatal("-update works by bazel run only")
	}
	return filepath.Join(workspace, "platforms/debian12/images", name)
}
