# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of where mirrors come from."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//tools/apt/private:mirrors.bzl", "mirrors")

visibility("private")

def _variable_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, [], mirrors.parse_variable("  "))
    asserts.equals(env, [
        struct(archive = "debian", url = "http://a.example/x/debian"),
        struct(archive = "debian-security", url = "https://b.example/debian-security"),
        struct(archive = "debian", url = "file:///srv/copy"),
        struct(archive = "debian", url = "http://c.example/proxy?x=y"),
    ], mirrors.parse_variable(" http://a.example/x/debian/ https://b.example/debian-security\ndebian=file:///srv/copy debian=http://c.example/proxy?x=y"))
    return unittest.end(env)

_variable_test = unittest.make(_variable_impl)

_BAD_WORDS = ["debian", "ftp://a.example/debian", "debian=/srv/x", "http://", "=http://a.example/debian"]

def _variable_fails_impl(ctx):
    env = unittest.begin(ctx)
    for word in _BAD_WORDS:
        said = []
        mirrors.parse_variable(word, fail = said.append)
        asserts.equals(
            env,
            ["LUPA_DEBIAN_MIRRORS: \"{}\" is not the URL of a mirror: write http://HOST/debian, or debian=http://HOST/PATH".format(word)],
            said,
        )
    return unittest.end(env)

_variable_fails_test = unittest.make(_variable_fails_impl)

_LINES = """
# deb http://commented.example/debian bookworm main
deb http://a.example/debian bookworm main contrib # and why
deb-src http://source.example/debian bookworm main
  deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] https://b.example/debian/ bookworm-updates main
deb\thttp://c.example/debian-security\tbookworm-security main
deb cdrom:[Debian 12]/ bookworm main
deb http://short.example/debian
rubbish
"""

def _lines_impl(ctx):
    env = unittest.begin(ctx)
    urls = mirrors.parse_lines(_LINES)
    asserts.equals(env, ["http://a.example/debian", "https://b.example/debian"], mirrors.select(urls, "debian"))
    asserts.equals(env, ["http://c.example/debian-security"], mirrors.select(urls, "debian-security"))
    asserts.equals(env, [], mirrors.parse_lines(""))
    return unittest.end(env)

_lines_test = unittest.make(_lines_impl)

_PARAGRAPHS = """# a remark
Types: deb deb-src
URIs: http://a.example/debian
  https://b.example/debian
# a remark in between
 http://a.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://off.example/debian
Enabled: no

types: deb
uris: http://c.example/debian-security/

Types: deb-src
URIs: http://source.example/debian


Types: deb
URIs: https://other.example/node_20.x mirror+file:/etc/apt/mirrors/debian
Suites: nodistro"""

def _deb822_impl(ctx):
    env = unittest.begin(ctx)
    for text in [_PARAGRAPHS, _PARAGRAPHS.replace("\n", "\r\n")]:
        urls = mirrors.parse_deb822(text)
        asserts.equals(env, ["http://a.example/debian", "https://b.example/debian"], mirrors.select(urls, "debian"))
        asserts.equals(env, ["http://c.example/debian-security"], mirrors.select(urls, "debian-security"))
    asserts.equals(env, [], mirrors.parse_deb822(""))
    return unittest.end(env)

_deb822_test = unittest.make(_deb822_impl)

def _select_impl(ctx):
    env = unittest.begin(ctx)
    main = ["http://a.example/debian/", "ftp://b.example/debian", "http://c.example/ubuntu", "http://a.example/debian"]
    asserts.equals(env, ["http://a.example/debian-security"], mirrors.select(main, "debian-security"))
    asserts.equals(env, ["http://s.example/debian-security"], mirrors.select(main + ["http://s.example/debian-security"], "debian-security"))
    asserts.equals(env, [], mirrors.select(["http://s.example/debian-security"], "debian"))
    return unittest.end(env)

_select_test = unittest.make(_select_impl)

def _snapshot_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(
        env,
        "https://snapshot.debian.org/archive/debian/20260102T030405Z/pool/x.deb",
        mirrors.snapshot("debian", "20260102T030405Z", "pool/x.deb"),
    )
    return unittest.end(env)

_snapshot_test = unittest.make(_snapshot_impl)

def mirrors_test_suite(name):
    unittest.suite(name, _variable_test, _variable_fails_test, _lines_test, _deb822_test, _select_test, _snapshot_test)
