// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// lock takes a file lock, calling waiting first where another process has it.
// The lock is gone with the process, however that ends.
func lock(file string, waiting func()) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("%v; name another folder in LUPA_BAZEL_HOME", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == syscall.EWOULDBLOCK {
		waiting()
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %v", file, err)
	}
	return func() { f.Close() }, nil
}

// checkSpace fails where dir's file system has fewer free bytes than needed.
func checkSpace(dir string, needed uint64) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("look for free space in %s: %v", dir, err)
	}
	free := fs.Bavail * uint64(fs.Bsize)
	if free < needed {
		return fmt.Errorf("%s has %d MB free and %d MB are needed; make room, or name a folder elsewhere in LUPA_BAZEL_HOME", dir, free>>20, needed>>20)
	}
	return nil
}

// command runs a program, showing its output when visible, and returns its
// standard output otherwise. An error holds what the program said.
func command(dir string, env []string, visible bool, name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), env...)
	var out, complaint bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaint
	if visible {
		c.Stdout, c.Stderr = os.Stderr, os.Stderr
	}
	if err := c.Run(); err != nil {
		said := strings.TrimSpace(complaint.String())
		return nil, fmt.Errorf("%s %s: %v\n%s", name, strings.Join(args[:min1(len(args), 3)], " "), err, said)
	}
	return out.Bytes(), nil
}

func min1(a, b int) int {
	if a < b {
		return a
	}
	return b
}
