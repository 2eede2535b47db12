// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"archive/tar"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/tools/apt/deb"
	"github.com/lupasearch/lupa/tools/image/closure"
	"github.com/lupasearch/lupa/tools/image/tarball"
)

// A Slice says what is taken out of packages: all that programs are loaded with.
type Slice struct {
	Programs  []string // ELF files
	Libraries []string // names of libraries that are loaded by name at run time
}

// machines are CPUs as Debian calls them.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// AddSlice puts the files of a slice into a layer, with the folders they lie in,
// and of each package that has one its licence and its records. Packages with none
// are left out altogether.
func AddSlice(layer *tarball.Layer, packages []Package, slice Slice) error {
	want := closure.Want{Programs: make(map[string][]byte), Libraries: slice.Libraries}
	for _, name := range slice.Programs {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		want.Programs[path.Base(name)] = data
	}
	all := make(closure.Files)
	owners := make(map[string]string)
	for _, p := range packages {
		if err := readFiles(all, owners, p); err != nil {
			return fmt.Errorf("package %s: %w", p.Name, err)
		}
		control, err := deb.ReadControl(p.Control)
		if err != nil {
			return fmt.Errorf("package %s: %w", p.Name, err)
		}
		want.Machine = machines[control.Paragraph.Value("Architecture")]
	}
	paths, err := closure.Follow(all, want)
	if err != nil {
		return err
	}
	for _, p := range packages {
		if err := addSlice(layer, p, paths, owners); err != nil {
			return err
		}
	}
	return nil
}

// addSlice puts in those of the paths that a package owns.
func addSlice(layer *tarball.Layer, p Package, paths []string, owners map[string]string) error {
	kept := map[string]bool{"usr/share/doc/" + p.Name + "/copyright": true}
	mine := slices.DeleteFunc(slices.Clone(paths), func(name string) bool { return owners[name] != p.Name })
	if len(mine) == 0 {
		return nil
	}
	for _, name := range mine {
		kept[name] = true
	}
	for name := range kept {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			kept[dir] = true
		}
	}
	keep := func(name string) bool { return kept[name] }
	return add(layer, p, keep, keep)
}

// readFiles reads all files of a package into memory.
func readFiles(files closure.Files, owners map[string]string, p Package) (err error) {
	data, closer, err := deb.OpenData(p.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	for {
		header, err := data.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
		switch header.Typeflag {
		case tar.TypeReg:
			content, err := io.ReadAll(data)
			if err != nil {
				return err
			}
			files[name] = closure.File{Data: content}
		case tar.TypeSymlink:
			files[name] = closure.File{Target: header.Linkname}
		case tar.TypeLink:
			files[name] = closure.File{Target: path.Clean("/" + header.Linkname)}
		default:
			continue
		}
		if owner := owners[name]; owner != "" && owner != p.Name {
			return fmt.Errorf("%s is in package %s, too", name, owner)
		}
		owners[name] = p.Name
	}
}
