# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Rules that test a program as built for a platform: its file, and its run."""

load(":runfiles.bzl", "in_runfiles", "quote", "runfiles_path")

visibility(["//tools/cc/..."])

_PLATFORMS = "//command_line_option:platforms"
_MODE = "//command_line_option:compilation_mode"
_RACE = "@rules_go//go/config:race"

def _platform_transition_impl(settings, attr):
    return {
        _MODE: attr.compilation_mode or settings[_MODE],
        _PLATFORMS: [attr.platform] if attr.platform else settings[_PLATFORMS],
        # What is examined is how programs are linked; the race detector brings
        # objects that others compiled, and cannot be emulated.
        _RACE: False,
    }

# The one configuration that a test's program and its runner share.
_platform_transition = transition(
    implementation = _platform_transition_impl,
    inputs = [
        _MODE,
        _PLATFORMS,
    ],
    outputs = [
        _MODE,
        _PLATFORMS,
        _RACE,
    ],
)

_TRANSITION_ATTRS = {
    "compilation_mode": attr.string(
        values = [
            "",
            "dbg",
            "fastbuild",
            "opt",
        ],
        doc = "Compilation mode of the program; empty for the command line's.",
    ),
    "platform": attr.label(
        doc = "Platform of the program; none for the command line's.",
    ),
}

ProgramRunnerInfo = provider(
    doc = "What starts a program that was built for a platform.",
    fields = {
        "argv": "list of string: words before the program, %{root} being the runfiles' folder.",
        "files": "depset of File: what those words name.",
        "static_argv": "list of string: words before a fully static program.",
    },
)

def _program_runner_impl(ctx):
    root = "%{root}/" + runfiles_path(ctx.file.sysroot)
    files = [ctx.file.sysroot]
    if ctx.file.emulator:
        files.append(ctx.file.emulator)
        argv = [
            "%{root}/" + runfiles_path(ctx.file.emulator) + "/" + ctx.attr.program,
            "-L",
            root,
        ]
    else:
        argv = [
            root + "/" + ctx.attr.program,
            "--inhibit-cache",
            "--library-path",
            ":".join([root + "/" + path for path in ctx.attr.library_path]),
        ]
    return [ProgramRunnerInfo(
        argv = argv,
        files = depset(files),
        static_argv = argv if ctx.file.emulator else [],
    )]

program_runner = rule(
    implementation = _program_runner_impl,
    attrs = {
        "emulator": attr.label(
            allow_single_file = True,
            doc = "Directory of an emulator; none where the CPU runs the program itself.",
        ),
        "library_path": attr.string_list(
            doc = "Without an emulator: folders of the sysroot that hold libraries.",
        ),
        "program": attr.string(
            mandatory = True,
            doc = "Path of the emulator in its directory, or of the loader in the sysroot.",
        ),
        "sysroot": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "Directory with the libraries that the program is run with.",
        ),
    },
    doc = "Runs programs against a sysroot's libraries, never the machine's own.",
)

def _program_test_impl(ctx):
    program = ctx.executable.program
    runner = ctx.attr.runner[0][ProgramRunnerInfo]
    argv = runner.static_argv if ctx.attr.static else runner.argv
    argv = argv + ["%{root}/" + runfiles_path(program)] + ctx.attr.program_args
    words = " ".join([
        quote(word).replace("%{root}", "'\"$root\"'")
        for word in argv
    ])
    ctx.actions.write(
        output = ctx.outputs.executable,
        content = """#!/bin/sh
root=$TEST_SRCDIR
want={want}
got=$({words} 2>&1)
code=$?
if [ "$code" -ne 0 ] || [ "$got" != "$want" ]; then
  echo "{label}: exit code $code"
  echo "got:  $got"
  echo "want: $want"
  exit 1
fi
""".format(
            label = ctx.label,
            want = quote(ctx.attr.want),
            words = words,
        ),
        is_executable = True,
    )
    return [DefaultInfo(
        runfiles = ctx.runfiles(
            files = [program],
            transitive_files = runner.files,
        ).merge(ctx.attr.program[0][DefaultInfo].default_runfiles),
    )]

