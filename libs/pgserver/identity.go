// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// nobody is who a server runs as when we are not who PostgreSQL takes.
const nobody = 65534

// capDACOverride is the right to read and write whatever the files' modes say.
const capDACOverride = 1

// An identity is who a server's processes run as. PostgreSQL takes neither root
// nor users without a name. The zero value finds out what there is, by trying.
type identity struct {
	chosen *way
}

// A way makes a command run as somebody, to whom its files belong.
type way struct {
	set   func(*exec.Cmd) error
	owner int // as seen from here
}

func (i *identity) start(command *exec.Cmd) error {
	ways := []*way{i.chosen}
	if i.chosen == nil {
		ways = waysFor(os.Geteuid())
	}
	var tried error
	for _, way := range ways {
		attempt := clone(command)
		err := way.set(attempt)
		if err == nil {
			err = attempt.Start()
		}
		if err == nil {
			i.chosen = way
			*command = *attempt
			return nil
		}
		tried = errors.Join(tried, err)
	}
	return fmt.Errorf("start it as user %d: %w", os.Geteuid(), tried)
}

// waysFor lists what to try for a user.
func waysFor(uid int) []*way {
	if uid == 0 {
		return []*way{{asNamespaced, uid}, {asNobody, nobody}}
	}
	if _, err := user.LookupId(strconv.Itoa(uid)); err != nil {
		return []*way{{asNamespaced, uid}}
	}
	return []*way{{asIs, uid}}
}

// asIs changes nobody.
func asIs(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	return nil
}

// asNamespaced makes us look like nobody, in a namespace of users with one user.
// Files of ours then are its own. This works where root is the one user there
// is, too, as in Bazel's sandbox.
func asNamespaced(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig:   syscall.SIGQUIT,
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getegid(), Size: 1}},
	}
	return nil
}

// asNobody is for root where there are no such namespaces, as in containers. It
// gives the folder away; programs may be readable by root alone, so that right
// goes along.
func asNobody(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig:   syscall.SIGQUIT,
		Credential:  &syscall.Credential{Uid: nobody, Gid: nobody},
		AmbientCaps: []uintptr{capDACOverride},
	}
	return os.Chown(command.Dir, nobody, nobody)
}

// clone is a command that was not started.
func clone(c *exec.Cmd) *exec.Cmd {
	return &exec.Cmd{Path: c.Path, Args: c.Args, Env: c.Env, Dir: c.Dir, Stdout: c.Stdout, Stderr: c.Stderr}
}
