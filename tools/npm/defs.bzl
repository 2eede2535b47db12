# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Packages of npm as repositories."""

load("//tools/npm/private:package.bzl", _npm_package = "npm_package")

visibility("public")

npm_package = _npm_package
