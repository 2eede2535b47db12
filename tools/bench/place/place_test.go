// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package place_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/tools/apt/mirror"
	"github.com/lupasearch/lupa/tools/bench/place"
)

// archive makes a mirror, of files, that has the list.
func archive(t *testing.T, content []byte) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "debian")
	file := filepath.Join(folder, "dists/bookworm/main/Contents-amd64.gz")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestContents(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte("list")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	ctx := context.Background()
	t.Setenv(mirror.Variable, "file://"+archive(t, packed.Bytes()[:packed.Len()-3]))
	if _, err := place.Contents(ctx, ""); err == nil || !strings.Contains(err.Error(), "-contents takes a file") {
		t.Errorf("list that was cut off: error %v, want one that names the flag", err)
	}
	folder := archive(t, packed.Bytes())
	t.Setenv(mirror.Variable, "file://"+folder)
	for _, step := range []string{"fetched", "kept"} {
		f, err := place.Contents(ctx, "")
		if err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		got, err := io.ReadAll(f)
		f.Close()
		if err != nil || !bytes.Equal(got, packed.Bytes()) {
			t.Errorf("%s: %q, %v", step, got, err)
		}
		if err := os.RemoveAll(folder); err != nil { // the second time it is gone
			t.Fatal(err)
		}
	}
	if _, err := place.Contents(ctx, filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("file that is not there: error %v", err)
	}
}

// The flag wins over the variable, and the help shows neither.
func TestPostgresFlag(t *testing.T) {
	t.Setenv(place.PostgresVariable, "password=secret")
	var help bytes.Buffer
	fs := flag.NewFlagSet("x", flag.ContinueOnError)
	fs.SetOutput(&help)
	dsn := place.PostgresFlag(fs)
	fs.PrintDefaults()
	if strings.Contains(help.String(), "secret") {
		t.Errorf("the help has the address: %s", help.String())
	}
	if got := dsn(); got != "password=secret" {
		t.Errorf("from the variable: %q", got)
	}
	if err := fs.Parse([]string{"-postgres=host=x"}); err != nil {
		t.Fatal(err)
	}
	if got := dsn(); got != "host=x" {
		t.Errorf("from the flag: %q", got)
	}
}
