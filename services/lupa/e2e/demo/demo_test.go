// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package demo tests the demonstration with PostgreSQL as people meet it: it is
// started, a row is changed in the way that it shows, and it is stopped.
package demo

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bazelbuild/rules_go/go/runfiles"
)

// limit is how long any one thing may take before the test gives up.
const limit = time.Minute

// A demo is the running demonstration.
type demo struct {
	t       *testing.T
	command *exec.Cmd
	address string   // Lupa's
	psql    []string // the command it shows, of the shell
}

// start starts the demonstration and reads what it says up to where it serves.
func start(t *testing.T) *demo {
	t.Helper()
	program, err := runfiles.Rlocation(os.Getenv("DEMO"))
	if err != nil {
		t.Fatal(err)
	}
	d := &demo{t: t, command: exec.Command(program, "-listen=127.0.0.1:0")}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d.command.Stdout, d.command.Stderr = w, w
	if err := d.command.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { d.command.Process.Kill() }) //nolint:errcheck // it may be gone already
	lines := bufio.NewScanner(r)
	var said strings.Builder
	for d.address == "" && lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		d.look(lines.Text())
	}
	go func() {
		for lines.Scan() { // so that it never waits for us
		}
	}()
	if d.address == "" || len(d.psql) != 1 {
		t.Fatalf("the demonstration does not serve, or shows nothing to do:\n%s", &said)
	}
	return d
}

var serving = regexp.MustCompile(`msg=serving address=(\S+)`)

func (d *demo) look(line string) {
	if match := serving.FindStringSubmatch(line); match != nil {
		d.address = "http://" + match[1]
	}
	if strings.Contains(line, "/psql -c ") {
		d.psql = append(d.psql, strings.TrimSpace(line))
	}
}

// first is the id of the first hit, "" without any.
func (d *demo) first(query string) (string, error) {
	response, err := (&http.Client{Timeout: limit}).Get(d.address + "/v1/search?q=" + url.QueryEscape(query))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct{ Hits []struct{ ID string } }
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("search: %s", response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || len(answer.Hits) == 0 {
		return "", err
	}
	return answer.Hits[0].ID, nil
}

// wait waits until a search finds the document first.
func (d *demo) wait(query, want string) {
	d.t.Helper()
	for deadline := time.Now().Add(limit); ; {
		got, err := d.first(query)
		if err == nil && got == want {
			return
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("search %s finds %q first, want %s: %v", query, got, want, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestDemo(t *testing.T) {
	d := start(t)
	d.wait(`"canis familiaris"`, "n02084071")
	if out, err := exec.Command("/bin/sh", "-c", d.psql[0]).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", d.psql[0], err, out)
	}
	d.wait(`"lupine friend"`, "n02084071")

	if err := d.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := d.command.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	folder := filepath.Dir(filepath.Dir(strings.Fields(d.psql[0])[0]))
	if _, err := os.Stat(folder); err == nil {
		t.Errorf("it leaves %s", folder)
	}
}
