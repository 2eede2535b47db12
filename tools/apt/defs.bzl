# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Debian packages as targets, and the target that locks them."""

load("//tools/apt/private:lock.bzl", _debian_lock = "debian_lock")
load(
    "//tools/apt/private:package.bzl",
    _DebianPackageInfo = "DebianPackageInfo",
    _DebianPackagesInfo = "DebianPackagesInfo",
    _debian_package = "debian_package",
    _debian_packages = "debian_packages",
)

visibility("public")

DebianPackageInfo = _DebianPackageInfo
DebianPackagesInfo = _DebianPackagesInfo
debian_lock = _debian_lock
debian_package = _debian_package
debian_packages = _debian_packages
