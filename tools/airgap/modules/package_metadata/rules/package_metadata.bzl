# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The target that repositories of Go modules declare for their metadata."""

load("//providers:package_metadata_info.bzl", "PackageMetadataInfo")

def _package_metadata_impl(_ctx):
    return [PackageMetadataInfo(metadata = None, files = depset())]

_package_metadata = rule(
    implementation = _package_metadata_impl,
    attrs = {
        "purl": attr.string(doc = "The package's URL."),
    },
    doc = "Holds a package's URL.",
    provides = [PackageMetadataInfo],
)

def package_metadata(name, purl = "", visibility = None, **_kwargs):
    """Declares a package's metadata.

    Args:
      name: name of the target.
      purl: the package's URL.
      visibility: of the target.
      **_kwargs: further attributes; accepted and not kept.
    """

    # Without this, a package's default licences, which are this very target,
    # would make it depend on itself.
    _package_metadata(
        name = name,
        applicable_licenses = [],
        purl = purl,
        visibility = visibility,
    )
