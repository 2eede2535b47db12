// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// keyring verifies the archive's signature; it is part of every Debian.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// An apt is a private state of apt, apart from the machine's own.
type apt struct {
	dir    string // holds lists, cache and configuration
	config string // APT_CONFIG
}

// newApt writes the configuration of a private apt that knows one suite.
func newApt(dir, archive, suite string) (apt, error) {
	a := apt{dir: dir, config: filepath.Join(dir, "apt.conf")}
	if _, err := os.Stat(keyring); err != nil {
		return a, fmt.Errorf("%s is missing; install the package debian-archive-keyring", keyring)
	}
	for _, sub := range []string{"lists/partial", "cache/archives/partial", "state"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return a, err
		}
	}
	files := map[string]string{
		"state/status": "",
		"sources.list": fmt.Sprintf("deb [arch=amd64 signed-by=%s] %s %s main\n", keyring, strings.TrimRight(archive, "/"), suite),
		"apt.conf": fmt.Sprintf(`Dir::State "%[1]s/state";
Dir::State::Lists "%[1]s/lists";
Dir::State::status "%[1]s/state/status";
Dir::Cache "%[1]s/cache";
Dir::Etc::SourceList "%[1]s/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
APT::Update::Post-Invoke-Success { };
`, dir),
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (a apt) run(dir string, visible bool, name string, args ...string) ([]byte, error) {
	return command(dir, []string{"APT_CONFIG=" + a.config, "LC_ALL=C"}, visible, name, args...)
}

// fetchPackages downloads the packages of the private Bazel and returns their
// files. Those that are there already, and whole, are not asked for again.
func fetchPackages(c config, pins map[string]string) ([]string, error) {
	from, err := archive(c.snapshot, "/etc/apt")
	if err != nil {
		return nil, err
	}
	a, err := newApt(filepath.Join(c.home, "apt-"+pins["SUITE"]), from, pins["SUITE"])
	if err != nil {
		return nil, err
	}
	say("[1/5] reading the package list of Debian %s", pins["SUITE"])
	if _, err := a.run(a.dir, false, "apt-get", "-qq", "--error-on=any", "update"); err != nil {
		return nil, fmt.Errorf("%s does not give the package list of %s:\n%v\nSay what to do instead: another mirror in LUPA_DEBIAN_MIRRORS, or a proxy in apt's configuration", from, pins["SUITE"], err)
	}
	list, err := a.run(a.dir, false, "apt-cache", "dumpavail")
	if err != nil {
		return nil, err
	}
	available := readPackages(string(list))
	if err := checkBazel(available, pins["SUITE"], pins["BAZEL_SERIES"]); err != nil {
		return nil, err
	}
	wanted, err := closure(available, append(roots(), pins["JRE"]), leftOut())
	if err != nil {
		return nil, fmt.Errorf("%v; the suite %s has changed: name an earlier day of the archive in LUPA_BAZEL_SNAPSHOT, for example 20261101T000000Z", err, pins["SUITE"])
	}
	return a.download(filepath.Join(c.home, "downloads"), wanted)
}

// download puts every package into dir and checks it against the list.
func (a apt) download(dir string, wanted []pkg) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var missing []string
	var bytes, all int64
	for _, p := range wanted {
		all += p.size
		if p.check(dir) != nil {
			os.Remove(filepath.Join(dir, p.file()))
			missing = append(missing, p.name+"="+p.version)
			bytes += p.size
		}
	}
	say("[2/5] downloading %d of %d packages, %d of %d MB", len(missing), len(wanted), bytes>>20, all>>20)
	if len(missing) > 0 {
		if _, err := a.run(dir, isTerminal(os.Stderr), "apt-get", append([]string{"-q", "download"}, missing...)...); err != nil {
			return nil, fmt.Errorf("%v\nWhat came whole is kept: start again, or name another mirror in LUPA_DEBIAN_MIRRORS", err)
		}
	}
	var files []string
	for _, p := range wanted {
		if err := p.check(dir); err != nil {
			return nil, err
		}
		files = append(files, filepath.Join(dir, p.file()))
	}
	return files, nil
}

// check compares a downloaded package with the list.
func (p pkg) check(dir string) error {
	f, err := os.Open(filepath.Join(dir, p.file()))
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return err
	}
	if found := hex.EncodeToString(hash.Sum(nil)); found != p.sha256 {
		return fmt.Errorf("%s: SHA-256 is %s, the package list says %s; remove the file and start again", f.Name(), found, p.sha256)
	}
	return nil
}

// file is the name that apt-get download gives: an epoch's colon is escaped.
func (p pkg) file() string {
	return p.name + "_" + strings.ReplaceAll(p.version, ":", "%3a") + "_" + p.architecture + ".deb"
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
