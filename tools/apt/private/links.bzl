# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Relative symbolic links, which a repository rule cannot make by itself.

`rctx.symlink` makes links to absolute paths only, and no tool of the machine is
to be used. But `rctx.extract` makes the links of a tar archive as they stand,
and a tar archive of nothing but links is text that Starlark can write.
"""

visibility("//tools/apt/...")

_BLOCK = 512
_LONGEST = 100

def _relative(link, target):
    """Returns the text of a link at path link to path target of one tree."""
    up = link.split("/")[:-1]
    down = target.split("/")
    same = 0
    for a, b in zip(up, down[:-1]):
        if a != b:
            break
        same += 1
    return "/".join([".."] * (len(up) - same) + down[same:])

def _padded(text, size):
    return text + "\0" * (size - len(text))

def _octal(number, width):
    digits = "%o" % number
    return "0" * (width - len(digits)) + digits

def _header(name, kind, size, target):
    before = (
        _padded(name, 100) +
        "0000777\0" +  # mode
        "0000000\0" +  # owner
        "0000000\0" +  # group
        _octal(size, 11) + "\0" +
        "00000000000\0"  # time
    )
    after = kind + _padded(target, 100) + "ustar\00000"
    after = _padded(after, _BLOCK - len(before) - 8)

    # The checksum counts its own field as eight spaces. hash() of a text of one
    # character is that character's code.
    total = 8 * 32
    for c in (before + after).elems():
        total += hash(c)
    return before + _octal(total, 6) + "\0 " + after

def _long(kind, text):
    """Returns GNU tar's entry for a name or target that has no place in a header."""
    body = text + "\0"
    blocks = (len(body) + _BLOCK - 1) // _BLOCK
    return _header("././@LongLink", kind, len(body), "") + _padded(body, blocks * _BLOCK)

def _archive(links):
    """Returns a tar archive of symbolic links.

    Args:
      links: a dict from the link's path to its text.

    Returns:
      The archive, one character per byte.
    """
    out = []
    for name in sorted(links):
        target = links[name]
        if len(name) > _LONGEST:
            out.append(_long("L", name))
        if len(target) > _LONGEST:
            out.append(_long("K", target))
        out.append(_header(name[:_LONGEST], "2", 0, target[:_LONGEST]))
    out.append("\0" * (2 * _BLOCK))
    return "".join(out)

links = struct(
    archive = _archive,
    relative = _relative,
)
