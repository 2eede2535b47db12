# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""A repository that mirrors this workspace's own files, as inputs of tests.

A test of the tree as a whole needs every file of it, which no glob can name
across packages. This repository watches the tree and offers it as one folder,
so that such a test is cached like any other and runs again on each change.
"""

visibility("public")

# Top-level entries that are not part of the tree.
_FOREIGN = [".git", ".ijwb", ".idea", ".vscode", "node_modules", "user.bazelrc"]

# BUILD files would make packages of the copy; there they end in this instead.
_TREE = "tree"

def _source_tree_impl(rctx):
    for entry in rctx.workspace_root.readdir():
        name = entry.basename
        if name in _FOREIGN or name.startswith("bazel-"):
            continue
        if entry.is_dir:
            rctx.watch_tree(entry)
        else:
            rctx.watch(entry)
        rctx.symlink(entry, _TREE + "/" + name)
    rctx.file("BUILD.bazel", 'exports_files(["{}"])\n'.format(_TREE))

source_tree = repository_rule(
    implementation = _source_tree_impl,
    doc = "Mirrors the workspace as the folder //:tree.",
    local = False,
)
