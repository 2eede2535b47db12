# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""What a program must be like to be shipped on Debian 12."""

load("//tools/cc:defs.bzl", "elf_test")

visibility("public")

# All that may have had a hand in a program: our compiler and linker, and the
# compiler that made Debian's start files and libraries.
COMMENTS = [
    "Debian clang version 19.1.7 (3~deb12u1)",
    "GCC: (Debian 12.2.0-14+deb12u1) 12.2.0",
    "Linker: Debian LLD 19.1.7",
]

# The release of glibc in the base images.
MAX_GLIBC = "2.36"

# By platform: the CPU as Go and as debug/elf call it, the dynamic loader, and the
# library that holds the stack protector's secret where that is not the C library:
# C compiled by us asks for it.
PLATFORMS = {
    "linux_amd64": struct(
        goarch = "amd64",
        guard = [],
        interpreter = "/lib64/ld-linux-x86-64.so.2",
        machine = "EM_X86_64",
    ),
    "linux_arm64": struct(
        goarch = "arm64",
        guard = ["ld-linux-aarch64.so.1"],
        interpreter = "/lib/ld-linux-aarch64.so.1",
        machine = "EM_AARCH64",
    ),
}

def shipped_program_test(name, program, needed = ["libc.so.6", "libm.so.6"], guard = True, static = False):
    """Declares the tests that a cgo program's release can be shipped.

    It must be for its platform, stripped, hardened, made by our compiler alone, ask
    for no newer glibc than the base image has and for no other libraries, and
    hold no path of the machine that built it. There is a test for each platform,
    `{name}_<platform>`, and the suite `{name}` of them.

    Args:
      name: of the suite.
      program: the release.
      needed: libraries of a dynamic program.
      guard: whether C compiled by us keeps arrays on the stack, and so asks for
        the stack protector's secret.
      static: whether it is fully static.
    """
    tests = []
    for platform, about in PLATFORMS.items():
        linked = {"static": True} if static else {
            "interpreter": about.interpreter,
            "needed": (about.guard if guard else []) + needed,
        }
        tests.append("{}_{}".format(name, platform))
        elf_test(
            name = tests[-1],
            size = "small",
            comments = COMMENTS,
            compilation_mode = "opt",
            machine = about.machine,
            max_glibc = MAX_GLIBC,
            platform = "//platforms:" + platform,
            program = program,
            stripped = True,
            **linked
        )
    native.test_suite(
        name = name,
        tests = tests,
    )
