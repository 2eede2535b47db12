// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package jail starts the programs of an image inside of its files, without a
// container engine and without root: in namespaces of their own, as the image's
// user, with a root folder that cannot be written to and nothing of the machine in
// it. A program that was built for another CPU runs under an emulator, and cannot
// start others there.
//
// Unlike in a container, all files belong to the user: who owns them is for tests
// of the image itself.
package jail

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"

	"github.com/lupasearch/lupa/tools/image/layout"
)

// User is the user that programs run as, whatever the image says: distroless's
// nonroot.
const User = 65532

// emulator is where a jail has it.
const emulator = "/.emulator"

// A Jail is an image's files, ready to have programs started in them. Make one
// with New; change it before the first program starts.
type Jail struct {
	// Config is the image's configuration.
	Config v1.Config
	// CPU is the image's, as Go calls it.
	CPU string
	// Root is the folder that has the image's files. What is written to it before a
	// program starts is there for the program.
	Root string
	// Network gives the programs a loopback network of their own, and the right to
	// serve on the ports below 1024 of it. Otherwise they have the caller's.
	Network bool

	helper string
	binds  []bind
}

// Tools are the programs that New needs.
type Tools struct {
	Helper   string // tools/image/cmd/jail
	Emulator string // of CPUs other than the machine's
}

// A bind is a file or folder of the machine that a jail has, too.
type bind struct {
	Source, Target string
	ReadOnly       bool
}

// A spec is what the helper is told.
type spec struct {
	Root    string
	Dir     string
	Binds   []bind
	Network bool
}

// devices are all that programs may count on.
var devices = []string{"/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"}

// New unpacks an image below dir, which must be an absolute path without links.
func New(image layout.Image, dir string, tools Tools) (*Jail, error) {
	config, err := image.Config()
	if err != nil {
		return nil, err
	}
	j := &Jail{Config: config.Config, CPU: config.Architecture, Root: dir, helper: tools.Helper}
	if err := image.Unpack(dir); err != nil {
		return nil, err
	}
	if err := j.Bind("/proc", "/proc", false); err != nil {
		return nil, err
	}
	for _, device := range devices {
		if err := j.Bind(device, device, false); err != nil {
			return nil, err
		}
	}
	if j.CPU != runtime.GOARCH {
		if err := j.Bind(tools.Emulator, emulator, true); err != nil {
			return nil, fmt.Errorf("emulator: %w", err)
		}
	}
	return j, nil
}

// Bind makes a file or folder of the machine visible in the jail.
func (j *Jail) Bind(source, target string, readOnly bool) error {
	source, err := filepath.EvalSymlinks(source)
	if err != nil {
		return err
	}
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(j.Root)
	if err != nil {
		return err
	}
	place := strings.TrimPrefix(path.Clean("/"+target), "/")
	err = mountPoint(root, place, info.IsDir())
	if err := errors.Join(err, root.Close()); err != nil {
		return fmt.Errorf("place for %s: %w", target, err)
	}
	j.binds = append(j.binds, bind{source, "/" + place, readOnly})
	return nil
}

// mountPoint makes what a mount hides.
func mountPoint(root *os.Root, place string, isDir bool) error {
	if isDir {
		return root.MkdirAll(place, 0o755)
	}
	if err := root.MkdirAll(path.Dir(place), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(place, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

// Command gives a command that starts a program of the jail, by its absolute path
// in there. The environment and the folder are the image's. Signals sent to the
// process reach the program: there is nothing in between.
func (j *Jail) Command(program string, args ...string) *exec.Cmd {
	argv := append([]string{program}, args...)
	if j.CPU != runtime.GOARCH {
		argv = append([]string{emulator, "-L", "/"}, argv...)
	}
	about, err := json.Marshal(spec{Root: j.Root, Dir: j.Config.WorkingDir, Binds: j.binds, Network: j.Network})
	command := exec.Command(j.helper, append([]string{string(about)}, argv...)...)
	command.Err = errors.Join(command.Err, err)
	command.Env = j.Config.Env
	command.SysProcAttr = &syscall.SysProcAttr{
		AmbientCaps: []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_NET_ADMIN, unix.CAP_NET_BIND_SERVICE},
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		GidMappings: []syscall.SysProcIDMap{{ContainerID: User, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: User, HostID: os.Getuid(), Size: 1}},
	}
	if j.Network {
		command.SysProcAttr.Cloneflags |= syscall.CLONE_NEWNET
	}
	return command
}

// Entrypoint gives a command that starts the image as an engine would.
func (j *Jail) Entrypoint(args ...string) *exec.Cmd {
	words := append(append([]string{}, j.Config.Entrypoint...), args...)
	if len(j.Config.Entrypoint) == 0 {
		return &exec.Cmd{Err: errors.New("the image has no entrypoint")}
	}
	return j.Command(words[0], words[1:]...)
}
