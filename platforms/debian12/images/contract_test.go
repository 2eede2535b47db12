// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"debug/elf"
	"encoding/pem"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/lupasearch/lupa/tools/image/debian"
)

// contract reads the sections of contract.txt.
func contract(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(runfile(t, "CONTRACT"))
	if err != nil {
		t.Fatal(err)
	}
	sections := make(map[string][]string)
	section := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			sections[section] = append(sections[section], line)
		}
	}
	for _, name := range []string{"static", "base_nossl", "base_nossl amd64", "base_nossl arm64", "absent"} {
		if len(sections[name]) == 0 {
			t.Fatalf("contract.txt has nothing in [%s]", name)
		}
	}
	if len(sections) != 5 {
		t.Fatalf("contract.txt has %d sections, want 5", len(sections))
	}
	return sections
}

func TestEveryImageIsThere(t *testing.T) {
	var got []string
	for _, i := range images(t) {
		got = append(got, i.name+" "+i.cpu)
	}
	want := []string{"static amd64", "static arm64", "base_nossl amd64", "base_nossl arm64"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
}

func TestPaths(t *testing.T) {
	sections := contract(t)
	each(t, func(t *testing.T, i image) {
		want := sections["static"]
		if i.name == "base_nossl" {
			want = slices.Concat(want, sections["base_nossl"], sections["base_nossl "+i.cpu])
		}
		for _, line := range want {
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "./"), " ")
			got := "nothing"
			if node, ok := i.files[name]; ok {
				got = node.String()
			}
			if got != line {
				t.Errorf("got %s, want %s", got, line)
			}
		}
	})
}

func TestAbsent(t *testing.T) {
	patterns, err := debian.ParseGlobs(contract(t)["absent"])
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, i image) {
		for name, node := range i.files {
			if patterns.Match(name) {
				t.Errorf("got %s, want nothing there", node)
			}
			if node.Type != tar.TypeDir && node.Mode&0o6000 != 0 {
				t.Errorf("got %s, want no file with the rights of another", node)
			}
			if node.Type == tar.TypeReg && node.Mode&0o022 != 0 {
				t.Errorf("got %s, want no file that others can write to", node)
			}
		}
	})
}

func TestContents(t *testing.T) {
	want := map[string]string{
		"/etc/passwd": `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`,
		"/etc/group": "root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n",
		"/etc/os-release": `PRETTY_NAME="Distroless"
NAME="Debian GNU/Linux"
ID="debian"
VERSION_ID="12"
VERSION="Debian GNU/Linux 12 (bookworm)"
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`,
	}
	each(t, func(t *testing.T, i image) {
		for name, text := range want {
			if diff := cmp.Diff(text, string(i.file(t, name).Data)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		if got := string(i.file(t, "/etc/debian_version").Data); !strings.HasPrefix(got, "12.") {
			t.Errorf("/etc/debian_version: got %q, want 12 and a point release", got)
		}
		for name, line := range map[string][]string{
			"/etc/nsswitch.conf": {"hosts:", "files", "dns"},
			"/etc/services":      {"https", "443/tcp"},
			"/etc/protocols":     {"tcp", "6", "TCP"},
		} {
			if !hasLine(i.file(t, name).Data, line) {
				t.Errorf("%s: got no line %v", name, line)
			}
		}
	})
}

// hasLine tells whether a line of a table begins with the fields.
func hasLine(table []byte, fields []string) bool {
	for line := range strings.Lines(string(table)) {
		if got := strings.Fields(line); len(got) >= len(fields) && slices.Equal(got[:len(fields)], fields) {
			return true
		}
	}
	return false
}

func TestConfig(t *testing.T) {
	// Whatever is not here must not be set: no entrypoint, no command, no labels.
	want := v1.Config{
		Env: []string{
			"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			"SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
		},
		User:       "0",
		WorkingDir: "/",
	}
	variants := map[string]string{"amd64": "", "arm64": "v8"}
	each(t, func(t *testing.T, i image) {
		if diff := cmp.Diff(want, i.config.Config); diff != "" {
			t.Errorf("config (-want +got):\n%s", diff)
		}
		type platform struct{ OS, Architecture, Variant string }
		if diff := cmp.Diff(
			platform{"linux", i.cpu, variants[i.cpu]},
			platform{i.config.OS, i.config.Architecture, i.config.Variant},
		); diff != "" {
			t.Errorf("platform (-want +got):\n%s", diff)
		}
	})
}

func TestCertificates(t *testing.T) {
	each(t, func(t *testing.T, i image) {
		subjects := make(map[string]bool)
		for rest := i.file(t, "/etc/ssl/certs/ca-certificates.crt").Data; len(rest) > 0; {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				t.Fatalf("%d bytes after %d certificates are none", len(rest), len(subjects))
			}
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			subjects[certificate.Subject.String()] = true
		}
		if len(subjects) <= 100 {
			t.Errorf("got %d authorities, want more than 100", len(subjects))
		}
	})
}

func TestTimeZones(t *testing.T) {
	noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	each(t, func(t *testing.T, i image) {
		for zone, want := range map[string]string{
			"UTC":              "12:00 UTC",
			"Etc/UTC":          "12:00 UTC",
			"Europe/Madrid":    "14:00 CEST",
			"America/New_York": "08:00 EDT",
			"Asia/Kolkata":     "17:30 IST",
		} {
			location, err := time.LoadLocationFromTZData(zone, i.file(t, "/usr/share/zoneinfo/"+zone).Data)
			if err != nil {
				t.Errorf("%s: %v", zone, err)
				continue
			}
			if got := noon.In(location).Format("15:04 MST"); got != want {
				t.Errorf("%s: got %s, want %s", zone, got, want)
			}
		}
	})
}

func TestLibraries(t *testing.T) {
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	loaders := map[string]string{"amd64": "/lib64/ld-linux-x86-64.so.2", "arm64": "/lib/ld-linux-aarch64.so.1"}
	triplets := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
	each(t, func(t *testing.T, i image) {
		if i.name == "static" {
			for name := range i.files {
				if strings.Contains(path.Base(name), ".so") {
					t.Errorf("got /%s, want no library", name)
				}
			}
			return
		}
		names := []string{loaders[i.cpu]}
		for _, library := range []string{"libc.so.6", "libm.so.6", "libresolv.so.2", "libpthread.so.0"} {
			names = append(names, "/lib/"+triplets[i.cpu]+"/"+library)
		}
		for _, name := range names {
			library, err := elf.NewFile(bytes.NewReader(i.file(t, name).Data))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if library.Machine != machines[i.cpu] || library.Type != elf.ET_DYN {
				t.Errorf("%s: got %v for %v, want a library for %v", name, library.Type, library.Machine, machines[i.cpu])
			}
		}
	})
}
