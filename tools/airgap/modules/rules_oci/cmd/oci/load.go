// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/archive"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/engine"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

// archiveFlags are what the commands that make an archive share.
type archiveFlags struct{ image, format, tags string }

func (f *archiveFlags) register(c *call) {
	c.flags.StringVar(&f.image, "image", "", "the image's `layout`")
	c.flags.StringVar(&f.format, "format", archive.Docker, "`docker` for an image, oci for an image index")
	c.flags.StringVar(&f.tags, "tags", "", "`file` with the names of the image, repository:tag, one per line")
}

// plan opens the layout and lists what goes into its archive.
func (f *archiveFlags) plan() (*layout.Layout, []string, []archive.Entry, error) {
	data, err := os.ReadFile(f.tags)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read the tags: %w", err)
	}
	l, err := layout.Open(f.image)
	if err != nil {
		return nil, nil, nil, err
	}
	tags := strings.Fields(string(data))
	entries, err := archive.Plan(l, f.format, tags)
	return l, tags, entries, err
}

func writeTarball(c *call, args []string) error {
	var f archiveFlags
	f.register(c)
	out := c.flags.String("out", "", "`file` to write the archive to")
	if err := c.parse(args, 0, 0, "image", "tags", "out"); err != nil {
		return err
	}
	_, _, entries, err := f.plan()
	if err != nil {
		return err
	}
	file, err := os.Create(*out)
	if err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	buffer := bufio.NewWriterSize(file, 1<<20)
	err = archive.Write(buffer, entries)
	return errors.Join(err, buffer.Flush(), file.Close())
}

func load(c *call, args []string) error {
	var f archiveFlags
	f.register(c)
	loader := c.flags.String("loader", "", "`program` to use in place of docker, podman or nerdctl")
	if err := c.parse(args, 0, 0, "image", "tags"); err != nil {
		return err
	}
	l, tags, entries, err := f.plan()
	if err != nil {
		return err
	}
	e := engine.Engine{Command: *loader, Custom: true}
	if *loader == "" {
		if e, err = engine.Find(c.ctx, c.stderr); err != nil {
			return err
		}
	}
	contents, err := inspect(l)
	if err != nil {
		return err
	}
	if err := e.Check(contents.layerTypes); err != nil {
		return err
	}
	write := func(w io.Writer) error { return archive.Write(w, entries) }
	if err := e.Load(c.ctx, write, c.stdout, c.stderr); err != nil {
		if f.format == archive.OCI {
			err = fmt.Errorf("%w; docker reads the format \"oci\" only with its containerd image store, podman 4 only with a single tag", err)
		}
		return err
	}
	contents.print(c.stderr, e.Command, tags)
	return nil
}

// contents is what people want to know of a layout.
type contents struct {
	digest, config string
	layerTypes     []string
	size           int64
}

// inspect tells of a layout; of an image index, only the digest.
func inspect(l *layout.Layout) (contents, error) {
	found := contents{digest: l.Digest()}
	if l.IsIndex() {
		return found, nil
	}
	manifest, err := l.Manifest()
	if err != nil {
		return found, err
	}
	found.config = layout.Child(manifest, "config").Text("digest")
	for _, each := range layout.Objects(manifest, "layers") {
		found.layerTypes = append(found.layerTypes, each.Text("mediaType"))
		size, err := layout.Size(each)
		if err != nil {
			return found, err
		}
		found.size += size
	}
	return found, nil
}

func (found contents) print(w io.Writer, command string, tags []string) {
	fmt.Fprintf(w, "Loaded into %s: %s\n", command, strings.Join(tags, ", "))
	fmt.Fprintf(w, "  digest   %s\n", found.digest)
	if found.config != "" {
		// The same that "docker inspect" calls Id.
		fmt.Fprintf(w, "  image ID %s\n", found.config)
		fmt.Fprintf(w, "  layers   %d, %.1f MB\n", len(found.layerTypes), float64(found.size)/1e6)
	}
}
