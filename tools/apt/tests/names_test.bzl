# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of how repositories are called."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//tools/apt/private:names.bzl", "names")

visibility("private")

def _names_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, "debian12_libc6_amd64", names.package("debian12", "libc6", "amd64"))
    asserts.equals(env, "debian12_libstdc__6_all", names.package("debian12", "libstdc++6", "all"))
    asserts.equals(env, "debian12_libsigc-2.0-0_arm64", names.package("debian12", "libsigc-2.0-0", "arm64"))
    asserts.equals(env, "debian12_sysroot_arm64", names.tree("debian12", "sysroot", "arm64"))
    asserts.equals(env, "_main~debian~b", names.sibling("_main~debian~a", "a", "b"))
    asserts.equals(env, "+debian+b", names.sibling("+debian+a", "a", "b"))
    return unittest.end(env)

_names_test = unittest.make(_names_impl)

def names_test_suite(name):
    unittest.suite(name, _names_test)
