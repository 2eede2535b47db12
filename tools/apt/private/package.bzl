# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Packages as targets."""

visibility("//tools/apt/...")

DebianPackageInfo = provider(
    doc = "One Debian package file, taken apart.",
    fields = {
        "architecture": "Debian's name of the CPU, or \"all\"",
        "control": "File: the control archive, control.tar.*",
        "data": "File: the archive of the installed files, data.tar.*",
        "name": "the package's name",
        "sha256": "checksum of the package file",
        "version": "the full version, with epoch and revision",
    },
)

DebianPackagesInfo = provider(
    doc = "A group of Debian packages for one CPU.",
    fields = {
        "packages": "list of DebianPackageInfo, sorted by name",
    },
)

def _debian_package_impl(ctx):
    return [
        DefaultInfo(files = depset([ctx.file.control, ctx.file.data])),
        DebianPackageInfo(
            name = ctx.attr.package,
            architecture = ctx.attr.architecture,
            control = ctx.file.control,
            data = ctx.file.data,
            sha256 = ctx.attr.sha256,
            version = ctx.attr.version,
        ),
    ]

debian_package = rule(
    implementation = _debian_package_impl,
    doc = "A package file that a repository rule has taken apart.",
    attrs = {
        "architecture": attr.string(mandatory = True),
        "control": attr.label(allow_single_file = True, mandatory = True),
        "data": attr.label(allow_single_file = True, mandatory = True),
        "package": attr.string(mandatory = True),
        "sha256": attr.string(mandatory = True),
        "version": attr.string(mandatory = True),
    },
    provides = [DebianPackageInfo],
)

def _debian_packages_impl(ctx):
    packages = {}
    for target in ctx.attr.packages:
        info = target[DebianPackageInfo]
        packages[info.name] = info
    return [
        DefaultInfo(files = depset(transitive = [t[DefaultInfo].files for t in ctx.attr.packages])),
        DebianPackagesInfo(packages = [packages[n] for n in sorted(packages)]),
    ]

debian_packages = rule(
    implementation = _debian_packages_impl,
    doc = "Several packages under one name.",
    attrs = {
        "packages": attr.label_list(mandatory = True, providers = [DebianPackageInfo]),
    },
    provides = [DebianPackagesInfo],
)
