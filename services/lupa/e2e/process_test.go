// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e tests the program as it is shipped: started, asked over HTTP,
// stopped, killed. What it says in its log tells when to go on; nothing sleeps.
//
// The same tests run on the program by itself, and inside of each image, for each
// CPU, without a container engine.
package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bazelbuild/rules_go/go/runfiles"
)

// limit is how long any one thing may take before the test gives up. It is far
// beyond what is expected: machines are slow at times.
const limit = time.Minute

// runfile finds a file that the build brings along, by the name of the
// environment variable that has its place.
func runfile(t *testing.T, variable string) string {
	t.Helper()
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s=%q: %v", variable, os.Getenv(variable), err)
	}
	return file
}

// A line is one of the program's log.
type line struct {
	Message   string `json:"msg"`
	Level     string `json:"level"`
	Address   string `json:"address"`
	Documents int    `json:"documents"`
	Error     string `json:"error"`
	raw       string
}

// A process is a running lupa.
type process struct {
	t       *testing.T
	command *exec.Cmd
	lines   chan line
	exited  chan struct{}
	address string

	mu   sync.Mutex
	said strings.Builder
}

// start starts the program; it is killed at the end of the test, if need be.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, command: lupa(t, args...), lines: make(chan line, 1000), exited: make(chan struct{})}
	stderr, err := p.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read(stderr)
	t.Cleanup(func() {
		p.command.Process.Kill() //nolint:errcheck // it may be gone already
		<-p.exited
	})
	return p
}

// read takes the log in until the program ends.
func (p *process) read(stderr io.Reader) {
	scanner := bufio.NewScanner(stderr)
	for scanner.Scan() {
		l := line{raw: scanner.Text()}
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			l.Message = l.raw
		}
		p.mu.Lock()
		p.said.WriteString(l.raw + "\n")
		p.mu.Unlock()
		p.lines <- l
	}
	close(p.lines)
	p.command.Wait() //nolint:errcheck // the state has the exit code
	close(p.exited)
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// await reads the log up to a line that begins with message.
func (p *process) await(message string) line {
	p.t.Helper()
	timeout := time.After(limit)
	for {
		select {
		case l, ok := <-p.lines:
			if !ok {
				p.t.Fatalf("lupa ended without saying %q; it said:\n%s", message, p.log())
			}
			if l.Message == "serving" {
				p.address = "http://" + l.Address
			}
			if strings.HasPrefix(l.Message, message) {
				return l
			}
		case <-timeout:
			p.t.Fatalf("lupa does not say %q; it said:\n%s", message, p.log())
		}
	}
}

// wait waits for the end and gives the exit code.
func (p *process) wait() int {
	p.t.Helper()
	timeout := time.After(limit)
	for {
		select {
		case <-p.lines:
		case <-p.exited:
			return p.command.ProcessState.ExitCode()
		case <-timeout:
			p.t.Fatalf("lupa does not end; it said:\n%s", p.log())
		}
	}
}

// answer is what the tests look at in an answer.
type answer struct {
	Total int
	Match string
	Hits  []struct {
		ID       string
		Fields   map[string]any
		Snippets map[string]string
	}
}

// get asks the running program.
func (p *process) get(path string) (int, []byte) {
	p.t.Helper()
	r, err := (&http.Client{Timeout: limit}).Get(p.address + path)
	if err != nil {
		p.t.Fatalf("%v; lupa said:\n%s", err, p.log())
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return r.StatusCode, data
}

func (p *process) search(query string) answer {
	p.t.Helper()
	status, data := p.get("/v1/search?q=" + query)
	var a answer
	if err := json.Unmarshal(data, &a); err != nil || status != http.StatusOK {
		p.t.Fatalf("search %s: status %d, %v: %s", query, status, err, data)
	}
	return a
}

// write makes a file in dir and returns its name.
func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// configuration writes one for documents in JSON lines.
func configuration(t *testing.T, dir string) string {
	t.Helper()
	return write(t, dir, "lupa.yaml", fmt.Sprintf(`listen: 127.0.0.1:0
cache: %s
log: {format: json, level: debug}
collections:
  - name: notes
    source: {format: jsonl, path: notes.jsonl}
    fields:
      - {name: title, weight: 3}
      - {name: text}
`, filepath.Join(dir, "cache")))
}
