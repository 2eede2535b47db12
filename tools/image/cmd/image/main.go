// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command image makes layers and looks into images. The rules in tools/image run
// it; `list` and `sizes` are for people too.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/lupasearch/lupa/tools/image/debian"
	"github.com/lupasearch/lupa/tools/image/layout"
	"github.com/lupasearch/lupa/tools/image/tarball"
)

const usage = `Usage:
  image layer -spec=FILE -out=FILE         write the layer that a spec describes
  image certificates -data=FILE -out=FILE  join ca-certificates' certificates
  image list LAYOUT                        list the files that containers see
  image sizes LAYOUT                       say how large the layers are
`

var errUsage = errors.New("wrong usage")

func main() {
	err := run(os.Args[1:])
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet("image "+args[0], flag.ContinueOnError)
	spec := flags.String("spec", "", "description of the layer")
	data := flags.String("data", "", "data.tar of the package")
	out := flags.String("out", "", "file to write")
	if err := flags.Parse(args[1:]); err != nil {
		return errUsage
	}
	switch {
	case args[0] == "layer" && *spec != "" && *out != "":
		return writeFile(*out, func(w io.Writer) error { return writeLayer(w, *spec) })
	case args[0] == "certificates" && *data != "" && *out != "":
		bundle, err := debian.Certificates(*data)
		if err != nil {
			return err
		}
		return writeFile(*out, func(w io.Writer) error {
			_, err := w.Write(bundle)
			return err
		})
	case args[0] == "list" && flags.NArg() == 1:
		return list(os.Stdout, flags.Arg(0))
	case args[0] == "sizes" && flags.NArg() == 1:
		return sizes(os.Stdout, flags.Arg(0))
	}
	return errUsage
}

func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func writeLayer(w io.Writer, specFile string) error {
	s, err := readSpec(specFile)
	if err != nil {
		return err
	}
	layer, err := s.layer()
	if err != nil {
		return fmt.Errorf("%s: %w", s.Label, err)
	}
	compressed, err := tarball.Compress(w, s.Compress)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Label, err)
	}
	if err := layer.Write(compressed); err != nil {
		return fmt.Errorf("%s: %w", s.Label, err)
	}
	return compressed.Close()
}

func list(w io.Writer, dir string) error {
	images, err := layout.Images(dir)
	if err != nil {
		return err
	}
	for _, image := range images {
		files, err := image.Files()
		if err != nil {
			return err
		}
		paths := make([]string, 0, len(files))
		for p := range files {
			paths = append(paths, p)
		}
		slices.Sort(paths)
		for _, p := range paths {
			if _, err := fmt.Fprintln(w, files[p]); err != nil {
				return err
			}
		}
	}
	return nil
}

func sizes(w io.Writer, dir string) error {
	images, err := layout.Images(dir)
	if err != nil {
		return err
	}
	for _, image := range images {
		all, err := image.Sizes()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "image %s\n%12s %12s %7s  layer\n", image.Digest, "unpacked", "stored", "files")
		var unpacked, stored int64
		files := 0
		for _, s := range all {
			fmt.Fprintf(w, "%12d %12d %7d  %s %s\n", s.Unpacked, s.Stored, s.Files, s.Digest, s.MediaType)
			unpacked, stored, files = unpacked+s.Unpacked, stored+s.Stored, files+s.Files
		}
		fmt.Fprintf(w, "%12d %12d %7d  together\n", unpacked, stored, files)
	}
	return nil
}
