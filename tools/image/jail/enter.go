// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package jail

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// Enter is what the helper does in the new namespaces: it makes the jail its root
// and replaces itself by a program. The first argument is what Command wrote. It
// returns only errors.
func Enter(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("%d arguments, want a description and a program", len(args))
	}
	var s spec
	if err := json.Unmarshal([]byte(args[0]), &s); err != nil {
		return fmt.Errorf("description: %w", err)
	}
	// Capabilities are a thread's.
	runtime.LockOSThread()
	if err := s.mount(); err != nil {
		return err
	}
	if s.Network {
		if err := loopbackUp(); err != nil {
			return err
		}
	}
	if err := s.pivot(); err != nil {
		return err
	}
	if err := drop(s.Network); err != nil {
		return err
	}
	if err := unix.Exec(args[1], args[1:], os.Environ()); err != nil {
		return fmt.Errorf("start %s: %w", args[1], err)
	}
	return nil
}

// mount puts together the jail's file system, for this process only.
func (s spec) mount() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("detach mounts: %w", err)
	}
	if err := unix.Mount(s.Root, s.Root, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mount %s: %w", s.Root, err)
	}
	for _, b := range s.Binds {
		target := filepath.Join(s.Root, b.Target)
		if err := unix.Mount(b.Source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("mount %s at %s: %w", b.Source, b.Target, err)
		}
		if b.ReadOnly {
			if err := protect(target); err != nil {
				return err
			}
		}
	}
	return protect(s.Root)
}

// kept are the flags of a mount that a user namespace may not take away, as
// statfs reports them and as mount takes them.
var kept = map[int64]uintptr{
	unix.ST_NODEV: unix.MS_NODEV, unix.ST_NOEXEC: unix.MS_NOEXEC, unix.ST_NOSUID: unix.MS_NOSUID,
	unix.ST_NOATIME: unix.MS_NOATIME, unix.ST_NODIRATIME: unix.MS_NODIRATIME, unix.ST_RELATIME: unix.MS_RELATIME,
}

// protect makes a mount one that cannot be written to.
func protect(target string) error {
	var now unix.Statfs_t
	if err := unix.Statfs(target, &now); err != nil {
		return fmt.Errorf("flags of %s: %w", target, err)
	}
	flags := uintptr(unix.MS_BIND | unix.MS_REMOUNT | unix.MS_RDONLY)
	for had, flag := range kept {
		if now.Flags&had != 0 {
			flags |= flag
		}
	}
	if err := unix.Mount("", target, "", flags, ""); err != nil {
		return fmt.Errorf("protect %s: %w", target, err)
	}
	return nil
}

// pivot makes the jail the root, and the machine's files unreachable.
func (s spec) pivot() error {
	if err := unix.Chdir(s.Root); err != nil {
		return fmt.Errorf("enter %s: %w", s.Root, err)
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("change root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leave the old root: %w", err)
	}
	dir := s.Dir
	if dir == "" {
		dir = "/"
	}
	if err := unix.Chdir(dir); err != nil {
		return fmt.Errorf("enter %s: %w", dir, err)
	}
	return nil
}

// loopbackUp switches a new network's only device on.
func loopbackUp() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	defer unix.Close(socket)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	return nil
}

// drop gives up all rights but, with a network of its own, that to low ports.
func drop(network bool) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up new rights: %w", err)
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return fmt.Errorf("give up rights: %w", err)
	}
	if network {
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, unix.CAP_NET_BIND_SERVICE, 0, 0); err != nil {
			return fmt.Errorf("keep the right to low ports: %w", err)
		}
	}
	return nil
}
