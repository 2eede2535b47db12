# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""What tests of finished images have in common: one program, run on an image."""

visibility(["//tools/image/..."])

IMAGE_TEST_ATTRS = {
    "image": attr.label(
        allow_files = True,
        doc = "The image, or an index of images.",
        mandatory = True,
    ),
    "_tool": attr.label(
        cfg = "exec",
        default = "//tools/image/cmd/imagetest",
        executable = True,
    ),
}

def _quote(word):
    return "'" + word.replace("'", "'\\''") + "'"

def in_runfiles(file):
    """Returns the word of a test's script that names a file."""
    if file.short_path.startswith("../"):
        return "\"$TEST_SRCDIR\"/" + _quote(file.short_path[len("../"):])
    return "\"$TEST_SRCDIR\"/" + _quote("_main/" + file.short_path)

def image_test(ctx, command, args, files):
    """Declares what a test of an image runs.

    Args:
      ctx: the rule's context; it has IMAGE_TEST_ATTRS.
      command: which test.
      args: its flags.
      files: flags that end in a file: pairs of the text before it and the File.

    Returns:
      The rule's providers.
    """
    images = ctx.files.image
    if len(images) != 1:
        fail("{}: image: {} has {} files and one is wanted; name an oci_image or oci_image_index".format(
            ctx.label,
            ctx.attr.image.label,
            len(images),
        ))
    words = [in_runfiles(ctx.executable._tool), command] + [_quote(arg) for arg in args]
    words += [_quote(flag) + in_runfiles(file) for flag, file in files]
    words.append(in_runfiles(images[0]))
    ctx.actions.write(
        output = ctx.outputs.executable,
        content = "#!/bin/sh\nexec {}\n".format(" ".join(words)),
        is_executable = True,
    )
    return [DefaultInfo(runfiles = ctx.runfiles(
        files = images + [file for _, file in files] + [ctx.executable._tool],
    ))]
