# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of path patterns."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//tools/apt/private:patterns.bzl", "patterns")

visibility("private")

_MATCHES = [
    # pattern, path, whether it matches
    ("a", "a", True),
    ("a", "b", False),
    ("a", "a/b", False),
    ("a/*", "a/b", True),
    ("a/*", "a", False),
    ("a/*", "a/b/c", False),
    ("a/**", "a/b/c", True),
    ("a/**", "a", True),
    ("**/c", "a/b/c", True),
    ("**/c", "c", True),
    ("**/c/**", "a/c/b", True),
    ("**/c/**", "a/b", False),
    ("a/**/d", "a/d", True),
    ("a/**/d", "a/b/c/d", True),
    ("a/**/d", "a/b/c", False),
    ("**", "a/b", True),
    ("lib/*.so*", "lib/libc.so.6", True),
    ("lib/*.so*", "lib/libc.so", True),
    ("lib/*.so*", "lib/gconv/x.so", False),
    ("a*b*c", "abc", True),
    ("a*b*c", "axxbyybzc", True),
    ("a*b*c", "acb", False),
    ("a*bb*c", "abcbbc", True),
    ("*ab", "aab", True),
    ("ab*ba", "aba", False),
    ("a?c", "abc", True),
    ("a?c", "ac", False),
    ("a?*", "a", False),
    ("a?*", "abc", True),
    ("usr/lib/gcc/*/*/libasan*", "usr/lib/gcc/x86_64-linux-gnu/12/libasan.a", True),
]

def _matches_impl(ctx):
    env = unittest.begin(ctx)
    for pattern, path, want in _MATCHES:
        asserts.equals(env, want, patterns.matches(pattern, path), "matches({}, {})".format(pattern, path))
    return unittest.end(env)

_matches_test = unittest.make(_matches_impl)

def _keeps_impl(ctx):
    env = unittest.begin(ctx)
    asserts.true(env, patterns.keeps("a/b", [], []))
    asserts.false(env, patterns.keeps("a/b", [], ["a/**"]))
    asserts.false(env, patterns.keeps("a/b", ["c/**"], []))
    asserts.true(env, patterns.keeps("a/b", ["c/**", "a/*"], ["a/c"]))
    asserts.false(env, patterns.keeps("a/b", ["a/*"], ["**/b"]), "exclude wins over include")
    return unittest.end(env)

_keeps_test = unittest.make(_keeps_impl)

def patterns_test_suite(name):
    unittest.suite(name, _matches_test, _keeps_test)
