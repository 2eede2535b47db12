# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of what cgo_binary refuses."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")

# buildifier: disable=bzl-visibility
load("//tools/go/private:recipe.bzl", "check_recipe")

visibility("private")

def _recipe_test_impl(ctx):
    env = unittest.begin(ctx)
    for attributes, want in [
        ({"embed": [":x_lib"]}, []),
        ({"pure": "on"}, ["cgo_binary(name = \"x\"): pure = \"on\" is not to be set: cgo_binary is for programs that use C; use go_binary for others"]),
        ({"linkmode": "normal"}, ["cgo_binary(name = \"x\"): linkmode = \"normal\" is not to be set: cgo_binary links position-independent executables"]),
        ({"gotags": ["a"]}, ["cgo_binary(name = \"x\"): gotags = [\"a\"] is not to be set: use --@rules_go//go/config:tags in .bazelrc, which holds for tests too"]),
        ({"race": "on"}, ["cgo_binary(name = \"x\"): race = \"on\" is not to be set: use --config=race"]),
    ]:
        got = []
        check_recipe("x", attributes, fail = got.append)
        asserts.equals(env, want, got)
    return unittest.end(env)

recipe_test = unittest.make(_recipe_test_impl)
