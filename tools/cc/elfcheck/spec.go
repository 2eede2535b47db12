// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package elfcheck says in which ways a linked program is not what it ought to
// be: what it loads, how it is protected, who made it, what it gives away.
package elfcheck

import (
	"debug/elf"
	"fmt"
)

// A Spec is what is asked of a program. The zero value of an optional field
// asks nothing.
type Spec struct {
	// Machine is the CPU.
	Machine elf.Machine
	// Static asks for a program without loader and libraries. Otherwise the
	// program must be position-independent, with immediate binding.
	Static bool
	// Interpreter is the dynamic loader of a program that is not static.
	Interpreter string
	// Needed are the libraries of a program that is not static, in any order.
	Needed []string
	// MaxGLIBC is the newest version of glibc that may be asked for.
	MaxGLIBC Version
	// Comments are all names that may be in .comment; nil allows any.
	Comments []string
	// Stripped asks for a program without symbols and debug information.
	Stripped bool
	// Forbidden are byte strings that may be nowhere in the file.
	Forbidden []string
}

// MachineTraces are parts of paths that only the machine of a build has.
var MachineTraces = []string{
	"/execroot/",
	"/sandbox/",
	"/rules_go_work-",
	"/go-build",
	"/home/",
	"/root/",
	"/tmp/",
	"/usr/lib/gcc",
	"/usr/include",
	"/proc/self/cwd",
}

// A Version is the number of a glibc release, such as 2.36.
type Version struct {
	Major, Minor int
}

// ParseVersion reads "2.36"; a third number, as in 2.2.5, is left out.
func ParseVersion(text string) (Version, error) {
	var v Version
	if n, err := fmt.Sscanf(text, "%d.%d", &v.Major, &v.Minor); n != 2 {
		return Version{}, fmt.Errorf("parse glibc version %q: %w", text, err)
	}
	return v, nil
}

// After says whether v is newer than other.
func (v Version) After(other Version) bool {
	if v.Major != other.Major {
		return v.Major > other.Major
	}
	return v.Minor > other.Minor
}

// String returns v as ParseVersion reads it.
func (v Version) String() string {
	return fmt.Sprintf("%d.%d", v.Major, v.Minor)
}
