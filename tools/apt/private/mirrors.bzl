# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Where copies of Debian's archives are.

No mirror is written down in this repository. They come from a variable, from the
machine's own apt configuration, or, last, from snapshot.debian.org. The functions
in `mirrors` are pure, except `bases`, which reads variable and configuration.
The lock's own tool has the same rules in tools/apt/mirror.
"""

visibility("//tools/apt/...")

_VARIABLE = "LUPA_DEBIAN_MIRRORS"
_SNAPSHOT = "https://snapshot.debian.org/archive/{archive}/{snapshot}/{path}"
_APT = "/etc/apt"
_SCHEMES = ["http://", "https://", "file:///"]

def _words(text):
    return [w for w in text.replace("\t", " ").replace("\r", " ").replace("\n", " ").split(" ") if w]

def _is_url(address):
    for scheme in _SCHEMES:
        if address.startswith(scheme) and len(address) > len(scheme):
            return True
    return False

def _base(address):
    address = address.rstrip("/")
    return struct(archive = address.rpartition("/")[2], url = address)

def _parse_variable(value, fail = fail):
    """Reads the variable's value.

    Args:
      value: words separated by spaces, each the URL of a copy that ends in the
        archive's name, or NAME=URL where it does not.
      fail: called with a message if a word is neither.

    Returns:
      A list of structs with archive and url.
    """
    bases = []
    for word in _words(value):
        name, equals, address = word.partition("=")
        if equals and ":" not in name:
            base = struct(archive = name, url = address.rstrip("/"))
        else:
            base = _base(word)
        if not _is_url(base.url) or not base.archive or base.url.count("/") < 3:
            return fail("{}: \"{}\" is not the URL of a mirror: write http://HOST/debian, or debian=http://HOST/PATH".format(_VARIABLE, word))
        bases.append(base)
    return bases

def _parse_lines(text):
    """Returns the URLs of the one-line format: deb [options] URL suite component."""
    urls = []
    for line in text.split("\n"):
        line = line.partition("#")[0]
        before, bracket, rest = line.partition("[")
        if bracket:
            line = before + " " + rest.partition("]")[2]
        words = _words(line)
        if len(words) >= 3 and words[0] == "deb":
            urls.append(words[1])
    return urls

def _fields(lines):
    """Returns the fields of one paragraph, with names in lower case."""
    fields = {}
    last = None
    for line in lines:
        if line.startswith("#"):
            continue
        if line[0] in [" ", "\t"]:
            if last:
                fields[last] += " " + line
            continue
        last, _, value = line.partition(":")
        last = last.strip().lower()
        fields[last] = value
    return fields

def _parse_deb822(text):
    """Returns the URLs of the paragraph format with fields Types, URIs, Enabled."""
    urls = []
    paragraph = []
    for line in text.replace("\r", "").split("\n") + [""]:
        if line.strip():
            paragraph.append(line)
            continue
        fields = _fields(paragraph)
        paragraph = []
        enabled = fields.get("enabled", "yes").strip().lower() not in ["no", "false", "off", "0"]
        if enabled and "deb" in _words(fields.get("types", "")):
            urls.extend(_words(fields.get("uris", "")))
    return urls

def _select(urls, archive):
    """Keeps the URLs that are copies of the archive, each once.

    A machine may be configured with the main archive alone, as a minimal
    installation is; then the other archives are looked for beside it, where
    Debian's own mirrors have them.

    Args:
      urls: of copies of any archives.
      archive: name of the wanted one.

    Returns:
      A list of URLs without slash at the end.
    """
    known = [_base(url) for url in urls if _is_url(url)]
    out = {base.url: None for base in known if base.archive == archive}
    if not out:
        for base in known:
            if base.archive == "debian":
                out[base.url.removesuffix("debian") + archive] = None
    return list(out)

def _snapshot(archive, snapshot, path):
    return _SNAPSHOT.format(archive = archive, path = path, snapshot = snapshot)

def _read_apt(rctx):
    # What was fetched is pinned by checksum, wherever it came from: a change of
    # the machine's configuration must not fetch anything again (watch = "no").
    urls = []
    main = rctx.path(_APT + "/sources.list")
    if main.exists:
        urls.extend(_parse_lines(rctx.read(main, watch = "no")))
    parts = rctx.path(_APT + "/sources.list.d")
    names = sorted([p.basename for p in parts.readdir(watch = "no")]) if parts.exists else []
    for name in names:
        if name.endswith(".list"):
            urls.extend(_parse_lines(rctx.read(parts.get_child(name), watch = "no")))
    for name in names:
        if name.endswith(".sources"):
            urls.extend(_parse_deb822(rctx.read(parts.get_child(name), watch = "no")))
    return urls

def _bases(rctx, archive):
    """Lists the copies of the archive to ask, in order, without the snapshots.

    Args:
      rctx: the repository context.
      archive: name of the archive.

    Returns:
      A list of URLs without slash at the end. It may be empty.
    """

    # Read untracked on purpose, like apt's files: packages that are there stay,
    # and those that failed are tried again in any case.
    value = rctx.os.environ.get(_VARIABLE, "")
    if value.strip():
        return [b.url for b in _parse_variable(value) if b.archive == archive]
    return _select(_read_apt(rctx), archive)

mirrors = struct(
    VARIABLE = _VARIABLE,
    bases = _bases,
    parse_deb822 = _parse_deb822,
    parse_lines = _parse_lines,
    parse_variable = _parse_variable,
    select = _select,
    snapshot = _snapshot,
)
