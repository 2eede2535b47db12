// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// nobody is who a server runs as when we are root, which PostgreSQL refuses.
const nobody = 65534

// capDACOverride is the right to read and write whatever the files' modes say.
const capDACOverride = 1

// An identity is a way to start processes as somebody else than root. The zero
// value finds out which of them there is, by trying.
type identity struct {
	chosen func(*exec.Cmd)
}

func (i *identity) start(command *exec.Cmd) error {
	if i.chosen != nil {
		i.chosen(command)
		return command.Start()
	}
	if os.Geteuid() != 0 {
		i.chosen = asIs
		return i.start(command)
	}
	var tried error
	for _, way := range []func(*exec.Cmd){asNamespaced, asNobody} {
		attempt := clone(command)
		way(attempt)
		err := attempt.Start()
		if err == nil {
			i.chosen = way
			*command = *attempt
			return nil
		}
		tried = errors.Join(tried, err)
	}
	return fmt.Errorf("PostgreSQL does not run as root, and becoming somebody else failed: %w", tried)
}

// asIs is for those who are not root.
func asIs(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
}

// asNamespaced makes root look like nobody, in a namespace of users with one
// user. Files of root then are its own. This works where root is the one user
// there is, too, as in Bazel's sandbox.
func asNamespaced(command *exec.Cmd) {
	asIs(command)
	command.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
	command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Geteuid(), Size: 1}}
	command.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getegid(), Size: 1}}
}

// asNobody is for where there are no such namespaces, as in containers. Programs
// and folders may be readable by root alone, so that right goes along.
func asNobody(command *exec.Cmd) {
	asIs(command)
	command.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	command.SysProcAttr.AmbientCaps = []uintptr{capDACOverride}
}

// clone is a command that was not started.
func clone(c *exec.Cmd) *exec.Cmd {
	return &exec.Cmd{Path: c.Path, Args: c.Args, Env: c.Env, Dir: c.Dir, Stdout: c.Stdout, Stderr: c.Stderr}
}
