# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The rule that builds an index of images."""

visibility("//oci/...")

def _platforms_impl(_settings, attr):
    # Without platforms, images are built for the one we are in.
    return [
        {"//command_line_option:platforms": str(platform)}
        for platform in attr.platforms
    ]

_platforms = transition(
    implementation = _platforms_impl,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _oci_image_index_impl(ctx):
    if not ctx.files.images:
        fail("{}: images is empty; name at least one oci_image".format(ctx.label))
    if ctx.attr.platforms and len(ctx.attr.images) != len(ctx.attr.platforms):
        fail("{}: images names {} targets while platforms is set; name the one oci_image to build for each platform".format(ctx.label, len(ctx.attr.images) // len(ctx.attr.platforms)))

    out = ctx.actions.declare_directory(ctx.label.name)

    # The layout links to those of the images, and these to their layers.
    linked = [depset(ctx.files.images)]
    for image in ctx.attr.images:
        if image[DefaultInfo].default_runfiles:
            linked.append(image[DefaultInfo].default_runfiles.files)
    args = ctx.actions.args()
    args.add("index")
    args.add("--out", out.path)
    args.add_all(ctx.files.images, expand_directories = False)
    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._oci,
        inputs = depset(transitive = linked),
        mnemonic = "OCIIndex",
        outputs = [out],
        progress_message = "OCI Index %{label}",
    )
    return [DefaultInfo(
        files = depset([out]),
        runfiles = ctx.runfiles(transitive_files = depset(transitive = linked)),
    )]

oci_image_index = rule(
    implementation = _oci_image_index_impl,
    attrs = {
        "images": attr.label_list(cfg = _platforms, doc = "The images, in order.", mandatory = True),
        "platforms": attr.label_list(
            doc = "Builds the one image for each of these platforms.",
            providers = [platform_common.PlatformInfo],
        ),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
        "_oci": attr.label(cfg = "exec", default = "//cmd/oci", executable = True),
    },
    doc = "An index of images as an OCI layout.",
)
