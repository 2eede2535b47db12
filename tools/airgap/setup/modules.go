// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// fetchModules brings the Bazel modules that are Go modules, and Go's SDK. The
// go command checks them against go.sum.
func fetchModules(c config, pins map[string]string, partial string) error {
	say("[5/5] downloading the Go SDK %s and the rules for Go", pins["GO_SDK"])
	sdk := "golang.org/toolchain@v0.0.1-go" + pins["GO_SDK"] + ".linux-amd64"
	zips, err := downloadModules(c, []string{sdk, "github.com/bazelbuild/rules_go", "github.com/bazelbuild/bazel-gazelle"})
	if err != nil {
		return err
	}
	kept := filepath.Join(partial, "go-sdk.zip")
	if err := copyFile(kept, zips[0]); err != nil {
		return err
	}
	goRoot := filepath.Join(partial, "go")
	for i, to := range []string{goRoot, filepath.Join(partial, "modules/rules_go"), filepath.Join(partial, "modules/gazelle")} {
		if err := unzip(zips[i], to); err != nil {
			return err
		}
	}
	if err := dropDefaultSDK(filepath.Join(partial, "modules/rules_go/MODULE.bazel")); err != nil {
		return err
	}
	// Gazelle's repository tools build from its vendor folder, which the module's
	// zip leaves out. -e: test data names modules that do not exist.
	_, err = command(filepath.Join(partial, "modules/gazelle"),
		[]string{"GOROOT=" + goRoot, "GO111MODULE=on", "GOTOOLCHAIN=local", "GOWORK=off", "GOFLAGS=-mod=mod"},
		false, filepath.Join(goRoot, "bin/go"), "mod", "vendor", "-e")
	if err != nil {
		return err
	}
	return os.RemoveAll(goRoot)
}

// downloadModules asks the machine's go command for modules; the answer is one
// zip each, in order.
func downloadModules(c config, modules []string) ([]string, error) {
	// The folder may be read-only, and go may want to write there.
	work, err := os.MkdirTemp("", "lupa-modules-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := copyFile(filepath.Join(work, name), filepath.Join(c.modules, name)); err != nil {
			return nil, err
		}
	}
	out, err := command(work, []string{"GOWORK=off", "GOFLAGS=-mod=mod", "GO111MODULE=on", "GOTOOLCHAIN=local"}, false,
		c.goTool, append([]string{"mod", "download", "-json"}, modules...)...)
	if err != nil {
		return nil, fmt.Errorf("%v\n%s\nIs the Go module proxy reachable? GOPROXY names it", err, out)
	}
	return moduleZips(out, modules)
}

// moduleZips reads what `go mod download -json` prints.
func moduleZips(out []byte, modules []string) ([]string, error) {
	byName := make(map[string]string)
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var module struct{ Path, Version, Zip, Error string }
		if err := decoder.Decode(&module); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		if module.Error != "" {
			return nil, fmt.Errorf("%s: %s", module.Path, module.Error)
		}
		byName[module.Path] = module.Zip
	}
	var zips []string
	for _, module := range modules {
		name, _, _ := strings.Cut(module, "@")
		if byName[name] == "" {
			return nil, fmt.Errorf("go mod download gave no zip of %s", module)
		}
		zips = append(zips, byName[name])
	}
	return zips, nil
}

// dropDefaultSDK takes rules_go's own choice of an SDK out of its module file:
// this workspace names one, and looking that choice up needs the internet.
func dropDefaultSDK(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	const call = "go_sdk.from_file("
	before, rest, ok := strings.Cut(string(data), call)
	_, after, closed := strings.Cut(rest, "\n)\n")
	if !ok || !closed {
		return fmt.Errorf("%s has no %s…) to leave out", file, call)
	}
	return os.WriteFile(file, []byte(before+after), 0o644)
}

// unzip unpacks a module's zip, whose entries all begin with module@version/.
// Scripts and programs become executable: such zips do not always say it.
func unzip(file, to string) error {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return fmt.Errorf("%s: %v", file, err)
	}
	defer archive.Close()
	for _, entry := range archive.File {
		at := strings.Index(entry.Name, "@")
		slash := at + strings.Index(entry.Name[at+1:], "/") + 2
		if at < 0 || slash < at+2 || strings.Contains(entry.Name, "..") && !fs.ValidPath(entry.Name) {
			return fmt.Errorf("%s: unexpected entry %q", file, entry.Name)
		}
		name := entry.Name[slash:]
		if name == "" || strings.HasSuffix(name, "/") {
			continue
		}
		mode := fs.FileMode(0o644)
		if entry.Mode()&0o111 != 0 || strings.HasSuffix(name, ".sh") || strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "pkg/tool/") {
			mode = 0o755
		}
		if err := unzipEntry(entry, filepath.Join(to, filepath.FromSlash(name)), mode); err != nil {
			return err
		}
	}
	return nil
}

func unzipEntry(entry *zip.File, to string, mode fs.FileMode) error {
	from, err := entry.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	return writeFile(to, from, mode)
}

func copyFile(to, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return writeFile(to, f, 0o644)
}

func writeFile(to string, from io.Reader, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, from); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
