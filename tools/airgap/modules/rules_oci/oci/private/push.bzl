# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The rule that pushes an image to a registry."""

load(":launcher.bzl", "launcher")

visibility("//oci/...")

def _check(ctx):
    """Fails where the attributes make no sense."""
    if not ctx.file.image.is_directory:
        fail("{}: image = {} is one file, but should be an oci_image or oci_image_index".format(ctx.label, ctx.attr.image.label))
    repository = ctx.attr.repository
    if "@" in repository or ":" in repository.split("/")[-1]:
        fail("{}: repository = {} has a tag or a digest; put tags into remote_tags, and leave the digest out".format(ctx.label, repr(repository)))

def _oci_push_impl(ctx):
    _check(ctx)
    image = ctx.attr.image[DefaultInfo]
    arguments = ["--image", ctx.file.image]
    files = [ctx.file.image]
    if ctx.attr.repository:
        arguments += ["--repository", ctx.attr.repository]
    elif ctx.file.repository_file:
        arguments += ["--repository-file", ctx.file.repository_file]
        files.append(ctx.file.repository_file)
    if ctx.file.remote_tags:
        arguments += ["--tags-file", ctx.file.remote_tags]
        files.append(ctx.file.remote_tags)
    script = launcher.write(ctx, "push_{}.sh".format(ctx.label.name), ctx.executable._push, arguments)

    runfiles = ctx.runfiles(files)
    if image.default_runfiles:
        runfiles = runfiles.merge(image.default_runfiles)
    runfiles = runfiles.merge(ctx.attr._push[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = script, runfiles = runfiles)]

oci_push = rule(
    implementation = _oci_push_impl,
    attrs = {
        "image": attr.label(
            allow_single_file = True,
            doc = "An oci_image or oci_image_index.",
            mandatory = True,
        ),
        "remote_tags": attr.label(
            allow_single_file = True,
            doc = "The tags to set, one per line.",
        ),
        "repository": attr.string(
            doc = "Where to push to, without tag and digest; else --repository says it.",
        ),
        "repository_file": attr.label(
            allow_single_file = True,
            doc = "A file with the repository.",
        ),
        "_push": attr.label(cfg = "exec", default = "//cmd/push", executable = True),
    } | launcher.attrs,
    doc = "Pushes an image to a registry.",
    executable = True,
)
