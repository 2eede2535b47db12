// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package engine hands images to the container engine of this machine.
package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Engine is a command line that understands "load".
type Engine struct {
	// Command is the program, found on PATH or named by its path.
	Command string
	// Version is that of Docker's server; empty for anything else.
	Version string
	// Custom says that the user named the program. It gets the archive as
	// "load --input FILE", while the engines known here read standard input.
	Custom bool
}

// commands are looked for in this order where nobody names one.
var commands = []string{"docker", "podman", "nerdctl"}

// Find returns the first engine on PATH that answers. What it passes over, it
// tells on notes.
func Find(ctx context.Context, notes io.Writer) (Engine, error) {
	var failure error
	for _, command := range commands {
		if _, err := exec.LookPath(command); err != nil {
			continue
		}
		e, err := probe(ctx, command)
		if err == nil {
			if failure != nil {
				fmt.Fprintf(notes, "%v\nUsing %s instead.\n", failure, command)
			}
			return e, nil
		}
		failure = errors.Join(failure, err)
	}
	if failure != nil {
		return Engine{}, fmt.Errorf("%w\nStart it (for instance: systemctl start docker), or see whether you may use its socket", failure)
	}
	return Engine{}, fmt.Errorf("found none of %s on PATH; install one, or name a program that understands \"load --input FILE\" in the attribute loader",
		strings.Join(commands, ", "))
}

// probe asks Docker's client whether there is a server. The other engines need
// none, or say so themselves.
func probe(ctx context.Context, command string) (Engine, error) {
	if command != "docker" {
		return Engine{Command: command}, nil
	}
	var stderr bytes.Buffer
	version := exec.CommandContext(ctx, command, "version", "--format", "{{.Server.Version}}")
	version.Stderr = &stderr
	out, err := version.Output()
	if err == nil {
		return Engine{Command: command, Version: strings.TrimSpace(string(out))}, nil
	}
	// Podman comes with a command of Docker's name, which has no server.
	if out, err := exec.CommandContext(ctx, command, "--version").Output(); err == nil && bytes.HasPrefix(out, []byte("podman")) {
		return Engine{Command: command}, nil
	}
	return Engine{}, fmt.Errorf("docker is installed, but its daemon does not answer: %s", strings.TrimSpace(stderr.String()))
}

// The first Docker that reads layers compressed by zstd.
const zstdSince = 23

// Check tells early why the engine cannot load an image with these layers.
func (e Engine) Check(mediaTypes []string) error {
	major, _, _ := strings.Cut(e.Version, ".")
	number, err := strconv.Atoi(major)
	if err != nil || number >= zstdSince {
		return nil
	}
	for _, mediaType := range mediaTypes {
		if strings.HasSuffix(mediaType, "zstd") {
			return fmt.Errorf("docker %s does not read layers compressed by zstd, docker %d and podman do; or build the layers plain or with gzip", e.Version, zstdSince)
		}
	}
	return nil
}

// Load gives an archive, which write writes, to the engine's load command. What
// that prints goes to stdout and stderr.
func (e Engine) Load(ctx context.Context, write func(io.Writer) error, stdout, stderr io.Writer) error {
	load := exec.CommandContext(ctx, e.Command, "load")
	load.Stdout, load.Stderr = stdout, stderr
	if e.Custom {
		return e.loadFile(load, write)
	}
	// By standard input and not by "--input /dev/stdin": podman wants to read a
	// named file more than once.
	input, err := load.StdinPipe()
	if err != nil {
		return fmt.Errorf("start %s load: %w", e.Command, err)
	}
	if err := load.Start(); err != nil {
		return fmt.Errorf("start %s load: %w", e.Command, err)
	}
	writeErr := write(input)
	closeErr := input.Close()
	// If the engine failed, a broken pipe is only the echo of that.
	if err := load.Wait(); err != nil {
		return fmt.Errorf("%s load: %w", e.Command, err)
	}
	if err := errors.Join(writeErr, closeErr); err != nil {
		return fmt.Errorf("write the image to %s load: %w", e.Command, err)
	}
	return nil
}

// loadFile runs load with a file that can be opened and read by anybody who
// wraps an engine, in whatever way.
func (e Engine) loadFile(load *exec.Cmd, write func(io.Writer) error) error {
	file, err := os.CreateTemp("", "image-*.tar")
	if err != nil {
		return fmt.Errorf("write the image for %s load: %w", e.Command, err)
	}
	defer os.Remove(file.Name())
	if err := errors.Join(write(file), file.Close()); err != nil {
		return fmt.Errorf("write the image for %s load: %w", e.Command, err)
	}
	load.Args = append(load.Args, "--input", file.Name())
	if err := load.Run(); err != nil {
		return fmt.Errorf("%s load: %w", e.Command, err)
	}
	return nil
}
