# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Go libraries that are made of templ templates in the build."""

load("//tools/templ/private:library.bzl", _templ_go_library = "templ_go_library")

visibility("public")

templ_go_library = _templ_go_library
