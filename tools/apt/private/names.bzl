# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""How repositories of packages and trees are called."""

visibility("//tools/apt/...")

def _package(hub, name, architecture):
    """Names the repository of a package.

    A plus sign cannot be in a repository's name. It is written as an underscore,
    which no Debian package name holds, so two packages never share a name.

    Args:
      hub: name of the hub repository, such as debian12.
      name: the package's name, such as libstdc++6.
      architecture: its Debian architecture, "all" included.

    Returns:
      The name, such as debian12_libstdc__6_amd64.
    """
    return "{}_{}_{}".format(hub, name.replace("+", "_"), architecture)

def _tree(hub, group, architecture):
    return "{}_{}_{}".format(hub, group, architecture)

def _sibling(own_canonical, own_apparent, other_apparent):
    """Returns the canonical name of a repository of the same extension."""
    if not own_canonical.endswith(own_apparent):
        fail("@@{}: its canonical name does not end in {}".format(own_canonical, own_apparent))
    return own_canonical[:-len(own_apparent)] + other_apparent

names = struct(
    package = _package,
    sibling = _sibling,
    tree = _tree,
)
