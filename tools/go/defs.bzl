# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""How a Go service that uses C is linked: the recipe, in one place."""

load("@rules_go//go:def.bzl", "go_binary")
load("//tools/go/private:debug.bzl", "debug_symbols")
load("//tools/go/private:recipe.bzl", "check_recipe")
load("//tools/go/private:release.bzl", "release_binary")

visibility("public")

# The Go linker would give every program the same GNU build id, one made from
# the build id that rules_go redacts (https://github.com/bazelbuild/rules_go/issues/1242).
# Without it, the C linker makes one from the content; the toolchain asks for that.
_LINKOPTS = [
    "-B",
    "none",
]

# What keeps the C library from being asked for things at run time that a
# static program cannot give: name resolution and users.
_STATIC_TAGS = [
    "netgo",
    "osusergo",
]

def cgo_binary(name, static = False, shipped_gotags = [], gc_linkopts = [], visibility = None, tags = [], testonly = False, **kwargs):
    """Declares a Go program that uses C, and what is shipped of it.

    Declares:
      `{name}`: the program in the command line's compilation mode, a
        position-independent executable with immediate binding. No `//...`
        builds it by itself: the release is the same, and once is enough.
      `{name}_release`: the same program optimised and stripped; its file is
        called `{name}`. Output group `unstripped` has it with symbols.
      `{name}_debug`: the symbols of the release, a folder for debuggers and
        profilers.
      `{name}_static`: with `static`, the release as one file without loader and
        libraries; `{name}_static_debug` are its symbols.

    Args:
      name: name of the program.
      static: whether to declare `{name}_static`.
      shipped_gotags: Go build tags of what is shipped, beside those of .bazelrc;
        tests and tools are built without them.
      gc_linkopts: more flags of the Go linker.
      visibility: of all targets.
      tags: of all targets.
      testonly: of all targets.
      **kwargs: attributes of go_binary, such as embed.
    """
    check_recipe(name, kwargs)
    shared = {
        "tags": tags,
        "testonly": testonly,
        "visibility": visibility,
    }
    go_binary(
        name = name,
        gc_linkopts = _LINKOPTS + gc_linkopts,
        linkmode = "pie",
        pure = "off",
        **(shared | kwargs | {"tags": tags + ["manual"]})
    )
    release_binary(
        name = name + "_release",
        basename = name,
        extra_gotags = shipped_gotags,
        program = name,
        **shared
    )
    debug_symbols(
        name = name + "_debug",
        release = name + "_release",
        **shared
    )
    if static:
        go_binary(
            name = name + "_static_unstripped",
            gc_linkopts = _LINKOPTS + gc_linkopts,
            pure = "off",
            static = "on",
            **(shared | kwargs | {"tags": tags + ["manual"]})
        )
        release_binary(
            name = name + "_static",
            basename = name,
            extra_gotags = _STATIC_TAGS + shipped_gotags,
            program = name + "_static_unstripped",
            **shared
        )
        debug_symbols(
            name = name + "_static_debug",
            release = name + "_static",
            **shared
        )
