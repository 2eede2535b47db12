// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command container runs the loaded image in a real container engine the way an
// operator would – read-only, as nonroot, configuration and cache mounted – on
// WordNet, and checks real answers. It prints what it saw, and fails at the
// first thing that is wrong.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/bazelbuild/rules_go/go/runfiles"
)

const (
	documents = 117659 // synsets of WordNet 3.0
	limit     = 2 * time.Minute
)

func main() {
	engine := flag.String("engine", "docker", "the engine's `command`, docker or podman")
	image := flag.String("image", "lupa:dev", "the loaded `image`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := run(ctx, *engine, *image); err != nil {
		fmt.Fprintln(os.Stderr, "container:", err)
		os.Exit(1)
	}
	fmt.Println("the image is all right")
}

// A container is a running one.
type container struct {
	engine, id, address string
}

func run(ctx context.Context, engine, image string) (err error) {
	mounts, err := mounts()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(mounts.dir)) }()
	if err := checkImage(ctx, engine, image); err != nil {
		return err
	}
	first, err := begin(ctx, engine, image, mounts)
	if err != nil {
		return err
	}
	err = first.check(ctx)
	if err = errors.Join(err, first.end(ctx)); err != nil {
		return err
	}
	// The cache is mounted, so the second start has nothing to index.
	second, err := begin(ctx, engine, image, mounts)
	if err != nil {
		return err
	}
	err = second.check(ctx)
	log, logErr := second.command(ctx, "logs", second.id)
	if err = errors.Join(err, logErr, second.end(ctx)); err != nil {
		return err
	}
	if strings.Contains(log, `"indexing"`) {
		return fmt.Errorf("the second start indexed again:\n%s", log)
	}
	return nil
}

// mounted are the places on this machine that the container sees.
type mounted struct {
	dir, cache, config, corpus string
}

func mounts() (mounted, error) {
	var m mounted
	config, err := runfiles.Rlocation(os.Getenv("CONFIG"))
	if err != nil {
		return m, fmt.Errorf("CONFIG: %w", err)
	}
	if m.corpus, err = runfiles.Rlocation(os.Getenv("WORDNET")); err != nil {
		return m, fmt.Errorf("WORDNET: %w", err)
	}
	m.corpus = filepath.Join(m.corpus, "usr/share/wordnet")
	if m.dir, err = os.MkdirTemp("", "lupa-container-"); err != nil {
		return m, err
	}
	// The engine mounts what it is told: the file itself, not a link to it.
	for _, p := range []*string{&config, &m.corpus} {
		if *p, err = filepath.EvalSymlinks(*p); err != nil {
			return m, err
		}
	}
	m.config = config
	m.cache = filepath.Join(m.dir, "cache")
	if err := os.Mkdir(m.cache, 0o777); err != nil {
		return m, err
	}
	return m, errors.Join(os.Chmod(m.dir, 0o755), os.Chmod(m.cache, 0o777))
}

func checkImage(ctx context.Context, engine, image string) error {
	out, err := output(ctx, engine, "image", "inspect", image)
	if err != nil {
		return fmt.Errorf("%w; load it: ./tools/bazel run //services/lupa:image_load", err)
	}
	var inspected []struct {
		Id     string //nolint:revive,staticcheck // the engine's name
		Config struct {
			User, WorkingDir string
			Entrypoint       []string
		}
	}
	if err := json.Unmarshal([]byte(out), &inspected); err != nil || len(inspected) != 1 {
		return fmt.Errorf("%s image inspect: %w: %s", engine, err, out)
	}
	c := inspected[0].Config
	if c.User != "65532" || c.WorkingDir != "/app" || len(c.Entrypoint) != 1 || c.Entrypoint[0] != "/app/lupa" {
		return fmt.Errorf("image has user %q, folder %q, entrypoint %q", c.User, c.WorkingDir, c.Entrypoint)
	}
	fmt.Println("image", inspected[0].Id)
	return nil
}

