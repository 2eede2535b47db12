# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The same tests for each platform."""

load("//platforms/debian12/toolchain:shipped.bzl", "COMMENTS", "MAX_GLIBC", "PLATFORMS")
load("//tools/cc:defs.bzl", "elf_test", "program_test")

visibility("private")

_RUNNER = "//platforms/debian12/toolchain:runner"
_HELLO = "tools/cc/tests/hello.c redacted redacted redacted 1.414"

def toolchain_suite(name):
    """Declares the tests of one platform.

    Args:
      name: name of the platform in //platforms, and of the test suite.
    """
    about = PLATFORMS[name]
    platform = "//platforms:" + name
    dynamic = {
        "interpreter": about.interpreter,
        "needed": ["libc.so.6", "libm.so.6"],
    }
    shipped = {"compilation_mode": "opt"}
    guarded = dynamic | shipped | {
        "needed": about.guard + dynamic["needed"],
    }
    static = {"static": True}
    found = about.goarch + " canis lupus, the grey <wolf>"
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
            comments = COMMENTS,
            machine = about.machine,
            max_glibc = MAX_GLIBC,
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
