// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package publish_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/image"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layer"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/publish"
)

func TestPush(t *testing.T) {
	one, index := layouts(t)
	for kind, l := range map[string]*layout.Layout{"image": one, "index": index} {
		t.Run(kind, func(t *testing.T) {
			host, written := serve(t)
			var out bytes.Buffer
			request := publish.Request{Dir: l.Dir, Repository: host + "/a/b", Tags: []string{"latest", "v1"}}
			// Twice: pushing again is safe.
			for range 2 {
				out.Reset()
				if err := publish.Push(context.Background(), request, &out); err != nil {
					t.Fatal(err)
				}
			}
			repository := host + "/a/b"
			want := repository + "@" + l.Digest() + "\n" + repository + ":latest\n" + repository + ":v1\n"
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("references (-want +got):\n%s", diff)
			}
			for _, tag := range request.Tags {
				reference, err := name.ParseReference(repository + ":" + tag)
				if err != nil {
					t.Fatal(err)
				}
				head, err := remote.Head(reference)
				if err != nil {
					t.Fatal(err)
				}
				if head.Digest.String() != l.Digest() {
					t.Errorf("the tag %s names %s, want %s", tag, head.Digest, l.Digest())
				}
				pull(t, reference)
			}
			last := (*written)[len(*written)-2:]
			if diff := cmp.Diff([]string{"latest", "v1"}, last); diff != "" {
				t.Errorf("what was written last (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPushRefuses(t *testing.T) {
	one, _ := layouts(t)
	host, written := serve(t)
	tests := []struct {
		name, want string
		request    publish.Request
	}{
		{"no layout", "open the layout", publish.Request{Dir: t.TempDir(), Repository: host + "/a"}},
		{"repository with a tag", "without tag and digest", publish.Request{Dir: one.Dir, Repository: host + "/a:b"}},
		{"repository with a digest", "without tag and digest", publish.Request{Dir: one.Dir, Repository: host + "/a@" + one.Digest()}},
		{"no repository", "is none", publish.Request{Dir: one.Dir}},
		{"tag with a repository", "the tag", publish.Request{Dir: one.Dir, Repository: host + "/a", Tags: []string{"a:b"}}},
		{"no registry", "push 127.0.0.1:1/a@sha256:", publish.Request{Dir: one.Dir, Repository: "127.0.0.1:1/a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := publish.Push(context.Background(), test.request, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Push gave the error %v, want one that says %q", err, test.want)
			}
		})
	}
	if len(*written) > 0 {
		t.Errorf("%q were written all the same", *written)
	}
}

// pull reads all layers that reference names; the library checks their digests.
func pull(t *testing.T, reference name.Reference) {
	t.Helper()
	// Of an index, the image for linux/amd64.
	pulled, err := remote.Image(reference)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := pulled.Layers()
	if err != nil {
		t.Fatal(err)
	}
	if len(layers) != 1 {
		t.Fatalf("%s has %d layers, want 1", reference, len(layers))
	}
	content, err := layers[0].Compressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if n, err := io.Copy(io.Discard, content); n != 500_000 || err != nil {
		t.Errorf("read %d bytes of the layer of %s, %v; want 500000", n, reference, err)
	}
}

// serve starts a registry on loopback, and returns its address and the
// references of the manifests written so far, in order.
func serve(t *testing.T) (host string, written *[]string) {
	t.Helper()
	written = &[]string{}
	var mutex sync.Mutex
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, reference, ok := strings.Cut(r.URL.Path, "/manifests/"); ok && r.Method == http.MethodPut {
			mutex.Lock()
			*written = append(*written, reference)
			mutex.Unlock()
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), written
}

// layouts makes an image, and an index of it.
func layouts(t *testing.T) (one, index *layout.Layout) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "layer.tar")
	if err := os.WriteFile(file, bytes.Repeat([]byte("layer"), 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	descriptor, err := layer.Describe(file)
	if err != nil {
		t.Fatal(err)
	}
	spec := image.Spec{
		Platform: image.Platform{Architecture: "amd64", OS: "linux"},
		Layers:   []image.Layer{{Path: file, Descriptor: descriptor}},
	}
	if err := image.Build(spec, filepath.Join(dir, "one")); err != nil {
		t.Fatal(err)
	}
	one = open(t, filepath.Join(dir, "one"))
	if err := image.BuildIndex([]*layout.Layout{one}, filepath.Join(dir, "index")); err != nil {
		t.Fatal(err)
	}
	return one, open(t, filepath.Join(dir, "index"))
}

func open(t *testing.T, dir string) *layout.Layout {
	t.Helper()
	l, err := layout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