// begin starts a container and waits until it is ready.
func begin(ctx context.Context, engine, image string, m mounted) (*container, error) {
	started := time.Now()
	id, err := output(ctx, engine, "run", "--detach", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges",
		"--publish=127.0.0.1::8082", "--volume="+m.cache+":/app/cache", "--volume="+m.config+":/app/lupa.yaml:ro",
		"--volume="+m.corpus+":/corpus:ro", image, "-config=/app/lupa.yaml", "-index=true")
	if err != nil {
		return nil, err
	}
	c := &container{engine: engine, id: id}
	port, err := c.command(ctx, "port", c.id, "8082/tcp")
	if err != nil {
		return nil, errors.Join(err, c.end(ctx))
	}
	c.address = "http://" + strings.Fields(port)[0]
	for {
		_, err := c.get(ctx, "/readyz")
		if err == nil {
			fmt.Printf("container ready after %.1f s\n", time.Since(started).Seconds())
			return c, nil
		}
		if running, _ := c.command(ctx, "inspect", "--format={{.State.Running}}", c.id); ctx.Err() != nil || running != "true" { //nolint:errcheck // an error is not "true"
			log, _ := c.command(context.WithoutCancel(ctx), "logs", c.id) //nolint:errcheck // it is shown if there is one
			return nil, errors.Join(fmt.Errorf("not ready: %w\n%s", err, log), c.end(context.WithoutCancel(ctx)))
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// check asks for what is known of WordNet.
func (c *container) check(ctx context.Context) error {
	data, err := c.get(ctx, "/v1/collections")
	if err != nil {
		return err
	}
	var collections struct {
		Collections []struct{ Documents int }
	}
	if err := json.Unmarshal(data, &collections); err != nil || len(collections.Collections) != 1 || collections.Collections[0].Documents != documents {
		return fmt.Errorf("collections: %w: %s", err, data)
	}
	for query, want := range map[string]string{
		"%22Canis+familiaris%22":           "n02084071",
		"capital+Spain+%22largest+city%22": "n09024467",
		"domestic+cat+-tabby+-young":       "n02121808",
	} {
		if err := c.checkFirst(ctx, query, want); err != nil {
			return err
		}
	}
	page, err := c.get(ctx, "/?q=dog")
	if err != nil || !strings.Contains(string(page), "<mark>dog</mark>") {
		return fmt.Errorf("page: %w: %s", err, page)
	}
	if out, err := c.command(ctx, "exec", c.id, "/app/lupa", "-config=/app/lupa.yaml", "-healthcheck"); err != nil {
		return fmt.Errorf("healthcheck inside: %w: %s", err, out)
	}
	version, err := c.command(ctx, "exec", c.id, "/app/lupa", "-version")
	if err != nil || !strings.Contains(version, "with FTS5") {
		return fmt.Errorf("version: %w: %s", err, version)
	}
	return nil
}

func (c *container) checkFirst(ctx context.Context, query, want string) error {
	data, err := c.get(ctx, "/v1/search?q="+query)
	if err != nil {
		return err
	}
	var answer struct{ Hits []struct{ ID string } }
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	if len(answer.Hits) == 0 || answer.Hits[0].ID != want {
		return fmt.Errorf("search %s: first hit is not %s: %s", query, want, data)
	}
	fmt.Println("search", query, "finds", want)
	return nil
}

// end stops and removes the container; it must end well by itself.
func (c *container) end(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	_, err := c.command(ctx, "stop", c.id)
	code, codeErr := c.command(ctx, "inspect", "--format={{.State.ExitCode}}", c.id)
	if code != "0" {
		log, _ := c.command(ctx, "logs", c.id) //nolint:errcheck // it is shown if there is one
		codeErr = errors.Join(codeErr, fmt.Errorf("exit code %s after SIGTERM:\n%s", code, log))
	}
	_, removeErr := c.command(ctx, "rm", "--force", c.id)
	return errors.Join(err, codeErr, removeErr)
}

func (c *container) command(ctx context.Context, args ...string) (string, error) {
	return output(ctx, c.engine, args...)
}

func (c *container) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, answer.Status, data)
	}
	return data, err
}

// output runs a command and gives what it prints, trimmed.
func output(ctx context.Context, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	out, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, args[0], err, out)
	}
	return strings.TrimSpace(string(out)), err
}
