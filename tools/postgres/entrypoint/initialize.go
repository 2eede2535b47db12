// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package entrypoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Initialize makes the database, unless there is one. What a failure leaves of
// it is removed, so that the next start begins anew.
func Initialize(ctx context.Context, s Settings, log *slog.Logger) error {
	if _, err := os.Stat(filepath.Join(s.Data, "PG_VERSION")); err == nil {
		log.Info("the database is there", "data", s.Data)
		return nil
	}
	if err := s.check(); err != nil {
		return err
	}
	log.Info("making the database", "data", s.Data, "user", s.User, "database", s.Database)
	if err := s.initialize(ctx, log); err != nil {
		return errors.Join(fmt.Errorf("make the database: %w", err), empty(s.Data))
	}
	return nil
}

func (s Settings) initialize(ctx context.Context, log *slog.Logger) error {
	if err := s.initdb(ctx); err != nil {
		return err
	}
	if err := s.openToNetwork(); err != nil {
		return err
	}
	// Until all is done the server listens at its socket alone, so that nobody
	// finds half a database by TCP.
	server, err := s.start(ctx)
	if err != nil {
		return err
	}
	return errors.Join(s.fill(ctx, log), server.stop())
}

// initdb makes an empty database. Who comes by the socket is inside the container,
// and trusted.
func (s Settings) initdb(ctx context.Context) error {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + s.Data, "--username=" + s.User, "--encoding=UTF8", "--locale=C.UTF-8",
		"--auth-local=trust", "--auth-host=" + s.HostAuth,
	}
	if s.Password != "" {
		file, err := secret(s.Password)
		if err != nil {
			return err
		}
		defer os.Remove(file) //nolint:errcheck // the container's own, and it is going to be used up
		args = append(args, "--pwfile="+file)
	}
	return run(ctx, "initdb", append(args, s.InitArgs...)...)
}

// secret writes a file that only we can read.
func secret(text string) (string, error) {
	file, err := os.CreateTemp("", "password-")
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(text + "\n")
	return file.Name(), errors.Join(err, file.Close())
}

// openToNetwork lets users in by TCP.
func (s Settings) openToNetwork() error {
	return errors.Join(
		add(filepath.Join(s.Data, "pg_hba.conf"), "host all all all "+s.HostAuth+"\n"),
		add(filepath.Join(s.Data, "postgresql.conf"), "listen_addresses = '*'\n"),
	)
}

func add(name, text string) error {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// fill makes the user's own database and runs the scripts, in order of their
// names.
func (s Settings) fill(ctx context.Context, log *slog.Logger) error {
	if s.Database != "postgres" {
		create := `CREATE DATABASE "` + strings.ReplaceAll(s.Database, `"`, `""`) + `"`
		if err := s.psql(ctx, "postgres", "--command="+create); err != nil {
			return err
		}
	}
	scripts, err := filepath.Glob(filepath.Join(s.Scripts, "*"))
	if err != nil {
		return err
	}
	for _, script := range scripts {
		if filepath.Ext(script) != ".sql" {
			log.Warn("left out: only *.sql are run", "file", script)
			continue
		}
		log.Info("running", "file", script)
		if err := s.psql(ctx, s.Database, "--file="+script); err != nil {
			return err
		}
	}
	return nil
}

func (s Settings) psql(ctx context.Context, database, what string) error {
	return run(ctx, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1",
		"--username="+s.User, "--dbname="+database, what)
}

// A server is one that nobody outside the container can reach.
type server struct {
	command *exec.Cmd
	ended   chan error
}

// start starts the server and waits until it answers.
func (s Settings) start(ctx context.Context) (*server, error) {
	command := exec.Command("postgres", "-D", s.Data, "-c", "listen_addresses=")
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Start(); err != nil {
		return nil, err
	}
	running := &server{command: command, ended: make(chan error, 1)}
	go func() { running.ended <- command.Wait() }()
	for {
		if exec.CommandContext(ctx, "pg_isready", "--quiet", "--username="+s.User, "--dbname=postgres").Run() == nil {
			return running, nil
		}
		select {
		case err := <-running.ended:
			return nil, fmt.Errorf("the server ended: %w", err)
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), running.stop())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends sessions and shuts the server down.
func (s *server) stop() error {
	if err := s.command.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	return <-s.ended
}

// run runs a program of the image; what it says goes to the container's log.
func run(ctx context.Context, name string, args ...string) error {
	command := exec.CommandContext(ctx, name, args...)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// empty removes what is in a folder. The folder may be where a volume is mounted.
func empty(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(folder, entry.Name())))
	}
	return err
}
