# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Files out of the dictionaries and lists that macros take."""

load("@bazel_skylib//rules:write_file.bzl", "write_file")

visibility("//oci/...")

# What a macro hands on to the targets it adds.
_COMMON = [
    "compatible_with",
    "deprecation",
    "exec_compatible_with",
    "exec_properties",
    "features",
    "restricted_to",
    "tags",
    "target_compatible_with",
    "testonly",
    "toolchains",
    "visibility",
]

def _common_attributes(kwargs):
    return {key: kwargs[key] for key in _COMMON if key in kwargs}

def _write(name, kind, lines, common):
    label = "{}_write_{}".format(name, kind)
    write_file(
        name = label,
        out = "{}.{}.txt".format(name, kind),
        content = lines,
        **common
    )
    return label

def _of_pairs(name, kind, value, common):
    if type(value) != "dict":
        return value
    return _write(name, kind, ["{}={}".format(k, v) for k, v in value.items()], common)

def _of_words(name, kind, value, common):
    if type(value) != "list":
        return value

    # A newline inside a word is written as its URI escape.
    return _write(name, kind, [word.replace("\n", "%5Cn") for word in value], common)

def _of_set(name, kind, value, common):
    if type(value) != "list":
        return value
    return _write(name, kind, [",".join(value)], common)

def _of_lines(name, kind, value, common):
    if type(value) != "list":
        return value
    return _write(name, kind, value, common)

files = struct(
    common_attributes = _common_attributes,
    of_lines = _of_lines,
    of_pairs = _of_pairs,
    of_set = _of_set,
    of_words = _of_words,
)
