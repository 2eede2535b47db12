# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""A repository with the files of one package of npm."""

load("//tools/npm/private:registry.bzl", "registry")

visibility(["//tools/npm"])

_FOLDER = "package"

# How long npm may take to fetch one package, in seconds.
_TIMEOUT = 300

def _pack(rctx, npm, chosen):
    """Has npm fetch the archive and returns its URL.

    Args:
      rctx: the repository context.
      npm: path of the program.
      chosen: registry to ask in place of npm's, or nothing.

    Returns:
      A URL of a file.
    """
    spec = "{}@{}".format(rctx.attr.package, rctx.attr.version)
    rctx.report_progress("npm pack " + spec)
    command = [npm, "pack", "--loglevel=error", "--ignore-scripts", "--fetch-retries=1"]
    if chosen:
        command.append("--registry=" + chosen)
    result = rctx.execute(command + [spec], timeout = _TIMEOUT)
    archives = [f for f in rctx.path(".").readdir(watch = "no") if f.basename.endswith(".tgz")]
    if result.return_code != 0 or len(archives) != 1:
        fail("@{}: {}".format(rctx.name, registry.refused(spec, result.return_code, result.stderr or result.stdout)))
    return "file://" + str(archives[0])

def _clean(rctx):
    for file in rctx.path(".").readdir(watch = "no"):
        if file.basename.endswith(".tgz"):
            rctx.delete(file)

def _npm_package_impl(rctx):
    chosen = registry.chosen(rctx)
    npm = rctx.which("npm")
    where = chosen or ("" if npm else registry.configured(rctx))
    rctx.file("BUILD.bazel", "exports_files([\"{}\"])\n".format(_FOLDER), executable = False)
    if not where and not npm:
        # No reason to stop a build of everything: what needs the package says it.
        # When npm comes, this function runs again, as for the variables.
        for folder in rctx.getenv("PATH", "").split(":"):
            if folder.startswith("/"):
                rctx.watch(folder.rstrip("/") + "/npm")
        rctx.file(_FOLDER + "/UNAVAILABLE", registry.unknown(rctx.attr.package), executable = False)
        return
    if npm and not where.startswith("file:"):
        url = _pack(rctx, npm, where)
    else:
        url = registry.url(where, rctx.attr.package, rctx.attr.version)
    rctx.download_and_extract(
        url,
        integrity = rctx.attr.integrity,
        output = _FOLDER,
        stripPrefix = "package",
    )
    _clean(rctx)

npm_package = repository_rule(
    implementation = _npm_package_impl,
    attrs = {
        "integrity": attr.string(
            doc = "Checksum of the archive as npm writes it, sha512-….",
            mandatory = True,
        ),
        "package": attr.string(
            doc = "The package's name.",
            mandatory = True,
        ),
        "version": attr.string(
            doc = "The package's version.",
            mandatory = True,
        ),
    },
    doc = "Unpacks a package of npm into the folder //:package.",
)
