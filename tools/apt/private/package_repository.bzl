# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""One repository per package file: download, check, take apart."""

load(":failures.bzl", "failures")
load(":mirrors.bzl", "mirrors")

visibility("//tools/apt/...")

# Asked for where any content will do; see _look_at.
_NO_CHECKSUM = "0" * 64

_BUILD = """\
load("{defs}", "debian_package")

package(default_visibility = ["//visibility:public"])

exports_files(["{control}", "{data}"])

debian_package(
    name = "package",
    architecture = "{architecture}",
    control = "{control}",
    data = "{data}",
    package = "{package}",
    sha256 = "{sha256}",
    version = "{version}",
)
"""

def _title(rctx):
    return "{} {} ({})".format(rctx.attr.package, rctx.attr.version, rctx.attr.architecture)

def _look_at(rctx, url, sha256):
    """Looks at what a URL gives, whatever its checksum.

    Bazel downloads from plain http only with a checksum, and says in a warning,
    not to us, what came instead of the right content. But what came is left on
    disk if it has more than 32 KiB, and a file:// URL needs no checksum.

    Args:
      rctx: the repository context.
      url: what to ask for.
      sha256: a checksum to ask for, which need not be the right one.

    Returns:
      None, or a struct with sha256, size, and text for a page.
    """
    rctx.delete("found")
    wanted = sha256 if url.startswith("http://") else ""
    rctx.download(url = [url], allow_fail = True, output = "found", sha256 = wanted)
    if not rctx.path("found").exists:
        return None
    got = rctx.download(url = ["file://{}".format(rctx.path("found"))], allow_fail = True, output = "found.copy")
    text = rctx.read("found", watch = "no")
    rctx.delete("found")
    rctx.delete("found.copy")
    return struct(sha256 = got.sha256, size = len(text), text = text) if got.success and text else None

def _finding(rctx, url, base):
    """Looks at what a URL gives; if it is nothing, at the mirror as a whole."""
    found = _look_at(rctx, url, rctx.attr.sha256)
    answers = False
    if not found and base:
        answers = _look_at(rctx, "{}/dists/{}/InRelease".format(base, rctx.attr.suite), _NO_CHECKSUM) != None
    return struct(
        answers = answers,
        sha256 = found.sha256 if found else "",
        size = found.size if found else 0,
        url = url,
    )

def _newer(rctx, base):
    """Lists the versions that the mirror has in the package's folder."""
    page = "{}/{}/".format(base, rctx.attr.path.rpartition("/")[0])
    found = _look_at(rctx, page, _NO_CHECKSUM)
    if not found and page.startswith("http://"):
        found = _look_at(rctx, "https://" + page[len("http://"):], "")
    return failures.versions_in(found.text, rctx.attr.package, rctx.attr.architecture) if found else []

def _explain(rctx, bases, snapshot):
    findings = [_finding(rctx, "{}/{}".format(base, rctx.attr.path), base) for base in bases]
    findings.append(_finding(rctx, snapshot, None))
    versions = []
    for base, finding in zip(bases, findings):
        if finding.answers and not versions:
            versions = _newer(rctx, base)
    return failures.download(
        _title(rctx),
        rctx.attr.sha256,
        rctx.attr.size,
        findings,
        versions,
        mirrors.VARIABLE,
    )

def _download(rctx):
    attr = rctx.attr
    bases = mirrors.bases(rctx, attr.archive)
    snapshot = mirrors.snapshot(attr.archive, attr.snapshot, attr.path)

    # Bazel asks one URL after the other, each several times with growing pauses,
    # and starts over --experimental_repository_downloader_retries times.
    got = rctx.download(
        url = ["{}/{}".format(base, attr.path) for base in bases] + [snapshot],
        allow_fail = True,
        output = "package.deb",
        sha256 = attr.sha256,
    )
    if not got.success:
        fail(_explain(rctx, bases, snapshot))

def _member(rctx, prefix):
    found = [p.basename for p in rctx.path(".").readdir(watch = "no")]
    members = [f for f in found if f.startswith(prefix)]
    if len(members) != 1:
        fail(failures.members(_title(rctx), found))
    return members[0]

def _package_repository_impl(rctx):
    rctx.report_progress("downloading " + _title(rctx))
    _download(rctx)
    rctx.extract("package.deb", watch_archive = "no")
    rctx.delete("package.deb")
    rctx.file("BUILD.bazel", _BUILD.format(
        architecture = rctx.attr.architecture,
        control = _member(rctx, "control.tar"),
        data = _member(rctx, "data.tar"),
        defs = str(Label("//tools/apt:defs.bzl")),
        package = rctx.attr.package,
        sha256 = rctx.attr.sha256,
        version = rctx.attr.version,
    ), executable = False)

package_repository = repository_rule(
    implementation = _package_repository_impl,
    doc = "One package file, as its control and data archives and a target `:package`.",
    attrs = {
        "architecture": attr.string(mandatory = True),
        "archive": attr.string(mandatory = True),
        "package": attr.string(mandatory = True),
        "path": attr.string(mandatory = True),
        "sha256": attr.string(mandatory = True),
        "size": attr.int(mandatory = True),
        "snapshot": attr.string(mandatory = True),
        "suite": attr.string(mandatory = True),
        "version": attr.string(mandatory = True),
    },
)
