// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Mode is a way to stop a server.
type Mode syscall.Signal

const (
	// Fast ends sessions and shuts down in order.
	Fast = Mode(syscall.SIGINT)
	// Immediate drops everything; the next start recovers from the log.
	Immediate = Mode(syscall.SIGQUIT)
)

// pause is how long between two looks at something that does not tell.
const pause = 5 * time.Millisecond

// Start starts the server and waits until it takes connections.
func (s *Server) Start(ctx context.Context) error {
	if s.process != nil {
		return errors.New("start PostgreSQL: it is running")
	}
	log, err := os.OpenFile(s.LogFile(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	defer log.Close()
	listen := ""
	if s.options.Port != 0 {
		listen = "127.0.0.1"
	}
	command := s.command("postgres", "-D", s.data(), "-k", s.options.Folder, "-p", strconv.Itoa(s.port()),
		"-c", "listen_addresses="+listen, "-c", "unix_socket_permissions=0700")
	command.Stdout, command.Stderr = log, log
	s.process, err = launch(command, &s.identity)
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := s.ready(ctx); err != nil {
		return errors.Join(fmt.Errorf("start PostgreSQL: %w; its log ends with:\n%s", err, s.LogTail(20)), s.Kill())
	}
	return nil
}

// ready waits until the server's own status file says so.
func (s *Server) ready(ctx context.Context) error {
	for {
		if s.status() == "ready" || s.status() == "standby" {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.process.ended:
			return fmt.Errorf("it ended: %w", s.process.err)
		case <-time.After(pause):
		}
	}
}

// status is what the running server says of itself, or "". The file of one that
// was killed names another process.
func (s *Server) status() string {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 8 || lines[0] != strconv.Itoa(s.process.pid()) {
		return ""
	}
	return strings.TrimSpace(lines[7])
}

// Stop stops the server, and waits until it is gone. One that does not run is
// no error.
func (s *Server) Stop(ctx context.Context, mode Mode) error {
	if s.process == nil {
		return nil
	}
	if err := s.process.signal(syscall.Signal(mode)); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	select {
	case <-s.process.ended:
		s.process = nil
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("stop PostgreSQL: %w", ctx.Err()), s.Kill())
	}
}

// Kill ends all processes of the server at once, as if the machine had stopped:
// none of them can do anything any more. The next start recovers.
func (s *Server) Kill() error {
	if s.process == nil {
		return nil
	}
	err := s.process.kill()
	s.process = nil
	if err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	return nil
}

// Running says whether the server was started, and has not ended since.
func (s *Server) Running() bool {
	if s.process == nil {
		return false
	}
	select {
	case <-s.process.ended:
		return false
	default:
		return true
	}
}

// LogTail gives the last lines of the log.
func (s *Server) LogTail(lines int) string {
	text, err := os.ReadFile(s.LogFile())
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// run runs one of PostgreSQL's programs to its end.
func (s *Server) run(ctx context.Context, name string, args ...string) error {
	command := s.command(name, args...)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	p, err := launch(command, &s.identity)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	select {
	case <-p.ended:
		if p.err != nil {
			return fmt.Errorf("%s: %w: %s", name, p.err, strings.TrimSpace(output.String()))
		}
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("%s: %w", name, ctx.Err()), p.kill())
	}
}

// command is one of PostgreSQL's programs, with nothing of our environment.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(s.programs.folder, name), args...)
	command.Dir = s.options.Folder
	command.Env = append([]string{"LC_ALL=C.UTF-8", "TZ=GMT", "PATH=" + s.programs.folder, "TMPDIR=" + s.options.Folder}, s.programs.env...)
	return command
}
