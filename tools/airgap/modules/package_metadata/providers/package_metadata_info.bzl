# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""What a package says of itself."""

PackageMetadataInfo = provider(
    doc = "Metadata of a package.",
    fields = {
        "files": "A depset of files that belong to the metadata; empty here.",
        "metadata": "The file that describes the package; None here.",
    },
)
