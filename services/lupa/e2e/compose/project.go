// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/bazelbuild/rules_go/go/runfiles"
)

// A project is a running compose file, in a folder of its own.
type project struct {
	folder  string
	command []string // docker-compose, or docker compose
	address string   // Lupa's
}

// newProject lays out the folder; nothing runs yet.
func newProject(ctx context.Context, lupa, postgres string) (*project, error) {
	command, err := composeCommand(ctx)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "lupa-compose-")
	if err != nil {
		return nil, err
	}
	p := &project{folder: folder, command: command, address: "http://" + port}
	return p, errors.Join(
		// Containers read it as other users.
		os.Chmod(folder, 0o755),
		p.copyIn("COMPOSE", "compose.yaml"), p.copyIn("CONFIG", "compose.lupa.yaml"), p.copyIn("TABLE", "compose.sql"),
		p.copyIn("ENV", ".env"),
		p.append(".env", fmt.Sprintf("LUPA_IMAGE=%s\nPOSTGRES_IMAGE=%s\nLUPA_PORT=%s\n", lupa, postgres, port)),
	)
}

// composeCommand is Docker's plugin, or the program before it.
func composeCommand(ctx context.Context) ([]string, error) {
	for _, command := range [][]string{{"docker", "compose"}, {"docker-compose"}} {
		if exec.CommandContext(ctx, command[0], append(command[1:], "version")...).Run() == nil {
			return command, nil
		}
	}
	return nil, errors.New("neither docker compose nor docker-compose is there; install Debian's package docker-compose")
}

// freePort is an address of loopback that nobody listens at.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// copyIn copies a file that the build brings along.
func (p *project) copyIn(variable, name string) error {
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		return fmt.Errorf("%s: %w", variable, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.folder, name), text, 0o644)
}

func (p *project) append(name, text string) error {
	file, err := os.OpenFile(filepath.Join(p.folder, name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// compose runs a command on the project.
func (p *project) compose(ctx context.Context, args ...string) error {
	_, err := p.output(ctx, args...)
	return err
}

func (p *project) output(ctx context.Context, args ...string) (string, error) {
	all := append(append([]string{}, p.command[1:]...), args...)
	command := exec.CommandContext(ctx, p.command[0], all...)
	command.Dir = p.folder
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", strings.Join(p.command, " "), strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out)), err
}

// sql runs a statement in the table's database.
func (p *project) sql(ctx context.Context, statement string) error {
	return p.compose(ctx, "exec", "-T", "postgres", "psql", "-U", "lupa", "-v", "ON_ERROR_STOP=1", "-c", statement, "articles")
}

// healthy says whether a service's own health check is content.
func (p *project) healthy(service string) func(context.Context) error {
	return func(ctx context.Context) error {
		id, err := p.output(ctx, "ps", "-q", service)
		if err != nil {
			return err
		}
		state, err := exec.CommandContext(ctx, "docker", "inspect", "--format={{.State.Health.Status}}", id).CombinedOutput()
		if got := strings.TrimSpace(string(state)); err == nil && got != "healthy" {
			err = fmt.Errorf("%s is %s", service, got)
		}
		return err
	}
}

// first is the title of the first hit, "" without any.
func (p *project) first(ctx context.Context, query string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.address+"/v1/search?q="+url.QueryEscape(query), nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("search: %s: %s", response.Status, text)
	}
	var answer struct {
		Hits []struct{ Fields struct{ Title string } }
	}
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.Hits) == 0 {
		return "", err
	}
	return answer.Hits[0].Fields.Title, nil
}

// until waits for something to come true.
func (p *project) until(ctx context.Context, what string, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	last := errors.New("nothing was seen")
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s: not in time: %w", what, last)
		}
		last = err
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// log prints what the containers said.
func (p *project) log() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	text, err := p.output(ctx, "logs", "--no-color")
	fmt.Fprintln(os.Stderr, text)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// remove ends everything and leaves nothing behind.
func (p *project) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return errors.Join(p.compose(ctx, "down", "--volumes", "--remove-orphans"), os.RemoveAll(p.folder))
}
