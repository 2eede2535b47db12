// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package freshness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// How long things may take.
const (
	startTime = 10 * time.Minute
	stopTime  = 15 * time.Second
)

// A lupa is a running instance, with a cache of its own.
type lupa struct {
	client  http.Client
	command *exec.Cmd
	exited  chan struct{}
	url     string
	said    tail
}

// A tail keeps the end of a log. It is for one writer, read after that has ended.
type tail struct{ lines []string }

func (t *tail) add(line string) {
	t.lines = append(t.lines, line)
	t.lines = t.lines[max(0, len(t.lines)-20):]
}

const config = `listen: 127.0.0.1:0
cache: %q
log: {format: json, level: warn}
collections:
  - name: contents
    source:
      postgres: {dsn_env: BENCH_DSN, table: contents, key: [id], replica: %q, changes: {mode: %s}}
    fields:
      - {name: path}
      - {name: package, type: string, search: true}
`

// lupa starts an instance with an empty cache and returns when it has the table.
func (b *bench) lupa(ctx context.Context, name string) (*lupa, error) {
	folder := filepath.Join(b.folder, name)
	if err := errors.Join(os.RemoveAll(folder), os.Mkdir(folder, 0o755)); err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "lupa.yaml")
	text := fmt.Sprintf(config, filepath.Join(folder, "cache"), name, b.o.mode)
	// The address is told in a line of level info.
	text = strings.Replace(text, "level: warn", "level: info", 1)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return nil, err
	}
	env := append(os.Environ(), "BENCH_DSN="+b.server.DSN(database))
	if err := runEnv(ctx, env, b.o.lupa, "changefeed", "install", "-config="+file); err != nil {
		return nil, err
	}
	l := &lupa{command: exec.Command(b.o.lupa, "-config="+file), exited: make(chan struct{})}
	l.command.Env = env
	l.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stderr, err := l.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := l.command.Start(); err != nil {
		return nil, err
	}
	ready := make(chan string, 1)
	go l.read(stderr, ready)
	select {
	case l.url = <-ready:
		return l, nil
	case <-l.exited:
		return nil, fmt.Errorf("lupa ended:\n%s", strings.Join(l.said.lines, "\n"))
	case <-time.After(startTime):
		return nil, errors.Join(fmt.Errorf("lupa is not ready after %s", startTime), l.close())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), l.close())
	}
}

// read takes the log in, and passes the address on once everything is there.
func (l *lupa) read(stderr io.Reader, ready chan<- string) {
	defer close(l.exited)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		l.said.add(lines.Text())
		var line struct{ Msg, Page string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && strings.HasPrefix(line.Msg, "ready: ") {
			ready <- strings.TrimRight(line.Page, "/")
		}
	}
	l.command.Wait() //nolint:errcheck // it was stopped by a signal
}

func (l *lupa) close() error {
	l.client.CloseIdleConnections()
	if err := l.command.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("lupa ended by itself: %w", err)
	}
	select {
	case <-l.exited:
		return nil
	case <-time.After(stopTime):
		return errors.Join(errors.New("lupa does not stop"), l.command.Process.Kill())
	}
}

// memory is the most that was resident, in MB.
func (l *lupa) memory() (float64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "kB")), 64)
			return kilobytes / 1024, err
		}
	}
	return 0, errors.New("the system does not tell a process's memory")
}

// finds tells whether a word can be found.
func (l *lupa) finds(ctx context.Context, word string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url+"/v1/collections/contents/search?limit=1&match=all&q="+word, http.NoBody)
	if err != nil {
		return false, err
	}
	answer, err := l.client.Do(request)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	var found struct {
		Total     int
		Corrected string `json:"corrected_query"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&found); err != nil {
		return false, err
	}
	return answer.StatusCode == http.StatusOK && found.Total > 0 && found.Corrected == "", nil
}

func run(ctx context.Context, program string, args ...string) error {
	return runEnv(ctx, os.Environ(), program, args...)
}

func runEnv(ctx context.Context, env []string, program string, args ...string) error {
	command := exec.CommandContext(ctx, program, args...)
	command.Env = env
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, bytes.TrimSpace(out))
	}
	return nil
}
