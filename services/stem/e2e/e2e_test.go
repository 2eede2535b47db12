// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e tests the image as it is shipped: the program in it, run with the
// libraries of the image and no others, on each CPU.
package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bazelbuild/rules_go/go/runfiles"

	"github.com/lupasearch/lupa/tools/image/closure"
	"github.com/lupasearch/lupa/tools/image/layout"
)

// limit is how long any one thing may take before the test gives up.
const limit = time.Minute

// library is the C library that the program is linked with, by CPU.
var library = map[string]string{
	"amd64": "usr/lib/x86_64-linux-gnu/libstemmer.so.0d",
	"arm64": "usr/lib/aarch64-linux-gnu/libstemmer.so.0d",
}

// An unpacked image, and how its program is started.
type unpacked struct {
	image   layout.Image
	cpu     string
	root    string
	command []string
}

// images unpacks the image of each CPU.
func images(t *testing.T) []unpacked {
	t.Helper()
	found, err := layout.Images(runfile(t, "IMAGES"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != len(library) {
		t.Fatalf("%d images, want one for each of %d CPUs", len(found), len(library))
	}
	var all []unpacked
	for _, image := range found {
		config, err := image.Config()
		if err != nil {
			t.Fatal(err)
		}
		root, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		u := unpacked{image: image, cpu: config.Architecture, root: root}
		if err := image.Unpack(u.root); err != nil {
			t.Fatal(err)
		}
		switch u.cpu {
		case "amd64":
			u.command = []string{
				filepath.Join(u.root, "lib64/ld-linux-x86-64.so.2"), "--inhibit-cache", "--library-path",
				filepath.Join(u.root, "lib/x86_64-linux-gnu") + ":" + filepath.Join(u.root, "usr/lib/x86_64-linux-gnu"),
			}
		case "arm64":
			u.command = []string{filepath.Join(runfile(t, "EMULATOR"), "usr/bin/qemu-aarch64-static"), "-L", u.root}
		}
		u.command = append(u.command, filepath.Join(u.root, config.Config.Entrypoint[0]))
		all = append(all, u)
	}
	return all
}

func (u unpacked) run(args ...string) *exec.Cmd {
	return exec.Command(u.command[0], append(u.command[1:], args...)...)
}

// TestLifeOfAService starts the program, asks it, and stops it.
func TestLifeOfAService(t *testing.T) {
	for _, u := range images(t) {
		t.Run(u.cpu, func(t *testing.T) {
			service := u.run("-listen=127.0.0.1:0")
			stderr, err := service.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := service.Start(); err != nil {
				t.Fatal(err)
			}
			hung := time.AfterFunc(limit, func() { service.Process.Kill() }) //nolint:errcheck // it may be gone already
			defer hung.Stop()
			log := bufio.NewScanner(stderr)
			address := awaitAddress(t, log)
			u.checkLoaded(t, service.Process.Pid)

			query := url.Values{"language": {"spanish"}, "words": {"canción canciones CANCION"}}
			r, err := http.Get("http://" + address + "/v1/stem?" + query.Encode())
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			data, err := io.ReadAll(r.Body)
			if err != nil || strings.Count(string(data), `"stem":"cancion"`) != 3 {
				t.Errorf("status %d, %v: %s", r.StatusCode, err, data)
			}
			if out, err := u.run("-healthcheck", "-listen="+address).CombinedOutput(); err != nil {
				t.Errorf("healthcheck: %v: %s", err, out)
			}
			if err := service.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			last := ""
			for log.Scan() {
				last = log.Text()
			}
			if err := service.Wait(); err != nil || !strings.Contains(last, `"stopped"`) {
				t.Errorf("after SIGTERM: %v; it said %s", err, last)
			}
			if out, err := u.run("-healthcheck", "-listen="+address).CombinedOutput(); err == nil {
				t.Errorf("healthcheck of a stopped service succeeds: %s", out)
			}
		})
	}
}

// checkLoaded sees that every library of a running program is the image's: the
// loader would take the machine's where the image has none.
func (u unpacked) checkLoaded(t *testing.T, pid int) {
	t.Helper()
	seen := map[string]bool{}
	for line := range strings.Lines(string(read(t, fmt.Sprintf("/proc/%d/maps", pid)))) {
		_, file, named := strings.Cut(strings.TrimSpace(line), "/")
		if !named || !strings.Contains(file, ".so") {
			continue
		}
		inside, ok := strings.CutPrefix("/"+file, u.root+"/")
		if !ok {
			t.Errorf("it loads /%s, which is not the image's", file)
		}
		seen[path.Base(inside)] = true
	}
	for _, want := range []string{"libc.so.6", path.Base(library[u.cpu])} {
		if !seen[want] && !seen[want+".0.0"] {
			t.Errorf("it does not load %s, but %v", want, seen)
		}
	}
}

func awaitAddress(t *testing.T, log *bufio.Scanner) string {
	t.Helper()
	var said strings.Builder
	for log.Scan() {
		var line struct{ Msg, Address string }
		if err := json.Unmarshal(log.Bytes(), &line); err == nil && line.Msg == "serving" {
			return line.Address
		}
		fmt.Fprintln(&said, log.Text())
	}
	t.Fatalf("it ended without serving: %s", said.String())
	return ""
}

func TestEndings(t *testing.T) {
	u := images(t)[0]
	for args, want := range map[string]struct {
		code int
		text string
	}{
		"-help":            {0, "-healthcheck"},
		"-nonsense":        {2, "-nonsense"},
		"serve":            {2, `unexpected argument "serve"`},
		"-listen=nonsense": {1, "nonsense"},
	} {
		command := u.run(args)
		out, _ := command.CombinedOutput() //nolint:errcheck // the state has the exit code
		if code := command.ProcessState.ExitCode(); code != want.code || !strings.Contains(string(out), want.text) {
			t.Errorf("stem %s: exit code %d, want %d; it said %s", args, code, want.code, out)
		}
	}
}

// TestLibraryIsTheOneLinked follows libstemmer: what is linked is what is
// shipped, with records and licence, in a layer between base and program.
func TestLibraryIsTheOneLinked(t *testing.T) {
	for _, u := range images(t) {
		linked := read(t, filepath.Join(runfile(t, "SYSROOT_"+strings.ToUpper(u.cpu)), library[u.cpu]))
		if !bytes.Equal(linked, read(t, filepath.Join(u.root, library[u.cpu]))) {
			t.Errorf("%s: the image's libstemmer is not the sysroot's", u.cpu)
		}
		record := string(read(t, filepath.Join(u.root, "var/lib/dpkg/status.d/libstemmer0d")))
		if !strings.Contains(record, "Architecture: "+u.cpu+"\n") {
			t.Errorf("%s: record for scanners: %s", u.cpu, record)
		}
		read(t, filepath.Join(u.root, "usr/share/doc/libstemmer0d/copyright"))

		files, err := u.image.Files()
		if err != nil {
			t.Fatal(err)
		}
		base, program := files["etc/passwd"].Layer, files["app/stem"].Layer
		if layer := files["var/lib/dpkg/status.d/libstemmer0d"].Layer; layer <= base || layer >= program {
			t.Errorf("%s: layers of base, library, program: %d, %d, %d", u.cpu, base, layer, program)
		}
	}
}

// TestMissingLibraryIsFound takes the library away, as if its layer had been
// forgotten.
func TestMissingLibraryIsFound(t *testing.T) {
	for _, u := range images(t) {
		nodes, err := u.image.Files()
		if err != nil {
			t.Fatal(err)
		}
		delete(nodes, library[u.cpu])
		report, err := closure.Check(closure.FromImage(nodes), closure.Options{})
		want := "/app/stem needs libstemmer.so.0d, which is not there for its CPU"
		if err != nil || len(report.Findings) != 1 || report.Findings[0] != want {
			t.Errorf("%s: findings %q, %v, want %q", u.cpu, report.Findings, err, want)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func runfile(t *testing.T, variable string) string {
	t.Helper()
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s=%q: %v", variable, os.Getenv(variable), err)
	}
	return file
}
