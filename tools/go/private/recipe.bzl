# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""What a caller of cgo_binary may not decide."""

visibility(["//tools/go/..."])

_RESERVED = {
    "gotags": "use --@rules_go//go/config:tags in .bazelrc, which holds for tests too",
    "linkmode": "cgo_binary links position-independent executables",
    "pure": "cgo_binary is for programs that use C; use go_binary for others",
    "race": "use --config=race",
}

def check_recipe(name, attributes, fail = fail):
    """Fails if attributes hold one that the recipe decides.

    Args:
      name: name of the cgo_binary.
      attributes: dict of attributes that are handed on to go_binary.
      fail: called with the message.
    """
    for attribute, instead in _RESERVED.items():
        if attribute in attributes:
            fail("cgo_binary(name = \"{}\"): {} = {} is not to be set: {}".format(
                name,
                attribute,
                repr(attributes[attribute]),
                instead,
            ))
