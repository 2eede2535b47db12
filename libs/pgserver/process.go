// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgserver

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// A process is one that was started, with its children. It ends with us.
type process struct {
	command *exec.Cmd
	ended   chan struct{} // closed when it has ended
	err     error         // how it ended, once it has
}

// launch starts a program as somebody whom PostgreSQL takes. It is told to shut
// down at once when the thread that started it ends, so that thread is kept.
func launch(command *exec.Cmd, who *identity) (*process, error) {
	p := &process{command: command, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := who.start(command)
		started <- err
		if err == nil {
			p.err = command.Wait()
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (p *process) pid() int { return p.command.Process.Pid }

// signal sends a signal to a process that may have ended.
func (p *process) signal(signal syscall.Signal) error {
	if err := p.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// kill kills the process and its children. It is stopped first, so that it has
// no more of them afterwards.
func (p *process) kill() error {
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	children, err := childrenOf(p.pid())
	if err := errors.Join(err, p.signal(syscall.SIGKILL)); err != nil {
		return err
	}
	for _, child := range children {
		if err := syscall.Kill(child, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	<-p.ended
	for _, child := range children {
		for alive(child) {
			time.Sleep(pause)
		}
	}
	return nil
}

// childrenOf lists the processes that one started.
func childrenOf(parent int) ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var children []int
	for _, stat := range stats {
		if _, of := state(stat); of == parent {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			if err != nil {
				return nil, err
			}
			children = append(children, pid)
		}
	}
	return children, nil
}

// alive says whether a process can still do something.
func alive(pid int) bool {
	is, _ := state("/proc/" + strconv.Itoa(pid) + "/stat")
	return is != "" && is != "Z" && is != "X"
}

// state reads a process's state and its parent: "" and 0 if it is gone.
func state(stat string) (is string, parent int) {
	text, err := os.ReadFile(stat)
	if err != nil {
		return "", 0
	}
	// The program's name, in brackets, may have blanks and brackets.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 2 {
		return "", 0
	}
	parent, err = strconv.Atoi(string(fields[1]))
	if err != nil {
		return "", 0
	}
	return string(fields[0]), parent
}
