# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The images of Lupa: the same service on each kind of base."""

visibility(["//docs/...", "//services/lupa/..."])

PROGRAM = "//services/lupa/cmd/lupa:lupa_release"

_STEMMER = "//platforms/debian12/libraries:stemmer_layer"

# By the name of its targets: base, program, layers between, and what of the base's
# contract holds. docs/images.md has their sizes.
VARIANTS = {
    # The default: the C library and what belongs to it.
    "image": struct(
        base = "base_nossl",
        contract = [
            "libc",
            "no_ssl",
        ],
        program = PROGRAM,
        tars = [_STEMMER],
    ),
    # With OpenSSL, for programs that are added and want it.
    "image_base": struct(
        base = "base",
        contract = [
            "libc",
            "ssl",
        ],
        program = PROGRAM,
        tars = [_STEMMER],
    ),
    # Only the libraries that the program is loaded with.
    "image_slim": struct(
        base = "static_slim",
        contract = [
            "libc",
            "no_ssl",
            "slim",
        ],
        program = PROGRAM,
        tars = [":runtime"],
    ),
    # No libraries: the program has them in itself.
    "image_static": struct(
        base = "static",
        contract = ["no_ssl"],
        program = "//services/lupa/cmd/lupa:lupa_static",
        tars = [],
    ),
}
