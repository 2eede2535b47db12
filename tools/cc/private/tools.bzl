# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Wrappers that start the pinned compiler's programs from wherever it lies."""

visibility(["//tools/cc/..."])

CompilerToolsInfo = provider(
    doc = "The programs of a C toolchain, as files that can be started.",
    fields = {
        "ar": "File: the archiver.",
        "clang": "File: the compiler driver, for one target.",
        "compiler": "File: the compiler's root folder.",
        "include_directories": "list of string: where headers of the system are, relative to the execution root.",
        "library_path": "list of string: folders of the compiler's libraries, relative to its root.",
        "loader": "string: the loader that starts the programs, relative to the compiler's root.",
        "nm": "File: the symbol lister.",
        "objcopy": "File: the object copier.",
        "programs": "list of string: the programs that wrappers start, relative to the compiler's root.",
        "strip": "File: the stripper.",
        "target": "string: the target triple, such as aarch64-linux-gnu.",
    },
)

# Where Debian puts LLVM below its root, and what the programs are called there.
_LLVM = "usr/lib/llvm-{}"
_PROGRAMS = {
    "ar": "llvm-ar",
    "ld.lld": "lld",
    "nm": "llvm-nm",
    "objcopy": "llvm-objcopy",
    "strip": "llvm-strip",
}

# What LLVM's multi-call programs must be called as to behave as asked.
_CALLED_AS = {"ar": "llvm-ar", "strip": "llvm-strip"}

def _wrap(ctx, template, name, substitutions):
    """Writes one wrapper and returns its file."""
    out = ctx.actions.declare_file("{}/{}".format(ctx.label.name, name))

    # One "/*" per path component between the wrapper and the execution root.
    up = "/*" * len(out.path.split("/"))
    ctx.actions.expand_template(
        template = template,
        output = out,
        is_executable = True,
        substitutions = {
            "{{%s}}" % key: value
            for key, value in dict(substitutions, UP = up).items()
        },
    )
    return out

def _compiler_tools_impl(ctx):
    compiler = ctx.file.compiler
    sysroot = ctx.file.sysroot
    llvm = _LLVM.format(ctx.attr.llvm_version)
    gcc_dir = "usr/lib/gcc/{}/{}".format(ctx.attr.target, ctx.attr.gcc_version)
    library_path = [
        folder + ctx.attr.exec_multiarch
        for folder in ["lib/", "usr/lib/"]
    ]
    common = {
        "COMPILER": compiler.path,
        "LIBRARY_PATH": ":".join([
            "$compiler/" + folder
            for folder in library_path
        ]),
        "LLVM": llvm,
        "LOADER": "{}/{}".format(library_path[0], ctx.attr.exec_loader),
    }
    files = {
        name: _wrap(ctx, ctx.file._tool_template, name, dict(
            common,
            PROGRAM = program,
            TOOL = _CALLED_AS.get(name, name),
        ))
        for name, program in _PROGRAMS.items()
    }
    files["clang"] = _wrap(ctx, ctx.file._clang_template, "clang", dict(
        common,
        GCC_DIR = gcc_dir,
        LLVM_MAJOR = ctx.attr.llvm_version,
        SYSROOT = sysroot.path,
        TARGET = ctx.attr.target,
    ))
    return [
        DefaultInfo(files = depset(files.values() + [compiler, sysroot])),
        CompilerToolsInfo(
            ar = files["ar"],
            clang = files["clang"],
            compiler = compiler,
            include_directories = [
                "{}/{}/lib/clang/{}/include".format(compiler.path, llvm, ctx.attr.llvm_version),
                sysroot.path + "/usr/include",
            ],
            library_path = library_path,
            loader = common["LOADER"],
            nm = files["nm"],
            objcopy = files["objcopy"],
            programs = [
                "{}/bin/{}".format(llvm, program)
                for program in ["clang"] + _PROGRAMS.values()
            ],
            strip = files["strip"],
            target = ctx.attr.target,
        ),
    ]

compiler_tools = rule(
    implementation = _compiler_tools_impl,
    attrs = {
        "compiler": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "Directory with LLVM as Debian lays it out, and every library it needs.",
        ),
        "exec_loader": attr.string(
            mandatory = True,
            doc = "File name of the dynamic loader that starts the compiler.",
        ),
        "exec_multiarch": attr.string(
            mandatory = True,
            doc = "Debian's name of the CPU that the compiler runs on.",
        ),
        "gcc_version": attr.string(
            mandatory = True,
            doc = "Version of the GCC whose start files and libgcc are in the sysroot.",
        ),
        "llvm_version": attr.string(
            mandatory = True,
            doc = "Major version of LLVM.",
        ),
        "sysroot": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "Directory with the target's headers and libraries.",
        ),
        "target": attr.string(
            mandatory = True,
            doc = "Target triple, also Debian's multiarch name.",
        ),
        "_clang_template": attr.label(
            default = ":clang.sh.tpl",
            allow_single_file = True,
        ),
        "_tool_template": attr.label(
            default = ":tool.sh.tpl",
            allow_single_file = True,
        ),
    },
    doc = "Wraps one compiler for one target.",
)
