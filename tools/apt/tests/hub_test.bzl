# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of the hub's build file."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//tools/apt/private:hub_repository.bzl", "hub")

visibility("private")

_WANT = """\
load("//:defs.bzl", "debian_packages")

package(default_visibility = ["//visibility:public"])

exports_files(["packages.bzl"])

alias(
    name = "c++_all",
    actual = "@h_c___all//:package",
)

alias(
    name = "c++",
    actual = "@h_c___all//:package",
)

alias(
    name = "libc_amd64",
    actual = "@h_libc_amd64//:package",
)

alias(
    name = "libc_arm64",
    actual = "@h_libc_arm64//:package",
)

alias(
    name = "libc",
    actual = select({
        "@platforms//cpu:x86_64": "@h_libc_amd64//:package",
        "@platforms//cpu:aarch64": "@h_libc_arm64//:package",
    }, no_match_error = "no such package for this CPU in the lock"),
)

debian_packages(
    name = "g_amd64",
    packages = ["@h_c___all//:package", "@h_libc_amd64//:package"],
)

debian_packages(
    name = "g",
    packages = select({
        "@platforms//cpu:x86_64": ["@h_c___all//:package", "@h_libc_amd64//:package"],
    }, no_match_error = "no such package for this CPU in the lock"),
)
"""

def _build_file_impl(ctx):
    env = unittest.begin(ctx)
    got = hub.build_file(
        "//:defs.bzl",
        {
            "c++": {"all": "@h_c___all//:package"},
            "libc": {"amd64": "@h_libc_amd64//:package", "arm64": "@h_libc_arm64//:package"},
        },
        {"g": {"amd64": ["@h_c___all//:package", "@h_libc_amd64//:package"]}},
    )
    asserts.equals(env, _WANT, got)
    return unittest.end(env)

_build_file_test = unittest.make(_build_file_impl)

def hub_test_suite(name):
    unittest.suite(name, _build_file_test)
