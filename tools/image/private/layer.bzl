# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Layers: the rules that describe one, and the action that writes it."""

load("//tools/apt:defs.bzl", "DebianPackageInfo", "DebianPackagesInfo")

visibility(["//tools/image/..."])

# File name endings by compression, which tools that look at names expect.
_ENDINGS = {
    "gzip": ".tar.gz",
    "none": ".tar",
    "zstd": ".tar.zst",
}

LAYER_ATTRS = {
    "compress": attr.string(
        default = "gzip",
        doc = "How the layer is compressed. Engines before Docker 23 cannot load zstd.",
        values = ["gzip", "none", "zstd"],
    ),
    "_tool": attr.label(
        cfg = "exec",
        default = "//tools/image/cmd/image",
        executable = True,
    ),
}

def write_layer(ctx, spec, inputs):
    """Declares the action that writes a layer.

    Args:
      ctx: the rule's context; it has LAYER_ATTRS.
      spec: a dict that the tool understands, without label and compress.
      inputs: the files that the spec names.

    Returns:
      The rule's providers.
    """
    out = ctx.actions.declare_file(ctx.label.name + _ENDINGS[ctx.attr.compress])
    description = ctx.actions.declare_file(ctx.label.name + ".layer.json")
    ctx.actions.write(
        description,
        json.encode(spec | {"compress": ctx.attr.compress, "label": str(ctx.label)}),
    )
    args = ctx.actions.args()
    args.add("layer")
    args.add(description, format = "-spec=%s")
    args.add(out, format = "-out=%s")
    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._tool,
        inputs = inputs + [description],
        mnemonic = "ImageLayer",
        outputs = [out],
        progress_message = "Writing layer %{label}",
    )
    return [DefaultInfo(files = depset([out]))]

def _layer_impl(ctx):
    files = []
    inputs = []
    for target, place in ctx.attr.files.items():
        sources = target[DefaultInfo].files.to_list()
        if len(sources) != 1:
            fail("{}: files: {} has {} files and one is wanted; name the file itself".format(ctx.label, target.label, len(sources)))
        inputs.append(sources[0])
        files.append({"place": place, "source": sources[0].path})
    return write_layer(ctx, {
        "contents": ctx.attr.contents,
        "directories": ctx.attr.directories,
        "files": files,
        "symlinks": ctx.attr.symlinks,
    }, inputs)

layer = rule(
    implementation = _layer_impl,
    attrs = LAYER_ATTRS | {
        "contents": attr.string_dict(doc = "Small files: place to text."),
        "directories": attr.string_list(doc = "Folders, by place; 0755 unless a mode is given."),
        "files": attr.label_keyed_string_dict(
            allow_files = True,
            doc = "Files: target to place; 0644 unless a mode is given.",
        ),
        "symlinks": attr.string_dict(doc = "Symbolic links: path to what they lead to."),
    },
    doc = """A layer of an image.

A place is a path, which may be followed by a mode and an owner:
`/app/lupa`, `/app/lupa 0755`, `/home/nonroot 0700 65532:65532`.

Entries are sorted, with the epoch as their time and root as their owner unless
told otherwise. Parent folders are not made: they belong to the layer that names
them, with the mode it gives them.""",
)

def _describe(ctx):
    """Returns the packages as the tool understands them, and their files."""
    packages = {}
    for target in ctx.attr.packages:
        found = [target[DebianPackageInfo]] if DebianPackageInfo in target else target[DebianPackagesInfo].packages
        for package in found:
            packages[package.name] = package
    inputs = []
    described = []
    for name in sorted(packages):
        package = packages[name]
        inputs.extend([package.control, package.data])
        described.append({"Control": package.control.path, "Data": package.data.path, "Name": name})
    return described, inputs

def _debian_layer_impl(ctx):
    packages, inputs = _describe(ctx)
    return write_layer(ctx, {
        "exclude": ctx.attr.exclude,
        "include": ctx.attr.include,
        "packages": packages,
    }, inputs)

