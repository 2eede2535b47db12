# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The module extension that turns a lock of Debian packages into repositories.

    debian = use_extension("//tools/apt:extensions.bzl", "debian")
    debian.lock(name = "debian12", lock = "//platforms/debian12:packages.lock.json")
    use_repo(debian, "debian12", "debian12_sysroot_amd64")

makes
  - `@debian12`: `:<package>` for the target's CPU, `:<package>_<architecture>`,
    `:<group>` and `:<group>_<architecture>`; `packages.bzl` with `GROUPS`;
  - `@debian12_<package>_<architecture>`: one package file, with target `:package`;
  - `@debian12_<group>_<architecture>`: for groups with `tree: true` the merged
    files, with `:root`, the whole folder as one source file, and `:files`.
All are fetched only when something needs them.
"""

load("//tools/apt/private:hub_repository.bzl", "hub_repository")
load("//tools/apt/private:names.bzl", "names")
load("//tools/apt/private:package_repository.bzl", "package_repository")
load("//tools/apt/private:tree_repository.bzl", "tree_repository")

visibility("public")

_FORMAT = 1

def _read_lock(mctx, tag):
    lock = json.decode(mctx.read(tag.lock))
    if lock.get("format") != _FORMAT:
        fail("debian.lock(name = \"{}\"): {} has format {}, want {}: run the lock target beside it".format(
            tag.name,
            tag.lock,
            lock.get("format"),
            _FORMAT,
        ))
    return lock

def _packages(hub, lock):
    """Declares a repository per package; returns their names by package and CPU."""
    repositories = {}
    for p in lock["packages"]:
        name = names.package(hub, p["name"], p["architecture"])
        repositories.setdefault(p["name"], {})[p["architecture"]] = name
        package_repository(
            name = name,
            architecture = p["architecture"],
            archive = p["archive"],
            package = p["name"],
            path = p["path"],
            sha256 = p["sha256"],
            size = int(p["size"]),
            snapshot = p["snapshot"],
            suite = p["suite"],
            version = p["version"],
        )
    return repositories

def _checksums(hub, lock):
    """Returns the packages' checksums by the names of their repositories."""
    return {names.package(hub, p["name"], p["architecture"]): p["sha256"] for p in lock["packages"]}

def _locked_architecture(repositories, package, architecture):
    return architecture if architecture in repositories[package] else "all"

def _declare(hub, lock):
    repositories = _packages(hub, lock)
    checksums = _checksums(hub, lock)
    groups = {}
    group_names = {}
    for g in lock["groups"]:
        for architecture, packages in g["packages"].items():
            held = [(p, _locked_architecture(repositories, p, architecture)) for p in packages]
            of_group = [repositories[p][a] for p, a in held]
            groups.setdefault(g["name"], {})[architecture] = ["@{}//:package".format(r) for r in of_group]
            group_names.setdefault(g["name"], {})[architecture] = ["{}_{}".format(p, a) for p, a in held]
            if g["tree"]:
                tree = names.tree(hub, g["name"], architecture)
                tree_repository(
                    name = tree,
                    apparent_name = tree,
                    exclude = g.get("exclude", []),
                    include = g.get("include", []),
                    packages = {r: checksums[r] for r in of_group},
                )
    hub_repository(
        name = hub,
        apparent_name = hub,
        group_names = json.encode(group_names),
        groups = json.encode(groups),
        packages = json.encode({
            p: {a: "@{}//:package".format(r) for a, r in by_architecture.items()}
            for p, by_architecture in repositories.items()
        }),
    )

def _debian_impl(mctx):
    seen = {}
    for module in mctx.modules:
        for tag in module.tags.lock:
            if tag.name in seen:
                fail("debian.lock(name = \"{}\") is in two places, {} and {}: give one of them another name".format(tag.name, seen[tag.name], tag.lock))
            seen[tag.name] = tag.lock
            _declare(tag.name, _read_lock(mctx, tag))
    return mctx.extension_metadata(reproducible = True)

_lock = tag_class(
    doc = "A lock of Debian packages.",
    attrs = {
        "lock": attr.label(doc = "The lock, packages.lock.json.", mandatory = True),
        "name": attr.string(doc = "Name of the hub repository, and the start of all others.", mandatory = True),
    },
)

debian = module_extension(
    implementation = _debian_impl,
    doc = "Repositories of locked Debian packages.",
    tag_classes = {"lock": _lock},
)
