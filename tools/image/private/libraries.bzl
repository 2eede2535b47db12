# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The test that images ship the libraries that their programs are loaded with."""

visibility(["//tools/image/..."])

def _runfiles_path(file):
    if file.short_path.startswith("../"):
        return file.short_path[len("../"):]
    return "_main/" + file.short_path

def _libraries_test_impl(ctx):
    images = ctx.files.image
    if len(images) != 1:
        fail("{}: image: {} has {} files and one is wanted; name an oci_image or oci_image_index".format(ctx.label, ctx.attr.image.label, len(images)))
    ctx.actions.write(
        output = ctx.outputs.executable,
        content = "#!/bin/sh\nexec \"$TEST_SRCDIR\"/'{}' libraries \"$TEST_SRCDIR\"/'{}'\n".format(
            _runfiles_path(ctx.executable._tool),
            _runfiles_path(images[0]),
        ),
        is_executable = True,
    )
    return [DefaultInfo(runfiles = ctx.runfiles(files = images + [ctx.executable._tool]))]

libraries_test = rule(
    implementation = _libraries_test_impl,
    attrs = {
        "image": attr.label(
            allow_files = True,
            doc = "The image, or an index of images.",
            mandatory = True,
        ),
        "_tool": attr.label(
            cfg = "exec",
            default = "//tools/image/cmd/image",
            executable = True,
        ),
    },
    doc = """Fails where an image lacks a library that its program is loaded with.

Looked for are the loader, the libraries the program needs and those that they
need in turn, in the folders where Debian's loader looks, for the program's CPU.""",
    test = True,
)
