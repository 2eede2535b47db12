# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The Go SDK, pinned by checksum to one release in both ways of building.

The same release is published twice: as an archive for people, and as the zip of
the module golang.org/toolchain. With internet the archive is downloaded; the
air-gapped set-up names the zip, which the Go module proxy serves, through the
repository variable `LUPA_GO_SDK_ZIP`. Either is unpacked only after its SHA-256
agreed, and MODULE.bazel hands the result to rules_go with `go_sdk.wrap`.
"""

visibility("private")

_VARIABLE = "LUPA_GO_SDK_ZIP"

def _pinned_go_sdk_impl(rctx):
    rctx.file("BUILD.bazel", 'exports_files(["VERSION", "bin/go"])\n')
    version = rctx.attr.version
    zip = rctx.getenv(_VARIABLE, "")
    if zip:
        if not rctx.path(zip).exists:
            fail("@{}: {}={}: no such file. Remove the variable to download Go {}, or set it to the zip of golang.org/toolchain@v0.0.1-go{}.linux-amd64 in the Go module cache.".format(
                rctx.attr.name,
                _VARIABLE,
                zip,
                version,
                version,
            ))
        rctx.download_and_extract(
            "file://" + zip,
            sha256 = rctx.attr.module_sha256,
            stripPrefix = "golang.org/toolchain@v0.0.1-go{}.linux-amd64".format(version),
            type = "zip",
        )
        return
    rctx.download_and_extract(
        [url.format(version = version) for url in rctx.attr.urls],
        sha256 = rctx.attr.archive_sha256,
        stripPrefix = "go",
    )

pinned_go_sdk = repository_rule(
    implementation = _pinned_go_sdk_impl,
    attrs = {
        "archive_sha256": attr.string(
            mandatory = True,
            doc = "SHA-256 of go<version>.linux-amd64.tar.gz.",
        ),
        "module_sha256": attr.string(
            mandatory = True,
            doc = "SHA-256 of the zip of golang.org/toolchain@v0.0.1-go<version>.linux-amd64.",
        ),
        "urls": attr.string_list(
            default = ["https://go.dev/dl/go{version}.linux-amd64.tar.gz"],
            doc = "Addresses of the archive; {version} is replaced.",
        ),
        "version": attr.string(
            mandatory = True,
            doc = "Release without the leading 'go', for example 1.26.8.",
        ),
    },
    doc = "Unpacks the linux-amd64 Go SDK of one release.",
)
