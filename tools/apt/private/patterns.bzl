# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Patterns of paths: `*` and `?` within a segment, `**` for any segments."""

visibility("//tools/apt/...")

def _segment_matches(pattern, text):
    """Matches one segment: each star takes as little as it can."""
    if "*" not in pattern:
        return _same(pattern, text)
    parts = pattern.split("*")
    first, last = parts[0], parts[-1]
    if len(text) < len(first) + len(last) or not _same(first, text[:len(first)]):
        return False
    if last and not _same(last, text[-len(last):]):
        return False
    at, end = len(first), len(text) - len(last)
    for part in parts[1:-1]:
        found = -1
        for i in range(at, end - len(part) + 1):
            if _same(part, text[i:i + len(part)]):
                found = i
                break
        if found < 0:
            return False
        at = found + len(part)
    return True

def _same(pattern, text):
    if "?" not in pattern:
        return pattern == text
    if len(pattern) != len(text):
        return False
    for i in range(len(text)):
        if pattern[i] not in ["?", text[i]]:
            return False
    return True

def _matches(pattern, path):
    """Says whether the pattern matches the whole path.

    Args:
      pattern: such as usr/lib/**/*.so*.
      path: a path without leading slash.

    Returns:
      True or False.
    """

    # reached holds after how many segments of the path the pattern, as far as
    # it was read, can end.
    path = path.split("/")
    reached = [0]
    for segment in pattern.split("/"):
        if segment == "**":
            reached = range(reached[0], len(path) + 1)
        else:
            reached = [n + 1 for n in reached if n < len(path) and _segment_matches(segment, path[n])]
        if not reached:
            return False
    return len(path) in reached

def _keeps(path, include, exclude):
    """Says whether a path is in a tree; an empty list of includes takes all."""
    for pattern in exclude:
        if _matches(pattern, path):
            return False
    for pattern in include:
        if _matches(pattern, path):
            return True
    return not include

patterns = struct(
    keeps = _keeps,
    matches = _matches,
)
