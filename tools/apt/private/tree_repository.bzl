# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The files of a group of packages as one folder."""

load(":links.bzl", "links")
load(":names.bzl", "names")
load(":patterns.bzl", "patterns")

visibility("//tools/apt/...")

# More folders than any group has; Starlark wants its loops bounded.
_FOLDERS = 1000000

_BUILD = """\
package(default_visibility = ["//visibility:public"])

# The whole tree as one input of an action.
exports_files(["root"])

# Files by name. Names that a label cannot hold are in the tree only.
_FILES = [
{files}]

exports_files(_FILES + ["dropped.txt"])

filegroup(
    name = "files",
    srcs = _FILES,
)
"""

def _data_of(rctx, repository):
    """Returns the data archive of a package, fetching its repository."""
    canonical = names.sibling(rctx.name, rctx.attr.apparent_name, repository)
    folder = rctx.path(Label("@@{}//:BUILD.bazel".format(canonical))).dirname
    for entry in folder.readdir(watch = "no"):
        if entry.basename.startswith("data.tar"):
            return entry
    fail("@{}: no data.tar in @@{}: its repository is damaged, run bazel fetch --force on it".format(rctx.attr.apparent_name, canonical))

def _is_ascii(text):
    # hash() of a text of one character is that character's code.
    for c in text.elems():
        if hash(c) > 126:
            return False
    return True

def _look(rctx):
    """Walks the tree.

    Returns:
      A struct of folders and files, both lists of paths; links, a dict from path
      to the path where the link ends; and dropped, a dict from path to reason, of
      what cannot be in a tree, such as links that lead out of it.
    """
    root = str(rctx.path("root").realpath)
    found = struct(dropped = {}, files = [], folders = [], links = {})
    waiting = [""]
    for _ in range(_FOLDERS):
        if not waiting:
            return found
        folder = waiting.pop()
        for entry in rctx.path("root/" + folder).readdir(watch = "no"):
            path = folder + entry.basename
            if not _is_ascii(path):
                # A Bazel without its native library writes such names as
                # something else; the tree must be the same for all.
                found.dropped[path] = "its name is not ASCII"
                continue
            if not entry.exists:
                found.dropped[path] = "ends nowhere"
                continue
            real = str(entry.realpath)
            if real == "{}/{}".format(root, path):
                if entry.is_dir:
                    found.folders.append(path)
                    waiting.append(path + "/")
                else:
                    found.files.append(path)
            elif real.startswith(root + "/"):
                found.links[path] = real[len(root) + 1:]
            else:
                found.dropped[path] = "leaves the tree"
    fail("@{}: more than {} folders".format(rctx.attr.apparent_name, _FOLDERS))

def _parents(path):
    out = []
    segments = path.split("/")
    for n in range(1, len(segments)):
        out.append("/".join(segments[:n]))
    return out

def _plan(found, include, exclude):
    """Decides what stays, as a pure function of what _look found.

    Args:
      found: the result of _look.
      include: patterns of paths; if there are none, all are in.
      exclude: patterns of paths that are out.

    Returns:
      A struct of files to keep, links to make (path to text), paths to delete,
      and what is dropped (path to reason).
    """
    keep = {f: True for f in found.files if patterns.keeps(f, include, exclude)}
    folders = {}
    for path in keep:
        folders.update({p: True for p in _parents(path)})
    make = {}
    dropped = {p: why for p, why in found.dropped.items() if patterns.keeps(p, include, exclude)}
    for path, target in found.links.items():
        if not patterns.keeps(path, include, exclude):
            continue
        if target in keep or target in folders:
            make[path] = links.relative(path, target)
        else:
            dropped[path] = "ends at {}, which is not in the tree".format(target)
    for path in make:
        folders.update({p: True for p in _parents(path)})

    # Links are all deleted: those that stay are made again, as relative ones.
    delete = [p for p in list(found.dropped) + list(found.links)]
    delete += [p for p in found.files if p not in keep]
    delete += [p for p in found.folders if p not in folders]

    # What is below a deleted folder goes with it.
    gone = {p: True for p in found.folders if p not in folders}
    delete = [p for p in delete if not (p.rpartition("/")[0] in gone)]
    return struct(
        delete = sorted(delete),
        dropped = dropped,
        keep = sorted(keep),
        make = make,
    )

def _fits_label(path):
    for c in [":", "\\", "\n", "\"", "%"]:
        if c in path:
            return False
    return path.strip() == path

def _tree_repository_impl(rctx):
    # All packages are asked for before the first is unpacked, so that a restart
    # of this function loses nothing.
    archives = [_data_of(rctx, r) for r in sorted(rctx.attr.packages)]
    for archive in archives:
        rctx.report_progress("unpacking " + str(archive.dirname.basename))
        rctx.extract(archive, output = "root", watch_archive = "no")
    plan = _plan(_look(rctx), rctx.attr.include, rctx.attr.exclude)
    for path in plan.delete:
        rctx.delete("root/" + path)
    if plan.make:  # Bazel refuses an archive without entries.
        rctx.file("links.tar", links.archive(plan.make), executable = False, legacy_utf8 = False)
        rctx.extract("links.tar", output = "root", watch_archive = "no")
        rctx.delete("links.tar")
    rctx.file(
        "dropped.txt",
        "".join(["{}: {}\n".format(p, plan.dropped[p]) for p in sorted(plan.dropped)]),
        executable = False,
        legacy_utf8 = False,
    )
    files = ["root/" + p for p in sorted(plan.keep + list(plan.make)) if _fits_label(p)]
    rctx.file(
        "BUILD.bazel",
        _BUILD.format(files = "".join(["    \"{}\",\n".format(f) for f in files])),
        executable = False,
        legacy_utf8 = False,
    )

tree_repository = repository_rule(
    implementation = _tree_repository_impl,
    doc = "The data of several packages, merged and cut to patterns, in the folder `root`.",
    attrs = {
        "apparent_name": attr.string(doc = "This repository's name inside its extension.", mandatory = True),
        "exclude": attr.string_list(),
        "include": attr.string_list(),
        "packages": attr.string_dict(
            doc = "Names of package repositories of the same extension, and the packages' checksums: " +
                  "without these, Bazel would keep a tree when the lock has new versions.",
            mandatory = True,
        ),
    },
)

# For tests.
tree = struct(
    fits_label = _fits_label,
    plan = _plan,
)
