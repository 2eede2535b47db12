// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package docs keeps the figures in the guides true.
package docs

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/DataDog/zstd"
	"github.com/bazelbuild/rules_go/go/runfiles"

	"github.com/lupasearch/lupa/tools/image/layout"
)

var update = flag.Bool("update", false, "write the table in images.md anew")

const (
	page     = "docs/images.md"
	begin    = "<!-- sizes: written by //docs:docs_test -update -->\n"
	end      = "<!-- sizes end -->\n"
	refresh  = "./tools/bazel run -c opt //docs:docs_test -- -update"
	records  = "var/lib/dpkg/status.d/"
	zstdBest = 19
)

// A row is what the table says of one image for one CPU.
type row struct {
	image, cpu           string
	unpacked, gzip, zstd float64 // megabytes
	files, packages      int
}

func (r row) String() string {
	return fmt.Sprintf("| %s | %s | %.1f | %.1f | %.1f | %d | %d |", r.image, r.cpu, r.unpacked, r.gzip, r.zstd, r.files, r.packages)
}

// differs says whether a figure is off by more than what a small change of the
// program does, which need not be written down. What zstd gives takes minutes to
// find out: it is measured when the table is written, and goes with the others.
func (r row) differs(o row) bool {
	off := func(a, b float64) bool { return math.Abs(a-b) > 0.1+0.01*b }
	return r.image != o.image || r.cpu != o.cpu || off(r.unpacked, o.unpacked) || off(r.gzip, o.gzip) ||
		r.files != o.files || r.packages != o.packages
}

// TestSizes compares the table with the images.
func TestSizes(t *testing.T) {
	var rows []row
	for pair := range strings.FieldsSeq(os.Getenv("IMAGES")) {
		label, place, _ := strings.Cut(pair, "=")
		dir, err := runfiles.Rlocation(place)
		if err != nil {
			t.Fatal(err)
		}
		images, err := layout.Images(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, image := range images {
			rows = append(rows, measure(t, label, image))
		}
	}
	if len(rows) < 18 {
		t.Fatalf("%d images, want nine for two CPUs", len(rows))
	}
	if *update {
		write(t, rows)
		return
	}
	text, err := os.ReadFile("images.md")
	if err != nil {
		t.Fatal(err)
	}
	written := parse(t, string(text))
	if !slices.EqualFunc(rows, written, func(a, b row) bool { return !a.differs(b) }) {
		for _, r := range rows {
			t.Logf("measured: %s", r)
		}
		t.Errorf("the table in %s has other figures; write it anew: %s", page, refresh)
	}
}

func measure(t *testing.T, label string, image layout.Image) row {
	t.Helper()
	config, err := image.Config()
	if err != nil {
		t.Fatal(err)
	}
	r := row{image: "`" + label + "`", cpu: config.Architecture}
	sizes, err := image.Sizes()
	if err != nil {
		t.Fatal(err)
	}
	for n, size := range sizes {
		r.unpacked += float64(size.Unpacked) / 1e6
		r.gzip += float64(size.Stored) / 1e6
		if *update {
			r.zstd += float64(packed(t, image, n)) / 1e6
		}
	}
	files, err := image.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, node := range files {
		if node.Type != '5' { // folders
			r.files++
		}
		if p, ok := strings.CutPrefix(name, records); ok && !strings.HasSuffix(p, ".md5sums") {
			r.packages++
		}
	}
	return r
}

// packedSizes has the layers that were packed, by digest: images share most.
var packedSizes = make(map[string]int)

// packed gives the size of a layer as the reference zstd packs it.
func packed(t *testing.T, image layout.Image, number int) int {
	t.Helper()
	digest := image.Manifest.Layers[number].Digest.String()
	if size, ok := packedSizes[digest]; ok {
		return size
	}
	layer, err := image.Layer(number)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(layer)
	if err != nil {
		t.Fatal(err)
	}
	if err := layer.Close(); err != nil {
		t.Fatal(err)
	}
	small, err := zstd.CompressLevel(nil, data, zstdBest)
	if err != nil {
		t.Fatal(err)
	}
	packedSizes[digest] = len(small)
	return len(small)
}

// table gives the text between the marks.
func table(t *testing.T, text string) (before, between, after string) {
	t.Helper()
	before, rest, ok := strings.Cut(text, begin)
	between, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no %q … %q", page, begin, end)
	}
	return before, between, after
}

// parse reads the table's rows.
func parse(t *testing.T, text string) []row {
	t.Helper()
	_, between, _ := table(t, text)
	var rows []row
	for line := range strings.Lines(between) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 7 || !strings.HasPrefix(line, "| `") {
			continue
		}
		var numbers []float64
		for _, cell := range cells[2:] {
			number, err := strconv.ParseFloat(strings.Trim(cell, " |"), 64)
			if err != nil {
				t.Fatalf("%s: %v", page, err)
			}
			numbers = append(numbers, number)
		}
		rows = append(rows, row{
			strings.TrimPrefix(cells[0], "| "), cells[1], numbers[0], numbers[1], numbers[2], int(numbers[3]), int(numbers[4]),
		})
	}
	return rows
}

func write(t *testing.T, rows []row) {
	t.Helper()
	workspace := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	if workspace == "" {
		t.Fatal("-update works by bazel run only")
	}
	file := filepath.Join(workspace, page)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, _, after := table(t, string(text))
	var b strings.Builder
	b.WriteString("| image | CPU | unpacked | gzip | zstd -19 | files | packages |\n|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintln(&b, r)
	}
	if err := os.WriteFile(file, []byte(before+begin+b.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
