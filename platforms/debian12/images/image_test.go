// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/lupasearch/lupa/tools/image/layout"
)

// An image is one of the base images, for one CPU.
type image struct {
	name   string // "static" or "base_nossl"
	cpu    string // as in the image's configuration
	config *v1.ConfigFile
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

// load reads the images once for all tests, which do not change them.
var load = sync.OnceValues(func() ([]image, error) {
	var all []image
	for _, name := range []string{"static", "base_nossl"} {
		dir, err := runfiles.Rlocation(os.Getenv(strings.ToUpper(name)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w; run this test by Bazel", name, err)
		}
		found, err := layout.Images(dir)
		if err != nil {
			return nil, err
		}
		for _, i := range found {
			opened, err := open(name, i)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			all = append(all, opened)
		}
	}
	return all, nil
})

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
	return image{name, config.Architecture, config, files, layers}, err
}

// each runs a test on every base image.
func each(t *testing.T, test func(*testing.T, image)) {
	t.Helper()
	for _, i := range images(t) {
		t.Run(i.name+"_"+i.cpu, func(t *testing.T) { test(t, i) })
	}
}

// file follows links as a container would, and fails the test if no file is
// where they lead.
func (i image) file(t *testing.T, name string) layout.Node {
	t.Helper()
	for at, hops := strings.TrimPrefix(name, "/"), 0; hops < 40; hops++ {
		node, ok := i.files[at]
		switch {
		case !ok:
			t.Fatalf("%s leads to %s, which is not in the image", name, at)
		case node.Type == tar.TypeReg:
			return node
		case node.Type == tar.TypeLink:
			at = path.Clean(strings.TrimPrefix(node.Target, "/"))
		case node.Type == tar.TypeSymlink && path.IsAbs(node.Target):
			at = strings.TrimPrefix(path.Clean(node.Target), "/")
		case node.Type == tar.TypeSymlink:
			at = path.Join(path.Dir(at), node.Target)
		default:
			t.Fatalf("%s leads to %s, which is no file", name, node)
		}
	}
	t.Fatalf("%s goes round in circles", name)
	return layout.Node{}
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
