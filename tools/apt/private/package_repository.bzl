# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""One repository per package file: download, check, take apart."""

load(":failures.bzl", "failures")
load(":mirrors.bzl", "mirrors")

visibility("//tools/apt/...")

# Bazel itself retries each URL with growing pauses
# (--experimental_repository_downloader_retries); this is how often we start over.
_ATTEMPTS = 2

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

def _length(rctx, file):
    return len(rctx.read(file, watch = "no"))

def _finding(rctx, url, base):
    """Looks at what a URL gives, without asking for a checksum."""
    got = rctx.download(url = [url], output = "finding", allow_fail = True)
    finding = struct(
        answers = False,
        sha256 = got.sha256 if got.success else "",
        size = _length(rctx, "finding") if got.success else 0,
        url = url,
    )
    rctx.delete("finding")
    if got.success or not base:
        return finding
    release = rctx.download(
        url = ["{}/dists/{}/InRelease".format(base, rctx.attr.suite)],
        allow_fail = True,
        output = "finding",
    )
    rctx.delete("finding")
    return struct(answers = release.success, sha256 = "", size = 0, url = url)

def _newer(rctx, base):
    """Lists the versions that the mirror has in the package's folder."""
    folder = rctx.attr.path.rpartition("/")[0]
    got = rctx.download(url = ["{}/{}/".format(base, folder)], output = "listing", allow_fail = True)
    if not got.success:
        return []
    text = rctx.read("listing", watch = "no")
    rctx.delete("listing")
    return failures.versions_in(text, rctx.attr.package, rctx.attr.architecture)

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
    for _ in range(_ATTEMPTS):
        got = rctx.download(
            url = ["{}/{}".format(base, attr.path) for base in bases] + [snapshot],
            allow_fail = True,
            output = "package.deb",
            sha256 = attr.sha256,
        )
        if got.success:
            return
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
