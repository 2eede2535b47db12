# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The images whose digests are proven."""

visibility("private")

CASES = [
    "arm64",
    "characters",
    "child",
    "child_both",
    "child_cmd",
    "child_entrypoint",
    "child_env",
    "child_rest",
    "empty",
    "empty_settings",
    "empty_variant",
    "from_files",
    "full",
    "index",
    "index_platforms",
    "layers",
    "layers_on_layers",
    "on_docker",
    "scratch_empty_settings",
]

# Every kind of layer; the name of a file does not say what it holds.
LAYERS = [
    "testdata/plain.tar",
    "testdata/gzip.tar.gz",
    "testdata/zstd.tar.zst",
    "testdata/misnamed.tar",
    ":generated",
]
