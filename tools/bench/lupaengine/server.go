// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package lupaengine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/engine"
)

// How long things may take.
const (
	startTime = time.Minute
	indexTime = 10 * time.Minute
	stopTime  = 15 * time.Second
	pollTime  = 20 * time.Millisecond
)

// A Server is a running Lupa with one collection. The caller closes it.
type Server struct {
	// URL is its address, without a slash at the end.
	URL string
	// Address is the host and port in it.
	Address string

	client  *http.Client
	folder  string
	command *exec.Cmd
	said    *log
	exited  chan struct{} // closed when the program has ended
}

// Start runs the program on a collection and returns when it can be searched.
func (e Engine) Start(ctx context.Context, c *corpus.Collection) (*Server, error) {
	if e.Program == "" {
		return nil, fmt.Errorf("%w: no program given", engine.ErrMissing)
	}
	folder, err := os.MkdirTemp("", "lupa-bench-")
	if err != nil {
		return nil, err
	}
	s := &Server{client: &http.Client{}, folder: folder, exited: make(chan struct{}), said: &log{}}
	if err := e.run(ctx, s, c); err != nil {
		if tail := s.said.tail(); tail != "" {
			err = fmt.Errorf("%w; lupa said:\n%s", err, tail)
		}
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (e Engine) run(ctx context.Context, s *Server, c *corpus.Collection) error {
	if err := writeDocuments(filepath.Join(s.folder, "documents.jsonl"), c); err != nil {
		return err
	}
	config := filepath.Join(s.folder, "lupa.yaml")
	if err := os.WriteFile(config, []byte(e.config(s.folder, c)), 0o644); err != nil {
		return err
	}
	s.command = exec.Command(e.Program, "-config="+config, "-index=true")
	stderr, err := s.command.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.command.Start(); err != nil {
		return err
	}
	serving := make(chan string, 1)
	go s.read(stderr, serving)
	select {
	case s.Address = <-serving:
		s.URL = "http://" + s.Address
	case <-s.exited:
		return errors.New("lupa ended before it served")
	case <-time.After(startTime):
		return fmt.Errorf("lupa does not serve after %s", startTime)
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.awaitReady(ctx)
}

// config writes the configuration of a collection. Strings are written as JSON
// has them, which YAML can read.
func (e Engine) config(folder string, c *corpus.Collection) string {
	var out strings.Builder
	fmt.Fprintf(&out, "listen: 127.0.0.1:0\ncache: %q\nrefresh: 0s\nlog: {format: json, level: info}\n", filepath.Join(folder, "cache"))
	fmt.Fprintf(&out, "collections:\n  - name: %q\n    source: {format: jsonl, path: %q}\n    fields:\n", c.Name, filepath.Join(folder, "documents.jsonl"))
	for _, f := range c.Fields {
		fmt.Fprintf(&out, "      - {name: %q, weight: %g%s}\n", f.Name, f.Weight, e.fieldSettings(f))
	}
	if c.Language != "" {
		fmt.Fprintf(&out, "    language: %s\n", c.Language)
	}
	for line := range strings.Lines(e.Settings) {
		fmt.Fprintf(&out, "    %s\n", strings.TrimRight(line, "\n"))
	}
	return out.String()
}

// exact is what a document gains by being called what was asked for, as in Lupa's
// demo.
const exact = 0.5

// fieldSettings are what an operator would say of a field besides its weight.
func (e Engine) fieldSettings(f corpus.Field) string {
	if settings, given := e.Fields[f.Name]; given {
		if settings == "" {
			return ""
		}
		return ", " + settings
	}
	var settings string
	if f.Names {
		settings += fmt.Sprintf(", exact: %g", exact)
	}
	if f.Separator != "" {
		settings += fmt.Sprintf(", multiple: true, split: %q", f.Separator)
	}
	return settings
}

// writeDocuments writes a JSON object a line.
func writeDocuments(file string, c *corpus.Collection) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	for _, d := range c.Documents {
		object := map[string]string{"id": d.ID}
		for i, f := range c.Fields {
			object[f.Name] = d.Values[i]
		}
		if err := e.Encode(object); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(out.Flush(), f.Close())
}

// read takes the program's log in until it ends, and passes the address on.
func (s *Server) read(stderr io.Reader, serving chan<- string) {
	defer close(s.exited)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		s.said.add(lines.Text())
		var line struct {
			Message string `json:"msg"`
			Address string `json:"address"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Message == "serving" {
			serving <- line.Address
		}
	}
	s.command.Wait() //nolint:errcheck // it was stopped by a signal, or its log says why
}

// awaitReady asks until every document is indexed.
func (s *Server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, indexTime)
	defer cancel()
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		if response, err := s.client.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ticker.C:
		case <-s.exited:
			return errors.New("lupa ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("wait for lupa to be ready: %w", ctx.Err())
		}
	}
}

// Process is the program's process, for measuring it.
func (s *Server) Process() *os.Process { return s.command.Process }

// Close stops the program and removes its files.
func (s *Server) Close() error {
	s.client.CloseIdleConnections()
	if s.command != nil && s.command.Process != nil {
		s.command.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
		select {
		case <-s.exited:
		case <-time.After(stopTime):
			s.command.Process.Kill() //nolint:errcheck // it may have ended
			<-s.exited
		}
	}
	return os.RemoveAll(s.folder)
}
