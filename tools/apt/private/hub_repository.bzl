# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The repository that knows all packages of a lock by name."""

visibility("//tools/apt/...")

# Debian's names of CPUs in the words of @platforms.
_CPUS = {
    "amd64": "x86_64",
    "arm64": "aarch64",
}

def _cpu(architecture):
    if architecture not in _CPUS:
        fail("architecture {} has no CPU in @platforms that we know: add it to tools/apt/private/hub_repository.bzl".format(architecture))
    return "@platforms//cpu:" + _CPUS[architecture]

def _select(by_architecture, quote):
    """Returns the text of a select on the CPU."""
    branches = ["        \"{}\": {},\n".format(_cpu(a), quote(by_architecture[a])) for a in sorted(by_architecture)]
    return "select({{\n{}    }}, no_match_error = \"no such package for this CPU in the lock\")".format("".join(branches))

def _quoted(text):
    return "\"{}\"".format(text)

def _list(items):
    return "[{}]".format(", ".join([_quoted(i) for i in items]))

def _aliases(name, labels):
    """Returns the aliases of a package, labels being a dict by architecture."""
    out = ["alias(\n    name = \"{}_{}\",\n    actual = \"{}\",\n)\n".format(name, a, labels[a]) for a in sorted(labels)]
    actual = _quoted(labels["all"]) if "all" in labels else _select(labels, _quoted)
    out.append("alias(\n    name = \"{}\",\n    actual = {},\n)\n".format(name, actual))
    return out

def _group(name, packages):
    """Returns the targets of a group, packages being lists by architecture."""
    rule = "debian_packages(\n    name = \"{}\",\n    packages = {},\n)\n"
    out = [rule.format("{}_{}".format(name, a), _list(packages[a])) for a in sorted(packages)]
    out.append(rule.format(name, _select(packages, _list)))
    return out

def _build_file(defs, packages, groups):
    """Returns the hub's build file.

    Args:
      defs: label of tools/apt/defs.bzl.
      packages: by package name, a dict from architecture to label.
      groups: by group name, a dict from architecture to a list of labels.

    Returns:
      The text.
    """
    out = [
        "load(\"{}\", \"debian_packages\")\n".format(defs),
        "package(default_visibility = [\"//visibility:public\"])\n",
        "exports_files([\"packages.bzl\"])\n",
    ]
    for name in sorted(packages):
        out.extend(_aliases(name, packages[name]))
    for name in sorted(groups):
        out.extend(_group(name, groups[name]))
    return "\n".join(out)

def _hub_repository_impl(rctx):
    packages = json.decode(rctx.attr.packages)
    groups = json.decode(rctx.attr.groups)
    rctx.file("BUILD.bazel", _build_file(str(Label("//tools/apt:defs.bzl")), packages, groups), executable = False)
    rctx.file("packages.bzl", "\"\"\"The lock's groups: labels by group and architecture.\"\"\"\n\nGROUPS = {}\n".format(
        json.encode_indent({
            name: {
                a: ["@{}//:{}".format(rctx.attr.apparent_name, p) for p in by_architecture[a]]
                for a in sorted(by_architecture)
            }
            for name, by_architecture in json.decode(rctx.attr.group_names).items()
        }, indent = "    "),
    ), executable = False)

hub_repository = repository_rule(
    implementation = _hub_repository_impl,
    doc = "Aliases for packages, by name and by name and CPU, and groups of them.",
    attrs = {
        "apparent_name": attr.string(mandatory = True),
        "group_names": attr.string(doc = "JSON: by group and architecture, names of hub targets.", mandatory = True),
        "groups": attr.string(doc = "JSON: by group and architecture, labels of packages.", mandatory = True),
        "packages": attr.string(doc = "JSON: by package and architecture, labels.", mandatory = True),
    },
)

# For tests.
hub = struct(build_file = _build_file)
