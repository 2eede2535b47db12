# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The same tests for each platform."""

load("//tools/cc:defs.bzl", "elf_test", "program_test")

visibility("private")

# All that may have had a hand in a program: our compiler and linker, and the
# compiler that made Debian's start files and libraries.
_COMMENTS = [
    "Debian clang version 19.1.7 (3~deb12u1)",
    "GCC: (Debian 12.2.0-14+deb12u1) 12.2.0",
    "Linker: Debian LLD 19.1.7",
]

_MAX_GLIBC = "2.36"
_RUNNER = "//platforms/debian12/toolchain:runner"
_HELLO = "tools/cc/tests/hello.c redacted redacted redacted 1.414"

def toolchain_suite(name, goarch, machine, interpreter, guard_library = None):
    """Declares the tests of one platform.

    Args:
      name: name of the platform in //platforms, and of the test suite.
      goarch: the CPU, as Go calls it.
      machine: the CPU, as debug/elf calls it.
      interpreter: the platform's dynamic loader.
      guard_library: the library that holds the stack protector's secret, where
        that is not the C library. C compiled by us asks for it.
    """
    platform = "//platforms:" + name
    dynamic = {
        "interpreter": interpreter,
        "needed": ["libc.so.6", "libm.so.6"],
    }
    shipped = {"compilation_mode": "opt"}
    guarded = dynamic | shipped | {
        "needed": ([guard_library] if guard_library else []) + dynamic["needed"],
    }
    static = {"static": True}
    found = goarch + " canis lupus, the grey <wolf>"
    programs = {
        # What is run, what it prints, and how its file is linked.
        "c": (":hello", _HELLO, dynamic),
        "c_debug": (":hello", _HELLO, dynamic | {"compilation_mode": "dbg"}),
        "c_static": (":hello_static", _HELLO, static),
        "cgo": ("//tools/cc/tests/fts", found, guarded | {
            "agrees_with": ["//tools/cc/tests/fts:twin"],
            "differs_from": ["//tools/cc/tests/fts:other"],
        }),
        "cgo_release": ("//tools/cc/tests/fts:fts_release", found, guarded | {
            "agrees_with": ["//tools/cc/tests/fts"],
            "stripped": True,
        }),
        "cgo_static": ("//tools/cc/tests/fts:fts_static", found, static | shipped | {
            "stripped": True,
        }),
    }
    tests = []
    for program, (label, want, linked) in programs.items():
        elf_test(
            name = "{}_{}_elf_test".format(name, program),
            size = "small",
            comments = _COMMENTS,
            machine = machine,
            max_glibc = _MAX_GLIBC,
            platform = platform,
            program = label,
            **linked
        )
        program_test(
            name = "{}_{}_run_test".format(name, program),
            size = "small",
            compilation_mode = linked.get("compilation_mode", ""),
            platform = platform,
            program = label,
            runner = _RUNNER,
            static = linked.get("static", False),
            want = want,
        )
        tests += [
            "{}_{}_elf_test".format(name, program),
            "{}_{}_run_test".format(name, program),
        ]
    native.test_suite(
        name = name,
        tests = tests,
    )
