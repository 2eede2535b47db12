# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of every fail() in the rules."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//oci:defs.bzl", "oci_image", "oci_image_index", "oci_push")

visibility("private")

def _refusal_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

_refusal_test = analysistest.make(
    _refusal_test_impl,
    attrs = {"message": attr.string(doc = "What the failure has to say.", mandatory = True)},
    expect_failure = True,
)

def refusals(name):
    """Declares the tests, and a suite of them.

    Args:
        name: name of the suite.
    """
    oci_image(name = "image", architecture = "amd64", os = "linux", tags = ["manual"])
    oci_image(name = "no_os", architecture = "amd64", tags = ["manual"])
    oci_image(name = "no_architecture", os = "linux", tags = ["manual"])
    oci_image(name = "base_and_os", base = ":image", os = "linux", tags = ["manual"])
    oci_image(name = "base_and_architecture", architecture = "amd64", base = ":image", tags = ["manual"])
    oci_image(name = "base_and_variant", base = ":image", tags = ["manual"], variant = "v8")
    oci_image_index(name = "no_images", images = [], tags = ["manual"])
    oci_image_index(
        name = "many_platforms",
        images = [":image", ":other"],
        platforms = [":platform"],
        tags = ["manual"],
    )
    oci_image(name = "other", architecture = "arm64", os = "linux", tags = ["manual"])
    native.platform(name = "platform", constraint_values = ["@platforms//os:linux", "@platforms//cpu:x86_64"])
    oci_push(name = "push_tag", image = ":image", repository = "host:5000/a:b", tags = ["manual"])
    oci_push(name = "push_digest", image = ":image", repository = "host/a@sha256:0", tags = ["manual"])
    oci_push(name = "push_file", image = "BUILD.bazel", repository = "host/a", tags = ["manual"])

    messages = {
        "base_and_architecture": "architecture = \"amd64\" cannot be set together with base",
        "base_and_os": "os = \"linux\" cannot be set together with base",
        "base_and_variant": "variant = \"v8\" cannot be set together with base",
        "many_platforms": "images names 2 targets while platforms is set",
        "no_architecture": "architecture is not set",
        "no_images": "images is empty",
        "no_os": "os is not set",
        "push_digest": "has a tag or a digest",
        "push_file": "is one file, but should be an oci_image",
        "push_tag": "has a tag or a digest",
    }
    for target, message in messages.items():
        _refusal_test(name = target + "_test", message = message, target_under_test = ":" + target)
    native.test_suite(name = name, tests = [":{}_test".format(target) for target in messages])
