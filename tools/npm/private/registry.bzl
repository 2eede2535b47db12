# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Where npm's packages are.

No registry is written down in this repository. The functions in `registry` are
pure, except `chosen` and `configured`, which read variables and npm's files.
"""

visibility("//tools/npm/...")

_VARIABLE = "LUPA_NPM_REGISTRY"
_NPM_VARIABLE = "npm_config_registry"
_USER_CONFIG = "NPM_CONFIG_USERCONFIG"
_GLOBAL_CONFIG = "/etc/npmrc"

def _parse(address, source, fail = fail):
    """Checks a registry's address.

    Args:
      address: a URL.
      source: where it was found, for messages.
      fail: called with a message if it is no URL.

    Returns:
      The URL with a slash at the end.
    """
    address = address.strip()
    for scheme in ["http://", "https://", "file:///"]:
        if address.startswith(scheme) and len(address) > len(scheme) and " " not in address:
            return address.rstrip("/") + "/"
    return fail("{}: \"{}\" is not the URL of a registry of npm: write https://HOST/".format(source, address))

def _parse_npmrc(text):
    """Returns the value of `registry` in a file of npm's, or nothing.

    Args:
      text: lines of the form key = value; those with ; or # in front are remarks.

    Returns:
      The last value, without quotes.
    """
    found = ""
    for line in text.split("\n"):
        key, equals, value = line.strip().partition("=")
        if equals and key.strip() == "registry":
            found = value.strip().strip("\"'")
    return found

def _url(registry, package, version):
    """Returns where a package's archive is.

    Args:
      registry: the registry's URL with a slash at the end.
      package: the package's name, also one with a scope.
      version: its version.

    Returns:
      The URL.
    """
    return "{}{}/-/{}-{}.tgz".format(registry, package, package.rpartition("/")[2], version)

def _unknown(package):
    """Returns what to say when no registry is known."""
    return "the npm package {} is needed and no registry of npm is known: set {} to a registry's URL, or write registry=URL into ~/.npmrc, or install npm\n".format(package, _VARIABLE)

def _refused(spec, status, said):
    """Returns what to say when npm gives no archive.

    Args:
      spec: package and version, as npm takes them.
      status: npm's exit status.
      said: what npm wrote.

    Returns:
      The message.
    """
    return "npm pack {} gives no archive (status {}): check npm's configuration, or set {} to another registry's URL. npm says:\n{}".format(spec, status, _VARIABLE, said)

def _read(rctx, path):
    file = rctx.path(path)
    rctx.watch(file)
    return _parse_npmrc(rctx.read(file)) if file.exists else ""

def _chosen(rctx):
    """Returns the registry that the variable names, or nothing.

    Args:
      rctx: the repository context.

    Returns:
      Its URL with a slash at the end.
    """
    address = rctx.getenv(_VARIABLE, "")
    return _parse(address, _VARIABLE) if address else ""

def _configured(rctx):
    """Finds the registry in npm's configuration, for machines without npm.

    Args:
      rctx: the repository context.

    Returns:
      Its URL with a slash at the end, or nothing if none is known.
    """
    for variable in [_NPM_VARIABLE, _NPM_VARIABLE.upper()]:
        address = rctx.getenv(variable, "")
        if address:
            return _parse(address, variable)
    home = rctx.getenv("HOME", "")
    user = rctx.getenv(_USER_CONFIG, "") or (home + "/.npmrc" if home else "")
    for path in [user, _GLOBAL_CONFIG]:
        address = _read(rctx, path) if path else ""
        if address:
            return _parse(address, path)
    return ""

registry = struct(
    chosen = _chosen,
    configured = _configured,
    parse = _parse,
    parse_npmrc = _parse_npmrc,
    refused = _refused,
    unknown = _unknown,
    url = _url,
)
