# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The test that an image is as a description says."""

load(":image_test.bzl", "IMAGE_TEST_ATTRS", "image_test")

visibility(["//tools/image/..."])

def _image_structure_test_impl(ctx):
    return image_test(ctx, "structure", [], [("-spec=", spec) for spec in ctx.files.specs])

image_structure_test = rule(
    implementation = _image_structure_test_impl,
    attrs = IMAGE_TEST_ATTRS | {
        "specs": attr.label_list(
            allow_files = [".yaml"],
            doc = "Descriptions; later ones are laid over earlier ones.",
            mandatory = True,
        ),
    },
    doc = """Fails where an image is not as its descriptions say.

They are YAML: configuration, paths with kind, mode and owner, contents, what must not
be there, packages, sizes. Of every image it is also asked that no file gives rights
of another user, that layers do not contradict each other, and that the records of
packages name what is there, with the right checksums.""",
    test = True,
)
