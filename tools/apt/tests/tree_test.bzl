# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of what stays of a tree."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//tools/apt/private:tree_repository.bzl", "tree")

visibility("private")

_FOUND = struct(
    dropped = {
        "usr/lib/dangling.so": "ends nowhere",
        "usr/share/dangling": "ends nowhere",
    },
    files = ["usr/bin/tool", "usr/lib/libx.so.1", "usr/share/doc/x/text", "usr/share/doc/y/text"],
    folders = ["usr", "usr/bin", "usr/lib", "usr/share", "usr/share/doc", "usr/share/doc/x", "usr/share/doc/y", "empty"],
    links = {
        "lib": "usr/lib",
        "usr/lib/libx.so": "usr/lib/libx.so.1",
        "usr/lib/text": "usr/share/doc/x/text",
        "usr/share/doc/x/to-y": "usr/share/doc/y",
    },
)

def _all_impl(ctx):
    env = unittest.begin(ctx)
    plan = tree.plan(_FOUND, [], [])
    asserts.equals(env, _FOUND.files, plan.keep)
    asserts.equals(env, {
        "lib": "usr/lib",
        "usr/lib/libx.so": "libx.so.1",
        "usr/lib/text": "../share/doc/x/text",
        "usr/share/doc/x/to-y": "../y",
    }, plan.make)
    asserts.equals(env, _FOUND.dropped, plan.dropped)
    asserts.equals(env, [
        "empty",
        "lib",
        "usr/lib/dangling.so",
        "usr/lib/libx.so",
        "usr/lib/text",
        "usr/share/dangling",
        "usr/share/doc/x/to-y",
    ], plan.delete)
    return unittest.end(env)

_all_test = unittest.make(_all_impl)

def _exclude_impl(ctx):
    env = unittest.begin(ctx)
    plan = tree.plan(_FOUND, [], ["usr/share/**"])
    asserts.equals(env, ["usr/bin/tool", "usr/lib/libx.so.1"], plan.keep)
    asserts.equals(env, {"lib": "usr/lib", "usr/lib/libx.so": "libx.so.1"}, plan.make)
    asserts.equals(env, {
        "usr/lib/dangling.so": "ends nowhere",
        "usr/lib/text": "ends at usr/share/doc/x/text, which is not in the tree",
    }, plan.dropped)

    # What is below usr/share goes with it.
    asserts.equals(env, ["empty", "lib", "usr/lib/dangling.so", "usr/lib/libx.so", "usr/lib/text", "usr/share"], plan.delete)
    return unittest.end(env)

_exclude_test = unittest.make(_exclude_impl)

def _include_impl(ctx):
    env = unittest.begin(ctx)
    plan = tree.plan(_FOUND, ["usr/lib/*"], [])
    asserts.equals(env, ["usr/lib/libx.so.1"], plan.keep)
    asserts.equals(env, {"usr/lib/libx.so": "libx.so.1"}, plan.make)
    return unittest.end(env)

_include_test = unittest.make(_include_impl)

def _fits_label_impl(ctx):
    env = unittest.begin(ctx)
    for path in ["a", "a/b c", "a+b~c,d=e@f[g](h)"]:
        asserts.true(env, tree.fits_label(path), path)
    for path in ["a:b", "a\\b", "a\"b", "a%b", " a", "a "]:
        asserts.false(env, tree.fits_label(path), path)
    return unittest.end(env)

_fits_label_test = unittest.make(_fits_label_impl)

def tree_test_suite(name):
    unittest.suite(name, _all_test, _exclude_test, _include_test, _fits_label_test)
