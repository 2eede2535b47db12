# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of relative links and the archive that carries them."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//tools/apt/private:links.bzl", "links")

visibility("private")

_RELATIVE = [
    # link, target, text of the link
    ("a", "b", "b"),
    ("a/x", "a/y", "y"),
    ("a/x", "b/y", "../b/y"),
    ("lib64/ld.so", "lib/arch/ld.so", "../lib/arch/ld.so"),
    ("a/b/c/x", "a/y", "../../y"),
    ("a/x", "a", "../a"),
    ("a/b/x", "a/b", "../b"),
    ("x", "a/b/c", "a/b/c"),
]

def _relative_impl(ctx):
    env = unittest.begin(ctx)
    for link, target, want in _RELATIVE:
        asserts.equals(env, want, links.relative(link, target), "relative({}, {})".format(link, target))
    return unittest.end(env)

_relative_test = unittest.make(_relative_impl)

def _archive_impl(ctx):
    env = unittest.begin(ctx)
    archive = links.archive({"b": "c", "a": "x" * 150})

    # For a: its long target's header and body, its own header; for b one
    # header; two empty blocks at the end.
    asserts.equals(env, 6 * 512, len(archive))
    asserts.equals(env, "././@LongLink\0", archive[:14])
    asserts.equals(env, "K", archive[156])
    asserts.equals(env, "x" * 150 + "\0", archive[512:512 + 151])
    asserts.equals(env, "a\0", archive[1024:1026])
    asserts.equals(env, "2" + "x" * 100 + "ustar\00000", archive[1024 + 156:1024 + 156 + 109])
    asserts.equals(env, "b\0", archive[1536:1538])

    # The checksum of b's header, as Python's tarfile accepts it.
    asserts.equals(env, "006253\0 ", archive[1536 + 148:1536 + 156])
    return unittest.end(env)

_archive_test = unittest.make(_archive_impl)

def links_test_suite(name):
    unittest.suite(name, _relative_test, _archive_test)
