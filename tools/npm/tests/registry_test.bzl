# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of where registries come from."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//tools/npm/private:registry.bzl", "registry")

visibility("private")

def _parse_impl(ctx):
    env = unittest.begin(ctx)
    for address in ["https://a.example", "https://a.example/", " https://a.example//\n"]:
        asserts.equals(env, "https://a.example/", registry.parse(address, "X"))
    asserts.equals(env, "http://a.example:8080/npm/", registry.parse("http://a.example:8080/npm", "X"))
    asserts.equals(env, "file:///srv/npm/", registry.parse("file:///srv/npm", "X"))
    return unittest.end(env)

_parse_test = unittest.make(_parse_impl)

def _parse_fails_impl(ctx):
    env = unittest.begin(ctx)
    for address in ["a.example", "file://srv/npm", "https://", "https://a.example b"]:
        said = []
        registry.parse(address, "X", fail = said.append)
        asserts.equals(env, ["X: \"{}\" is not the URL of a registry of npm: write https://HOST/".format(address)], said)
    return unittest.end(env)

_parse_fails_test = unittest.make(_parse_fails_impl)

_NPMRC = """
; registry=http://commented.example/
# registry=http://commented.example/
//a.example/:_authToken=secret
@scope:registry=http://scope.example/
audit=false
registry = http://first.example/
registry="http://last.example/npm"
"""

def _parse_npmrc_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, "http://last.example/npm", registry.parse_npmrc(_NPMRC))
    asserts.equals(env, "", registry.parse_npmrc("audit=false\nregistry\n"))
    asserts.equals(env, "", registry.parse_npmrc(""))
    return unittest.end(env)

_parse_npmrc_test = unittest.make(_parse_npmrc_impl)

def _url_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, "https://a.example/axe-core/-/axe-core-4.14.1.tgz", registry.url("https://a.example/", "axe-core", "4.14.1"))
    asserts.equals(env, "https://a.example/@x/y/-/y-1.0.0.tgz", registry.url("https://a.example/", "@x/y", "1.0.0"))
    return unittest.end(env)

_url_test = unittest.make(_url_impl)

def _messages_impl(ctx):
    env = unittest.begin(ctx)
    asserts.true(env, "axe-core is needed" in registry.unknown("axe-core"))
    asserts.true(env, "set LUPA_NPM_REGISTRY to a registry's URL" in registry.unknown("axe-core"))
    asserts.equals(
        env,
        "npm pack x@1 gives no archive (status 7): check npm's configuration, or set LUPA_NPM_REGISTRY to another registry's URL. npm says:\nno",
        registry.refused("x@1", 7, "no"),
    )
    return unittest.end(env)

_messages_test = unittest.make(_messages_impl)

def registry_test_suite(name):
    """Declares the tests.

    Args:
      name: name of the suite.
    """
    unittest.suite(name, _parse_test, _parse_fails_test, _parse_npmrc_test, _url_test, _messages_test)
