# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of what is said when a package cannot be had."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//tools/apt/private:failures.bzl", "failures")

visibility("private")

_WANT = "a" * 64
_OTHER = "b" * 64
_HEAD = "Debian package x 1-1 (amd64) could not be had.\n  expected: SHA-256 {} (100 bytes)\n".format(_WANT)
_VARIABLE = "MIRRORS"

def _finding(sha256 = "", size = 0, answers = False, url = "https://m/x.deb"):
    return struct(answers = answers, sha256 = sha256, size = size, url = url)

# findings, versions, what is said after _HEAD
_CASES = [
    (
        [_finding(_OTHER, 100)],
        [],
        "  found at https://m/x.deb: SHA-256 {} (100 bytes)\n".format(_OTHER) +
        "  The content is not what was locked. Do not change the checksum by hand: name another mirror in MIRRORS, " +
        "or, if Debian itself replaced the package, run the lock (bazel run //platforms/<distribution>:lock).",
    ),
    (
        [_finding(_OTHER, 60)],
        [],
        "  found at https://m/x.deb: truncated: 60 of 100 bytes (SHA-256 {})\n".format(_OTHER) +
        "  Try again when the network is there, or name a mirror that can be reached in MIRRORS.",
    ),
    (
        [_finding(answers = True), _finding()],
        ["1-2", "2-1"],
        "  found at https://m/x.deb: not there; the mirror itself answers\n" +
        "  found at https://m/x.deb: no answer, or cut off: see Bazel's warning above\n" +
        "  the mirror has: 1-2, 2-1\n" +
        "  If it is not there, the mirror has moved on. To go on with its newer version, run the lock " +
        "(bazel run //platforms/<distribution>:lock); to keep this one, name a mirror that has it in MIRRORS.",
    ),
    (
        [_finding(answers = True, url = "http://m/x.deb")],
        [],
        "  found at http://m/x.deb: not there, or at most 32 KiB of other content: see Bazel's warning above; the mirror itself answers\n" +
        "  If it is not there, the mirror has moved on. To go on with its newer version, run the lock " +
        "(bazel run //platforms/<distribution>:lock); to keep this one, name a mirror that has it in MIRRORS.",
    ),
    (
        [_finding(_WANT, 100)],
        [],
        "  found at https://m/x.deb: right at the second look; the mirror or the line is unsteady\n" +
        "  Try again when the network is there, or name a mirror that can be reached in MIRRORS.",
    ),
    (
        [],
        [],
        "  found: no mirror to ask\n" +
        "  Try again when the network is there, or name a mirror that can be reached in MIRRORS.",
    ),
]

def _download_impl(ctx):
    env = unittest.begin(ctx)
    for findings, versions, want in _CASES:
        got = failures.download("x 1-1 (amd64)", _WANT, 100, findings, versions, _VARIABLE)
        asserts.equals(env, _HEAD + want, got)
    return unittest.end(env)

_download_test = unittest.make(_download_impl)

def _members_impl(ctx):
    env = unittest.begin(ctx)
    for found, what in [(["b", "a"], "a, b"), ([], "nothing")]:
        asserts.equals(
            env,
            "Debian package x 1 (all): its file holds {}, where one control.tar and one data.tar ".format(what) +
            "(.xz, .zst, .gz or plain) were expected. The lock names a file that is no Debian package: " +
            "run the lock (bazel run //platforms/<distribution>:lock).",
            failures.members("x 1 (all)", found),
        )
    return unittest.end(env)

_members_test = unittest.make(_members_impl)

_PAGE = """
<a href="x_1-1_amd64.deb">x_1-1_amd64.deb</a> <a href='/pool/x_1-2%2Bdeb12u1%7ea_amd64.deb'>.</a>
<a href="x_1-2_arm64.deb">.</a> <a href="x-dev_3_amd64.deb">.</a> <a href="x_1-1_amd64.deb">twice</a>
"""

def _versions_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, ["1-1", "1-2+deb12u1~a"], failures.versions_in(_PAGE, "x", "amd64"))
    asserts.equals(env, [], failures.versions_in("", "x", "amd64"))
    return unittest.end(env)

_versions_test = unittest.make(_versions_impl)

def failures_test_suite(name):
    unittest.suite(name, _download_test, _members_test, _versions_test)
