# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""What is said when a package cannot be had: pure functions over findings.

A finding is a struct with url and, where something came, sha256 and size; and
`answers`, whether the mirror answered for its suite's InRelease.
"""

visibility("//tools/apt/...")

_LOCK_AGAIN = "run the lock (bazel run //platforms/<distribution>:lock)"

def _versions_in(listing, name, architecture):
    """Finds versions of a package in a mirror's page about a pool folder.

    Args:
      listing: the page, of which only the file names in quotes count.
      name: name of the package.
      architecture: its architecture.

    Returns:
      The versions without epoch, each once, in the order of the page.
    """
    versions = []
    for part in listing.replace("'", "\"").split("\""):
        file = part.rpartition("/")[2].replace("%2B", "+").replace("%7E", "~").replace("%2b", "+").replace("%7e", "~")
        start = name + "_"
        end = "_{}.deb".format(architecture)
        if file.startswith(start) and file.endswith(end):
            version = file[len(start):-len(end)]
            if version not in versions:
                versions.append(version)
    return versions

def _one(finding, sha256, size):
    if not finding.sha256:
        if finding.answers:
            if finding.url.startswith("http://"):
                return "{}: not there, or at most 32 KiB of other content: see Bazel's warning above; the mirror itself answers".format(finding.url)
            return "{}: not there; the mirror itself answers".format(finding.url)
        return "{}: no answer, or cut off: see Bazel's warning above".format(finding.url)
    if finding.sha256 == sha256:
        return "{}: right at the second look; the mirror or the line is unsteady".format(finding.url)
    if finding.size < size:
        return "{}: truncated: {} of {} bytes (SHA-256 {})".format(finding.url, finding.size, size, finding.sha256)
    return "{}: SHA-256 {} ({} bytes)".format(finding.url, finding.sha256, finding.size)

def _advice(findings, sha256, size, variable):
    moved = [f for f in findings if not f.sha256 and f.answers]
    wrong = [f for f in findings if f.sha256 and f.sha256 != sha256 and f.size >= size]
    if wrong:
        return ("The content is not what was locked. Do not change the checksum by hand: name another mirror " +
                "in {}, or, if Debian itself replaced the package, {}.").format(variable, _LOCK_AGAIN)
    if moved:
        return "If it is not there, the mirror has moved on. To go on with its newer version, {}; to keep this one, name a mirror that has it in {}.".format(_LOCK_AGAIN, variable)
    return "Try again when the network is there, or name a mirror that can be reached in {}.".format(variable)

def _download(package, sha256, size, findings, versions, variable):
    """Says why no mirror gave the package, and what to do.

    Args:
      package: name, version and architecture, for people.
      sha256: the checksum that was expected.
      size: the size that was expected, in bytes.
      findings: one finding for each URL that was asked.
      versions: versions that a mirror has.
      variable: name of the variable that names mirrors.

    Returns:
      The message.
    """
    lines = ["Debian package {} could not be had.".format(package)]
    lines.append("  expected: SHA-256 {} ({} bytes)".format(sha256, size))
    lines.extend(["  found at " + _one(f, sha256, size) for f in findings])
    if not findings:
        lines.append("  found: no mirror to ask")
    if versions:
        lines.append("  the mirror has: {}".format(", ".join(versions)))
    lines.append("  " + _advice(findings, sha256, size, variable))
    return "\n".join(lines)

def _members(package, found):
    """Says that a package file of the right checksum is not a Debian package."""
    return ("Debian package {}: its file holds {}, where one control.tar and one data.tar " +
            "(.xz, .zst, .gz or plain) were expected. The lock names a file that is no Debian package: {}.").format(
        package,
        ", ".join(sorted(found)) or "nothing",
        _LOCK_AGAIN,
    )

failures = struct(
    download = _download,
    members = _members,
    versions_in = _versions_in,
)
