# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""How images call the CPUs we build for."""

visibility("//platforms/debian12/...")

ARCHITECTURE = select({
    "@platforms//cpu:aarch64": "arm64",
    "@platforms//cpu:x86_64": "amd64",
})

VARIANT = select({
    "@platforms//cpu:aarch64": "v8",
    "@platforms//cpu:x86_64": "",
})
