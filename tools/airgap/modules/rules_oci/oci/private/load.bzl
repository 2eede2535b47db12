# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The rule that loads an image into a container engine."""

load(":launcher.bzl", "launcher")

visibility("//oci/...")

def _archive(ctx, linked):
    """Returns the archive, which is built only if somebody asks for it."""
    out = ctx.actions.declare_file("{}/tarball.tar".format(ctx.label.name))
    args = ctx.actions.args()
    args.add("tarball")
    args.add("--format", ctx.attr.format)
    args.add("--tags", ctx.file.repo_tags)
    args.add("--out", out)
    args.add("--image", ctx.file.image.path)
    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._oci,
        inputs = depset([ctx.file.repo_tags], transitive = linked),
        mnemonic = "OCITarball",
        outputs = [out],
        progress_message = "OCI Tarball %{label}",
    )
    return out

def _oci_load_impl(ctx):
    image = ctx.attr.image[DefaultInfo]
    linked = [image.files]
    if image.default_runfiles:
        linked.append(image.default_runfiles.files)

    arguments = ["load", "--image", ctx.file.image, "--format", ctx.attr.format, "--tags", ctx.file.repo_tags]
    if ctx.executable.loader:
        arguments += ["--loader", ctx.executable.loader]
    script = launcher.write(ctx, ctx.label.name + ".sh", ctx.executable._oci, arguments)

    runfiles = ctx.runfiles([ctx.file.repo_tags], transitive_files = depset(transitive = linked))
    runfiles = runfiles.merge(ctx.attr._oci[DefaultInfo].default_runfiles)
    if ctx.attr.loader:
        runfiles = runfiles.merge(ctx.runfiles([ctx.executable.loader]))
        runfiles = runfiles.merge(ctx.attr.loader[DefaultInfo].default_runfiles)
    return [
        DefaultInfo(executable = script, runfiles = runfiles),
        OutputGroupInfo(tarball = depset([_archive(ctx, linked)])),
    ]

oci_load = rule(
    implementation = _oci_load_impl,
    attrs = {
        "format": attr.string(
            default = "docker",
            doc = "docker for an oci_image, oci for an oci_image_index.",
            values = ["docker", "oci"],
        ),
        "image": attr.label(allow_single_file = True, doc = "The image.", mandatory = True),
        "loader": attr.label(
            allow_files = True,
            cfg = "target",
            doc = "What to use in place of docker, podman or nerdctl.",
            executable = True,
        ),
        "repo_tags": attr.label(
            allow_single_file = [".txt"],
            doc = "The names of the image, repository:tag, one per line.",
            mandatory = True,
        ),
        "_oci": attr.label(cfg = "exec", default = "//cmd/oci", executable = True),
    } | launcher.attrs,
    doc = "Loads an image into a container engine.",
    executable = True,
)
