// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package model

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
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bazelbuild/rules_go/go/runfiles"
)

// program finds lupa: what Bazel built, or what the variable names elsewhere.
func program(t *testing.T) string {
	t.Helper()
	name := os.Getenv("LUPA")
	if filepath.IsAbs(name) {
		return name
	}
	file, err := runfiles.Rlocation(name)
	if err != nil {
		t.Fatalf("LUPA=%q: %v", name, err)
	}
	return file
}

// A lupa is the program, started and killed again and again, with one cache.
type lupa struct {
	t       *testing.T
	program string
	config  string
	env     []string

	command *exec.Cmd
	exited  chan struct{}
	address string

	mu   sync.Mutex
	said bytes.Buffer // the end of its log
}

// start starts the program and waits until it serves.
func (l *lupa) start() {
	l.t.Helper()
	l.command = exec.Command(l.program, "-config="+l.config, "-listen=127.0.0.1:0")
	l.command.Env = l.env
	l.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stderr, err := l.command.StderrPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.command.Start(); err != nil {
		l.t.Fatal(err)
	}
	address := make(chan string, 1)
	l.exited = make(chan struct{})
	go l.read(stderr, address, l.command, l.exited)
	select {
	case l.address = <-address:
	case <-l.exited:
		l.t.Fatalf("lupa ended: %s", l.log())
	case <-time.After(patience):
		l.t.Fatalf("lupa does not serve: %s", l.log())
	}
}

// maxLog bounds what is kept of the log.
const maxLog = 64 << 10

func (l *lupa) read(stderr io.Reader, address chan<- string, command *exec.Cmd, exited chan<- struct{}) {
	scanner := bufio.NewScanner(stderr)
	for scanner.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Msg == "serving" {
			address <- "http://" + line.Address
		}
		l.mu.Lock()
		if l.said.Len() > maxLog {
			l.said.Next(l.said.Len() / 2)
		}
		l.said.Write(append(scanner.Bytes(), '\n'))
		l.mu.Unlock()
	}
	command.Wait() //nolint:errcheck // it was killed
	close(exited)
}

func (l *lupa) log() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.String()
}

// end sends a signal that ends the program, and waits for it.
func (l *lupa) end(signal syscall.Signal) {
	l.t.Helper()
	if err := l.command.Process.Signal(signal); err != nil {
		l.t.Fatalf("lupa had ended by itself: %v\n%s", err, l.log())
	}
	select {
	case <-l.exited:
	case <-time.After(patience):
		l.t.Fatalf("lupa does not end at %v:\n%s", signal, l.log())
	}
}

// get asks for JSON; the status is 0 where no answer came.
func (l *lupa) get(path string, into any) (status int) {
	client := http.Client{Timeout: patience}
	answer, err := client.Get(l.address + path)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			return 0
		}
	}
	return answer.StatusCode
}

// A hit is a document as lupa has it.
type hit struct {
	ID     string
	Fields map[string]any
}

// all reads every document, page by page.
func (l *lupa) all(filter string) (map[string]map[string]any, error) {
	found := make(map[string]map[string]any)
	cursor := ""
	for {
		var page struct {
			Hits   []hit
			Total  int
			Cursor string
		}
		path := "/v1/collections/items/search?limit=1000" + filter
		if cursor != "" {
			path += "&cursor=" + url.QueryEscape(cursor)
		}
		if status := l.get(path, &page); status != http.StatusOK {
			return nil, fmt.Errorf("%s: status %d", path, status)
		}
		for _, h := range page.Hits {
			if found[h.ID] != nil {
				return nil, fmt.Errorf("document %s comes twice", h.ID)
			}
			found[h.ID] = h.Fields
		}
		if cursor = page.Cursor; cursor == "" {
			if len(found) != page.Total {
				return nil, fmt.Errorf("%d documents came of %d", len(found), page.Total)
			}
			return found, nil
		}
	}
}

// words splits a text as lupa does, where it has only letters and spaces.
func words(text string) []string { return strings.Fields(strings.ToLower(text)) }
