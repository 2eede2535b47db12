// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package mirror_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/mirror"
)

func TestParse(t *testing.T) {
	got, err := mirror.Parse(" http://a.example/x/debian/ https://b.example/debian-security\ndebian=file:///srv/copy debian=http://c.example/proxy?x=y")
	if err != nil {
		t.Fatal(err)
	}
	want := []mirror.Base{
		{Archive: "debian", URL: "http://a.example/x/debian"},
		{Archive: "debian-security", URL: "https://b.example/debian-security"},
		{Archive: "debian", URL: "file:///srv/copy"},
		{Archive: "debian", URL: "http://c.example/proxy?x=y"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"debian", "ftp://a.example/debian", "debian=/srv/x", "http://", "http:///debian"} {
		if _, err := mirror.Parse(bad); err == nil || !strings.Contains(err.Error(), "is not the URL of a mirror: write ") {
			t.Errorf("Parse(%q): error %v", bad, err)
		}
	}
}

func TestFromApt(t *testing.T) {
	root := fstest.MapFS{
		"sources.list": {Data: []byte("# deb http://no.example/debian x main\ndeb http://a.example/debian x main # why\n" +
			"deb-src http://no.example/debian x main\ndeb [arch=amd64 signed-by=/x] https://b.example/debian/ x main\n" +
			"deb cdrom:[Debian 12]/ x main\ndeb http://short.example/debian\n")},
		"sources.list.d/z.list": {Data: []byte("deb\thttp://c.example/debian-security\tx main\n")},
		"sources.list.d/a.sources": {Data: []byte("Types: deb deb-src\nURIs: http://a.example/debian\n  https://d.example/debian\n\n" +
			"Types: deb\nURIs: http://off.example/debian\nEnabled: no\n\nTypes: deb-src\nURIs: http://no.example/debian\n\n" +
			"Types: deb\nURIs: https://other.example/node_20.x mirror+file:/etc/debian\n")},
		"sources.list.d/a.save": {Data: []byte("deb http://no.example/debian x main\n")},
	}
	got, err := mirror.FromApt(root, []string{"debian", "debian-security"})
	if err != nil {
		t.Fatal(err)
	}
	want := []mirror.Base{
		{Archive: "debian", URL: "http://a.example/debian"},
		{Archive: "debian", URL: "https://b.example/debian"},
		{Archive: "debian-security", URL: "http://c.example/debian-security"},
		{Archive: "debian", URL: "https://d.example/debian"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("FromApt (-want +got):\n%s", diff)
	}
	if got, err := mirror.FromApt(os.DirFS(filepath.Join(t.TempDir(), "none")), nil); err != nil || got != nil {
		t.Errorf("without apt: %v, %v; want nothing", got, err)
	}
	minimal := fstest.MapFS{"sources.list": {Data: []byte("deb http://a.example/debian x main\n")}}
	got, err = mirror.FromApt(minimal, []string{"debian", "debian-security"})
	want = []mirror.Base{{Archive: "debian", URL: "http://a.example/debian"}, {Archive: "debian-security", URL: "http://a.example/debian-security"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("FromApt of a minimal machine: %v (-want +got):\n%s", err, diff)
	}
	root["sources.list.d/bad.sources"] = &fstest.MapFile{Data: []byte("rubbish\n")}
	if _, err := mirror.FromApt(root, nil); err == nil || !strings.Contains(err.Error(), "sources.list.d/bad.sources:1: ") {
		t.Errorf("bad file: error %v, want one with file and line", err)
	}
}

func TestSnapshot(t *testing.T) {
	want := mirror.Base{Archive: "debian", URL: "https://snapshot.debian.org/archive/debian/20260102T030405Z"}
	if diff := cmp.Diff(want, mirror.Snapshot("debian", "20260102T030405Z")); diff != "" {
		t.Errorf("Snapshot (-want +got):\n%s", diff)
	}
}

// serve answers each path with a status or, for 200, with "content"; a number
// greater than 1000 is a status that is given once and followed by 200.
func serve(t *testing.T, answers map[string]int) (url string, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Path)
		status := answers[r.URL.Path]
		if status > 1000 {
			answers[r.URL.Path] = http.StatusOK
			status -= 1000
		}
		if status == http.StatusOK {
			w.Header().Set("Content-Length", strconv.Itoa(len("content")))
		}
		w.WriteHeader(status)
		if strings.Contains(r.URL.Path, "cut") {
			w.Write([]byte("con"))
		} else {
			w.Write([]byte("content"))
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func fetcher(bases ...string) *mirror.Fetcher {
	f := &mirror.Fetcher{Client: mirror.NewClient(time.Minute), Attempts: 2, Backoff: time.Millisecond, Log: slog.New(slog.DiscardHandler)}
	for _, b := range bases {
		f.Bases = append(f.Bases, mirror.Base{Archive: "debian", URL: b})
	}
	return f
}

func TestGet(t *testing.T) {
	url, asked := serve(t, map[string]int{
		"/ok/x": 200, "/busy/x": 1503, "/limited/x": 1429, "/gone/x": 404, "/down/x": 500, "/cut/x": 200, "/wrong/x": 200,
	})
	wrong := errors.New("wrong content")
	tests := []struct {
		name  string
		bases []string
		limit int64
		check error
		asked []string
		want  []string // Parts of the error; none means success.
	}{
		{name: "first", bases: []string{"/ok", "/gone"}, asked: []string{"/ok/x"}},
		{name: "gone at the first", bases: []string{"/gone", "/ok"}, asked: []string{"/gone/x", "/ok/x"}},
		{name: "busy once", bases: []string{"/busy"}, asked: []string{"/busy/x", "/busy/x"}},
		{name: "too many requests once", bases: []string{"/limited"}, asked: []string{"/limited/x", "/limited/x"}},
		{name: "gone everywhere", bases: []string{"/gone", "/gone"}, asked: []string{"/gone/x", "/gone/x"}, want: []string{"fetch x of archive debian", url + "/gone/x: answer 404"}},
		{name: "down", bases: []string{"/down"}, asked: []string{"/down/x", "/down/x"}, want: []string{"answer 500"}},
		{name: "cut off", bases: []string{"/cut"}, asked: []string{"/cut/x", "/cut/x"}, want: []string{"cut off after 3 bytes"}},
		{name: "too large", bases: []string{"/ok"}, limit: 3, asked: []string{"/ok/x"}, want: []string{"more than 3 bytes"}},
		{name: "wrong", bases: []string{"/ok"}, check: wrong, asked: []string{"/ok/x"}, want: []string{url + "/ok/x: wrong content"}},
		{name: "no mirror", want: []string{`no mirror of archive "debian" is known: set ` + mirror.Variable}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			*asked = nil
			f := fetcher()
			for _, b := range tt.bases {
				f.Bases = append(f.Bases, mirror.Base{Archive: "debian", URL: url + b})
			}
			limit := tt.limit
			if limit == 0 {
				limit = 100
			}
			data, err := f.Get(context.Background(), "debian", "x", limit, func([]byte) error { return tt.check })
			if diff := cmp.Diff(tt.asked, *asked); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if len(tt.want) == 0 && (err != nil || string(data) != "content") {
				t.Errorf("got %q, %v", data, err)
			}
			for _, part := range tt.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error %v, want one with %q", err, part)
				}
			}
		})
	}
}

func TestGetFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := fetcher("file://"+dir).Get(context.Background(), "debian", "x", 100, func([]byte) error { return nil })
	if err != nil || string(data) != "content" {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestGetCanceled(t *testing.T) {
	url, _ := serve(t, map[string]int{"/x": 500})
	f := fetcher(url)
	f.Backoff = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	f.Log = slog.New(cancelOnLog{slog.DiscardHandler, cancel})
	if _, err := f.Get(ctx, "debian", "x", 100, func([]byte) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// cancelOnLog cancels as soon as the fetcher logs its first failure.
type cancelOnLog struct {
	slog.Handler
	cancel func()
}

func (c cancelOnLog) Enabled(context.Context, slog.Level) bool { return true }

func (c cancelOnLog) Handle(context.Context, slog.Record) error {
	c.cancel()
	return nil
}
