# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Tests of pages in a browser."""

load("@rules_go//go:def.bzl", "go_test")

visibility("public")

def browser_test(name, tags = [], **kwargs):
    """Declares tests in a browser, those for accessibility apart.

    Declares:
      `{name}`: the tests without `Accessible` in their name.
      `{name}_accessible`: the others. They need axe-core from npm, which a machine
        may have no way to: no `//...` has them, CI runs them where there is npm.

    Args:
      name: of the tests.
      tags: of both.
      **kwargs: attributes of go_test.
    """
    go_test(
        name = name,
        args = ["-test.skip=Accessible"],
        tags = tags,
        **kwargs
    )
    go_test(
        name = name + "_accessible",
        args = ["-test.run=Accessible"],
        tags = tags + ["manual"],
        **kwargs
    )
