# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Programs of a platform, run on the machine that builds."""

load(":runfiles.bzl", "quote", "runfiles_path")
load(":tests.bzl", "ProgramRunnerInfo")

visibility(["//tools/cc/..."])

# The script stands in the runfiles of whoever brought it along, or, started by
# bazel run, has runfiles beside it. Who finds it by a manifest passes on where
# that is.
_SCRIPT = """#!/bin/sh
root=${{0%/{self}}}
if [ "$root" = "$0" ]; then
  manifest=${{RUNFILES_MANIFEST_FILE%_manifest}}
  for root in "$0.runfiles" "$RUNFILES_DIR" "${{manifest%/MANIFEST}}"; do
    [ -e "$root/{program}" ] && break
  done
fi
exec {words} "$@"
"""

def _hosted_program_impl(ctx):
    program = ctx.executable.program
    runner = ctx.attr.runner[ProgramRunnerInfo]
    argv = runner.static_argv if ctx.attr.static else runner.argv
    out = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        content = _SCRIPT.format(
            program = runfiles_path(program),
            self = runfiles_path(out),
            words = " ".join([
                quote(word).replace("%{root}", "'\"$root\"'")
                for word in argv + ["%{root}/" + runfiles_path(program)]
            ]),
        ),
        is_executable = True,
        output = out,
    )
    return [DefaultInfo(
        executable = out,
        files = depset([out]),
        runfiles = ctx.runfiles(
            files = [program],
            transitive_files = runner.files,
        ).merge(ctx.attr.program[DefaultInfo].default_runfiles),
    )]

hosted_program = rule(
    implementation = _hosted_program_impl,
    attrs = {
        "program": attr.label(
            mandatory = True,
            cfg = "target",
            executable = True,
            doc = "The program, for the target platform.",
        ),
        "runner": attr.label(
            default = "//platforms/debian12/toolchain:runner",
            doc = "What starts programs of the target platform.",
            providers = [ProgramRunnerInfo],
        ),
        "static": attr.bool(doc = "Whether the program is fully static."),
    },
    doc = """Starts a program with the libraries of its sysroot.

What ships in an image may need libraries, and a C library, that the machine
lacks. The script replaces itself by the program, so signals and the exit code
are the program's.""",
    executable = True,
)