program_test = rule(
    implementation = _program_test_impl,
    attrs = _TRANSITION_ATTRS | {
        "program": attr.label(
            mandatory = True,
            cfg = _platform_transition,
            executable = True,
            doc = "The program to run.",
        ),
        "program_args": attr.string_list(doc = "Arguments of the program."),
        "runner": attr.label(
            cfg = _platform_transition,
            mandatory = True,
            providers = [ProgramRunnerInfo],
            doc = "What starts programs of the platform.",
        ),
        "static": attr.bool(
            doc = "Whether the program is fully static, so that no loader starts it.",
        ),
        "want": attr.string(
            mandatory = True,
            doc = "What the program prints, without trailing newlines.",
        ),
    },
    test = True,
    doc = "Runs a program built for a platform and compares what it prints.",
)

def _elf_test_impl(ctx):
    program = ctx.executable.program
    args = ["-machine", ctx.attr.machine, "-max-glibc", ctx.attr.max_glibc]
    if ctx.attr.static:
        if ctx.attr.needed or ctx.attr.interpreter:
            fail("{}: needed and interpreter are of programs that are loaded: remove them, or static".format(ctx.label))
        args.append("-static")
    else:
        args += ["-interpreter", ctx.attr.interpreter]
    if ctx.attr.stripped:
        args.append("-stripped")
    for flag, values in {
        "-comment": ctx.attr.comments,
        "-forbid": ctx.attr.forbidden,
        "-needed": ctx.attr.needed,
    }.items():
        for value in values:
            args += [flag, value]
    words = [quote(word) for word in args]
    files = [program, ctx.executable._elfcheck]
    for flag, others in {
        "-agree": ctx.files.agrees_with,
        "-differ": ctx.files.differs_from,
    }.items():
        for other in others:
            files.append(other)
            words += [flag, in_runfiles(other)]
    ctx.actions.write(
        output = ctx.outputs.executable,
        content = "#!/bin/sh\nexec {} {} {}\n".format(
            in_runfiles(ctx.executable._elfcheck),
            " ".join(words),
            in_runfiles(program),
        ),
        is_executable = True,
    )
    return [DefaultInfo(runfiles = ctx.runfiles(files = files))]

elf_test = rule(
    implementation = _elf_test_impl,
    attrs = _TRANSITION_ATTRS | {
        "agrees_with": attr.label_list(
            cfg = _platform_transition,
            doc = "Programs that must have the same build id.",
        ),
        "comments": attr.string_list(
            mandatory = True,
            doc = "Everything that may be named as a maker in .comment.",
        ),
        "differs_from": attr.label_list(
            cfg = _platform_transition,
            doc = "Programs that must have another build id.",
        ),
        "forbidden": attr.string_list(
            doc = "Texts that may not be in the file, beside paths of the machine.",
        ),
        "interpreter": attr.string(
            doc = "The dynamic loader the file must ask for.",
        ),
        "machine": attr.string(
            mandatory = True,
            doc = "The CPU, as Go's debug/elf names it, such as EM_X86_64.",
        ),
        "max_glibc": attr.string(
            mandatory = True,
            doc = "The newest version of glibc whose symbols may be used.",
        ),
        "needed": attr.string_list(
            doc = "Exactly the libraries that the file must ask for.",
        ),
        "program": attr.label(
            mandatory = True,
            cfg = _platform_transition,
            executable = True,
            doc = "The program whose file is checked.",
        ),
        "static": attr.bool(
            doc = "Whether the file must be fully static instead of an executable that can be loaded anywhere.",
        ),
        "stripped": attr.bool(
            doc = "Whether the file must have neither symbols nor debug information.",
        ),
        "_elfcheck": attr.label(
            default = "//tools/cc/elfcheck/cmd/elfcheck",
            cfg = "exec",
            executable = True,
        ),
    },
    test = True,
    doc = "Checks how a program was linked; see //tools/cc/elfcheck.",
)
