# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The module extension `oci`, which an air-gapped build cannot honour."""

_pull = tag_class(
    attrs = {
        "bazel_tags": attr.string_list(),
        "config": attr.label(),
        "digest": attr.string(),
        "image": attr.string(),
        "name": attr.string(),
        "platforms": attr.string_list(),
        "registry": attr.string(),
        "repository": attr.string(),
        "reproducible": attr.bool(default = True),
        "tag": attr.string(),
        "www_authenticate_challenges": attr.string_dict(),
    },
    doc = "An image of a registry.",
)

_toolchains = tag_class(
    attrs = {"name": attr.string(default = "oci")},
    doc = "The tools of the other rules_oci.",
)

def _oci_impl(module_ctx):
    for module in module_ctx.modules:
        for pull in module.tags.pull:
            fail("oci.pull of {} in module {}: the air-gapped rules_oci pulls no images; build the base from packages, or use the rules_oci of the Central Registry".format(repr(pull.name), repr(module.name)))
        for toolchains in module.tags.toolchains:
            fail("oci.toolchains of {} in module {}: the air-gapped rules_oci has no toolchains; remove the tag".format(repr(toolchains.name), repr(module.name)))

oci = module_extension(
    doc = "Fails, and says what to use instead.",
    implementation = _oci_impl,
    tag_classes = {
        "pull": _pull,
        "toolchains": _toolchains,
    },
)
