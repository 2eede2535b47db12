# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""C toolchains from a distribution's own packages, and tests of what they build.

Public API of tools/cc; README.md says how it is divided.
"""

load("@rules_cc//cc/toolchains:cc_toolchain.bzl", "cc_toolchain")
load("//tools/cc/private:config.bzl", "toolchain_config")
load("//tools/cc/private:hermetic_tests.bzl", _compiler_closure_test = "compiler_closure_test", _system_headers_test = "system_headers_test")
load("//tools/cc/private:hosted.bzl", _hosted_program = "hosted_program")
load("//tools/cc/private:tests.bzl", _elf_test = "elf_test", _program_runner = "program_runner", _program_test = "program_test")
load("//tools/cc/private:tools.bzl", "compiler_tools")

visibility("public")

compiler_closure_test = _compiler_closure_test
elf_test = _elf_test
hosted_program = _hosted_program
program_runner = _program_runner
program_test = _program_test
system_headers_test = _system_headers_test

_CC_TOOLCHAIN_TYPE = "@bazel_tools//tools/cpp:toolchain_type"

def debian_cc_toolchain(
        name,
        compiler,
        sysroot,
        target,
        cpu,
        gcc_version,
        llvm_version,
        exec_multiarch,
        exec_loader,
        exec_compatible_with,
        target_compatible_with):
    """Declares the C toolchain for one target CPU.

    Declares `{name}`, which is to be registered, and three targets it is made
    of: `{name}_tools`, `{name}_config` and `{name}_cc`.

    Args:
      name: name of the toolchain, by custom `<exec>_to_<target>`.
      compiler: label of the compiler's root folder.
      sysroot: label of the target's root folder.
      target: target triple, which is also Debian's multiarch name.
      cpu: the target's CPU as it appears in output folders.
      gcc_version: version of the GCC whose start files the sysroot holds.
      llvm_version: major version of LLVM in the compiler's root.
      exec_multiarch: Debian's name of the CPU that the compiler runs on.
      exec_loader: file name of the loader that starts the compiler.
      exec_compatible_with: constraints of machines that can run the compiler.
      target_compatible_with: constraints of platforms it compiles for.
    """
    compiler_tools(
        name = name + "_tools",
        compiler = compiler,
        exec_loader = exec_loader,
        exec_multiarch = exec_multiarch,
        gcc_version = gcc_version,
        llvm_version = llvm_version,
        sysroot = sysroot,
        target = target,
    )
    toolchain_config(
        name = name + "_config",
        cpu = cpu,
        tools = name + "_tools",
    )
    files = name + "_tools"
    cc_toolchain(
        name = name + "_cc",
        all_files = files,
        ar_files = files,
        as_files = files,
        compiler_files = files,
        dwp_files = files,
        linker_files = files,
        objcopy_files = files,
        strip_files = files,
        supports_param_files = True,
        toolchain_config = name + "_config",
    )
    native.toolchain(
        name = name,
        exec_compatible_with = exec_compatible_with,
        target_compatible_with = target_compatible_with,
        toolchain = name + "_cc",
        toolchain_type = _CC_TOOLCHAIN_TYPE,
    )
