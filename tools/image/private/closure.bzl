# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The test that images ship all that their programs are loaded with."""

load(":image_test.bzl", "IMAGE_TEST_ATTRS", "image_test")

visibility(["//tools/image/..."])

_PLATFORMS = "//command_line_option:platforms"
_RACE = "@rules_go//go/config:race"

# The CPUs that images are for, as Go calls them.
_CPUS = {
    "amd64": "//platforms:linux_amd64",
    "arm64": "//platforms:linux_arm64",
}

def _each_cpu_impl(settings, attr):
    _ = (settings, attr)  # @unused

    # The race detector cannot be emulated, and is not in images.
    return {
        cpu: {
            _PLATFORMS: [platform],
            _RACE: False,
        }
        for cpu, platform in _CPUS.items()
    }

_each_cpu = transition(
    implementation = _each_cpu_impl,
    inputs = [],
    outputs = [
        _PLATFORMS,
        _RACE,
    ],
)

def _elf_closure_test_impl(ctx):
    args = []
    if ctx.attr.max_glibc:
        args.append("-max-glibc=" + ctx.attr.max_glibc)
    if ctx.attr.minimal:
        args.append("-minimal")
    for library in ctx.attr.loaded:
        args.append("-loaded=" + library)
    files = [
        ("-helper=", ctx.executable._helper),
        ("-emulator-root=", ctx.file._emulator),
    ]
    for flag, probes in {
        "-probe": ctx.split_attr._probe,
        "-probe-static": ctx.split_attr._probe_static,
    }.items():
        for cpu, probe in probes.items():
            # Below the runfiles' folder, all CPUs' programs have one path.
            link = ctx.actions.declare_file("{}{}-{}".format(ctx.label.name, flag, cpu))
            ctx.actions.symlink(
                is_executable = True,
                output = link,
                target_file = probe[DefaultInfo].files_to_run.executable,
            )
            files.append(("{}={}=".format(flag, cpu), link))
    return image_test(ctx, "closure", args, files)

elf_closure_test = rule(
    implementation = _elf_closure_test_impl,
    attrs = IMAGE_TEST_ATTRS | {
        "loaded": attr.string_list(
            doc = "With minimal: libraries that programs load by name at run time.",
        ),
        "max_glibc": attr.string(
            doc = "The newest glibc whose symbols may be asked for; if empty, the one in the image.",
        ),
        "minimal": attr.bool(
            doc = "Whether each library must be one that a program of the image is loaded with.",
        ),
        "_emulator": attr.label(
            allow_single_file = True,
            default = "@debian12_emulator_amd64//:root",
        ),
        "_helper": attr.label(
            cfg = "exec",
            default = "//tools/image/cmd/jail",
            executable = True,
        ),
        "_probe": attr.label(
            cfg = _each_cpu,
            default = "//tools/image/cmd/probe",
        ),
        "_probe_static": attr.label(
            cfg = _each_cpu,
            default = "//tools/image/cmd/probestatic",
        ),
    },
    doc = """Fails where an image lacks what its programs are loaded with, or ask for.

Of every ELF file in the image, the loader must be there and all libraries that are
needed, for its CPU; every symbol must be defined, in the version that is asked for;
and no folder may be searched that is not the image's. Programs that convert
character sets must have glibc's converters.

Then a program is run in the image's files, as its user, without a container
engine: it looks names up in a hosts file and by DNS – with the image's C library if
there is one –, and uses the authorities, time zones, users and names of ports.""",
    test = True,
)
