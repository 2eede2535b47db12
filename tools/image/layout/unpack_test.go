// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestUnpack(t *testing.T) {
	for _, c := range []struct {
		name   string
		layers [][]string
		want   map[string]string // path to what is read there
		err    string
	}{
		{
			name: "layers over each other", layers: [][]string{{"./", "a/", "a/b", "/c", "d"}, {"a/", "a/e", "d -> a/b"}},
			want: map[string]string{"a/b": "a/b", "a/e": "a/e", "c": "/c", "d": "a/b"},
		},
		{
			name: "absolute links stay inside", layers: [][]string{{"x/y/file", "deep/er/link -> /x/y/file", "top -> /x/y/file"}},
			want: map[string]string{"deep/er/link": "x/y/file", "top": "x/y/file"},
		},
		{name: "link over folder", layers: [][]string{{"a/b", "c/d"}, {"c -> a"}}, want: map[string]string{"c/b": "a/b"}},
		{name: "names cannot leave", layers: [][]string{{"../../a"}}, want: map[string]string{"a": "../../a"}},
		{name: "whiteout", layers: [][]string{{"a"}, {".wh.a"}}, err: ".wh.a: whiteouts are not supported"},
		{name: "through a link", layers: [][]string{{"out -> ../..", "out/a"}}, err: "out/a: "},
	} {
		b := newBuilder(t)
		var layers []v1.Descriptor
		for _, entries := range c.layers {
			layers = append(layers, b.layer("gzip", entries...))
		}
		b.write(b.image("amd64", layers...))
		dir := t.TempDir()
		err := b.only().Unpack(dir)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		got := map[string]string{}
		for place := range c.want {
			data, err := os.ReadFile(filepath.Join(dir, place))
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			got[place] = string(data)
		}
		if diff := cmp.Diff(c.want, got); c.want != nil && diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, diff)
		}
	}
}