debian_layer = rule(
    implementation = _debian_layer_impl,
    attrs = LAYER_ATTRS | {
        "exclude": attr.string_list(
            doc = "Paths to leave out, without leading slash; `*` matches within a part, `**` any number of parts.",
        ),
        "include": attr.string_list(
            doc = "Paths to put in; all if empty. What is left out by this, and not by exclude, is in a layer below, and stays in the records.",
        ),
        "packages": attr.label_list(
            doc = "Debian packages, or groups of them.",
            mandatory = True,
            providers = [[DebianPackageInfo], [DebianPackagesInfo]],
        ),
    },
    doc = """A layer of Debian packages, with the files, modes and owners dpkg would install.

For scanners, `/var/lib/dpkg/status.d` gets each package's control paragraph and
the checksums of those of its files that are in the layer. Nothing is configured:
no script of a package runs.""",
)

def _debian_slice_impl(ctx):
    if not ctx.attr.libraries and not ctx.attr.programs:
        fail("{}: the slice is empty: name programs or libraries that it is for".format(ctx.label))
    packages, inputs = _describe(ctx)
    return write_layer(ctx, {
        "packages": packages,
        "slice": {
            "Libraries": ctx.attr.libraries,
            "Programs": [program.path for program in ctx.files.programs],
        },
    }, inputs + ctx.files.programs)

debian_slice = rule(
    implementation = _debian_slice_impl,
    attrs = LAYER_ATTRS | {
        "libraries": attr.string_list(
            doc = "Names of libraries to take beside those the programs name, such as `libresolv.so.2`.",
        ),
        "packages": attr.label_list(
            doc = "Debian packages, or groups of them, to take files from.",
            mandatory = True,
            providers = [[DebianPackageInfo], [DebianPackagesInfo]],
        ),
        "programs": attr.label_list(
            allow_files = True,
            doc = "Programs, for the target platform, that the slice is for.",
        ),
    },
    doc = """A layer of the files that programs are loaded with, and no others.

The loader, the libraries and what these need in turn are read from the ELF files
when the layer is made, and taken from the packages, with the folders they lie in.
Of each package that has such a file, the licence is taken, too, and scanners get
its control paragraph with the checksums of the files taken. A library that none of
the packages has fails the build.""",
)

def _busybox_layer_impl(ctx):
    package = ctx.attr.package[DebianPackageInfo]
    return write_layer(ctx, {
        "busybox": {"Control": package.control.path, "Data": package.data.path, "Name": package.name},
    }, [package.control, package.data])

busybox_layer = rule(
    implementation = _busybox_layer_impl,
    attrs = LAYER_ATTRS | {
        "package": attr.label(
            doc = "The Debian package busybox-static.",
            mandatory = True,
            providers = [DebianPackageInfo],
        ),
    },
    doc = """A layer with a shell and the usual tools in `/busybox`, for debugging.

The program is `/busybox/busybox`; each of the tools in it has a link there.""",
)

def _ca_bundle_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".crt")
    data = ctx.attr.package[DebianPackageInfo].data
    args = ctx.actions.args()
    args.add("certificates")
    args.add(data, format = "-data=%s")
    args.add(out, format = "-out=%s")
    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._tool,
        inputs = [data],
        mnemonic = "ImageCertificates",
        outputs = [out],
        progress_message = "Joining certificates %{label}",
    )
    return [DefaultInfo(files = depset([out]))]

ca_bundle = rule(
    implementation = _ca_bundle_impl,
    attrs = {
        "package": attr.label(
            doc = "The Debian package ca-certificates.",
            mandatory = True,
            providers = [DebianPackageInfo],
        ),
        "_tool": attr.label(
            cfg = "exec",
            default = "//tools/image/cmd/image",
            executable = True,
        ),
    },
    doc = "The certificates that update-ca-certificates would put into its bundle, as one file.",
)
