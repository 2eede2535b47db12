# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The extension that Bazel asks for buildozer's program, without one."""

def _no_buildozer_impl(rctx):
    rctx.file("BUILD.bazel", "# buildozer is not to be had without the internet.\n")

_no_buildozer = repository_rule(
    implementation = _no_buildozer_impl,
    doc = "Stands for the repository that holds buildozer's program.",
)

def _buildozer_binary_impl(_mctx):
    _no_buildozer(name = "buildozer_binary")

buildozer_binary = module_extension(
    implementation = _buildozer_binary_impl,
    doc = "Declares @buildozer_binary.",
)
