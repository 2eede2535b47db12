// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lupasearch/lupa/tools/cc/elfcheck"
	"github.com/lupasearch/lupa/tools/image/closure"
	"github.com/lupasearch/lupa/tools/image/jail"
	"github.com/lupasearch/lupa/tools/image/layout"
	"github.com/lupasearch/lupa/tools/image/probe"
)

// probeLimit is how long the probe may take, under an emulator too.
const probeLimit = 2 * time.Minute

// closureOptions is the command line of `imagetest closure`.
type closureOptions struct {
	closure.Options
	tools jail.Tools
	// probes and static are programs by CPU.
	probes, static map[string]string
}

func closureTest(args []string) error {
	o := closureOptions{probes: make(map[string]string), static: make(map[string]string)}
	flags := flag.NewFlagSet("imagetest closure", flag.ContinueOnError)
	flags.Func("max-glibc", "newest glibc whose symbols may be asked for; by default the image's", func(text string) (err error) {
		o.MaxGLIBC, err = elfcheck.ParseVersion(text)
		return err
	})
	flags.BoolVar(&o.Minimal, "minimal", false, "want no library that no program is loaded with")
	flags.Func("loaded", "library that programs load by themselves (repeated)", func(name string) error {
		o.Loaded = append(o.Loaded, name)
		return nil
	})
	flags.Func("probe", "CPU=FILE: program to run inside (repeated)", byCPU(o.probes))
	flags.Func("probe-static", "CPU=FILE: the same without libraries (repeated)", byCPU(o.static))
	flags.StringVar(&o.tools.Helper, "helper", "", "tools/image/cmd/jail")
	flags.Func("emulator-root", "folder with usr/bin/qemu-aarch64-static, for other CPUs", func(root string) error {
		o.tools.Emulator = filepath.Join(root, "usr/bin/qemu-aarch64-static")
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errUsage
	}
	images, err := layout.Images(flags.Arg(0))
	if err != nil {
		return err
	}
	failed := 0
	for _, image := range images {
		if err := o.test(image, os.Stdout); err != nil {
			fmt.Println(err)
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d images lack something", failed, len(images))
	}
	return nil
}

func byCPU(into map[string]string) func(string) error {
	return func(value string) error {
		cpu, file, ok := strings.Cut(value, "=")
		if !ok {
			return fmt.Errorf("%q is not CPU=FILE", value)
		}
		into[cpu] = file
		return nil
	}
}

// test checks one image's files, and then uses them.
func (o closureOptions) test(image layout.Image, out io.Writer) error {
	config, err := image.Config()
	if err != nil {
		return err
	}
	cpu := config.Architecture
	nodes, err := image.Files()
	if err != nil {
		return err
	}
	files := closure.FromImage(nodes)
	report, err := closure.Check(files, o.Options)
	if err != nil {
		return fmt.Errorf("image for %s: %w", cpu, err)
	}
	fmt.Fprintf(out, "image for %s: %d ELF files need %d libraries and %d symbols, of glibc %v at most; unresolved: %d\n",
		cpu, report.Objects, report.Needed, report.Symbols, report.Newest, len(report.Findings))
	if len(report.Findings) > 0 {
		return errors.New("  " + strings.Join(report.Findings, "\n  "))
	}
	return o.probe(image, files, cpu, out)
}

// probe uses names, authorities and time zones from inside.
func (o closureOptions) probe(image layout.Image, files closure.Files, cpu string, out io.Writer) error {
	program, kind := o.static[cpu], "without libraries"
	for name := range files {
		if strings.HasSuffix(name, "/libc.so.6") {
			program, kind = o.probes[cpu], "with the image's C library"
		}
	}
	if program == "" {
		return fmt.Errorf("there is no probe for %s", cpu)
	}
	dir, err := os.MkdirTemp(os.Getenv("TEST_TMPDIR"), "image-")
	if err != nil {
		return err
	}
	err = o.runProbe(image, dir, program, out)
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		return fmt.Errorf("image for %s, probe %s: %w", cpu, kind, err)
	}
	return nil
}

func (o closureOptions) runProbe(image layout.Image, dir, program string, out io.Writer) error {
	root := filepath.Join(dir, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	j, err := jail.New(image, root, o.tools)
	if err != nil {
		return err
	}
	j.Network = true
	j.Config.WorkingDir = "/"
	for name, text := range map[string]string{
		"etc/hosts":       fmt.Sprintf("127.0.0.1 localhost\n%s %s\n", probe.HostsAddr, probe.HostsName),
		"etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:20\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := j.Bind(program, "/.probe", true); err != nil {
		return err
	}
	command := j.Command("/.probe")
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		return err
	}
	hung := time.AfterFunc(probeLimit, func() { command.Process.Kill() }) //nolint:errcheck // it may be gone already
	defer hung.Stop()
	if err := command.Wait(); err != nil {
		return fmt.Errorf("%w\n%s", err, said.String())
	}
	fmt.Fprintf(out, "  inside: %s", said.String())
	return nil
}
