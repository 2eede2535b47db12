// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package archive writes layouts as the tar files that container engines load.
// The same layout and tags give the same bytes on every machine.
package archive

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/jsontree"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

// The formats of Plan.
const (
	Docker = "docker"
	OCI    = "oci"
)

// modified is the time of every entry: the turn of the year 2023, in seconds.
const modified = 1672560000

// Entry is a file of the archive: Data, or the content of the file at Path
// where Data is nil.
type Entry struct {
	Name, Path string
	Data       []byte
}

// Plan lists what goes into the archive of an image in this format, in order.
// Docker wants the layout of an image, OCI that of an image index.
func Plan(l *layout.Layout, format string, tags []string) ([]Entry, error) {
	switch format {
	case Docker:
		if l.MediaType() != layout.OCIManifest && l.MediaType() != layout.DockerManifest {
			return nil, fmt.Errorf("format %q takes one image, but %s holds %s; for an oci_image_index use format = \"oci\"", format, l.Dir, l.MediaType())
		}
		return planDocker(l, tags)
	case OCI:
		if !l.IsIndex() {
			return nil, fmt.Errorf("format %q takes an image index, but %s holds %s; for an oci_image use format = \"docker\"", format, l.Dir, l.MediaType())
		}
		if len(tags) == 0 {
			return nil, fmt.Errorf("format %q needs at least one tag, or the archive would name no image; add one to repo_tags", format)
		}
		return planOCI(l, tags)
	default:
		return nil, fmt.Errorf("there is no format %q; use \"docker\" or \"oci\"", format)
	}
}

func planDocker(l *layout.Layout, tags []string) ([]Entry, error) {
	manifest, err := l.Manifest()
	if err != nil {
		return nil, err
	}
	p := &planner{layout: l}
	config := p.blob(layout.Child(manifest, "config").Text("digest"), "")
	layers := []any{}
	for _, each := range layout.Objects(manifest, "layers") {
		// Engines look at the content; the suffix is custom.
		layers = append(layers, p.blob(each.Text("digest"), ".tar.gz"))
	}
	repoTags := []any{}
	for _, tag := range tags {
		repoTags = append(repoTags, tag)
	}
	image := &jsontree.Object{}
	image.Set("Config", config)
	image.Set("RepoTags", repoTags)
	image.Set("Layers", layers)
	p.data("manifest.json", []any{image})
	return p.entries, p.err
}

func planOCI(l *layout.Layout, tags []string) ([]Entry, error) {
	index, err := l.Manifest()
	if err != nil {
		return nil, err
	}
	p := &planner{layout: l}
	p.add(Entry{Name: "oci-layout", Path: l.Dir + "/oci-layout"})
	p.blob(l.Digest(), "")
	for _, entry := range layout.Objects(index, "manifests") {
		manifest, err := l.Read(entry.Text("digest"))
		if err != nil {
			return nil, err
		}
		p.blob(entry.Text("digest"), "")
		p.blob(layout.Child(manifest, "config").Text("digest"), "")
		for _, each := range layout.Objects(manifest, "layers") {
			p.blob(each.Text("digest"), "")
		}
	}
	manifests := []any{}
	for _, tag := range tags {
		name := &jsontree.Object{}
		name.Set("org.opencontainers.image.ref.name", tag)
		entry := &jsontree.Object{}
		entry.Add(l.Descriptor)
		annotations := &jsontree.Object{}
		annotations.Add(layout.Child(l.Descriptor, "annotations"))
		annotations.Add(name)
		entry.Set("annotations", annotations)
		manifests = append(manifests, entry)
	}
	top := &jsontree.Object{}
	top.Set("manifests", manifests)
	p.data("index.json", top)
	return p.entries, p.err
}

// planner collects entries, each name once, and the first error.
type planner struct {
	layout  *layout.Layout
	entries []Entry
	seen    map[string]bool
	err     error
}

func (p *planner) add(e Entry) {
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	if !p.seen[e.Name] {
		p.entries = append(p.entries, e)
	}
	p.seen[e.Name] = true
}

func (p *planner) blob(digest, suffix string) string {
	name, err := layout.BlobName(digest)
	if err != nil {
		p.err = err
		return ""
	}
	p.add(Entry{Name: name + suffix, Path: p.layout.Dir + "/" + name})
	return name + suffix
}

func (p *planner) data(name string, value any) {
	p.add(Entry{Name: name, Data: append(jsontree.Encode(value), '\n')})
}

// Write writes the entries as a tar file.
func Write(w io.Writer, entries []Entry) error {
	archive := tar.NewWriter(w)
	for _, e := range entries {
		if err := writeEntry(archive, e); err != nil {
			return fmt.Errorf("add %s to the archive: %w", e.Name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("end the archive: %w", err)
	}
	return nil
}

func writeEntry(archive *tar.Writer, e Entry) error {
	var content io.Reader = bytes.NewReader(e.Data)
	size := int64(len(e.Data))
	if e.Data == nil {
		file, err := os.Open(e.Path)
		if err != nil {
			return err
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return err
		}
		content, size = file, info.Size()
	}
	header := &tar.Header{
		Name: e.Name, Size: size, Mode: 0o755, ModTime: time.Unix(modified, 0),
		Typeflag: tar.TypeReg, Format: tar.FormatUSTAR,
	}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}
