# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The flags of the C toolchain, as features.

Only flags that hold for every program are here; flags that name a path are in
the wrapper (clang.sh.tpl). Flags of the two kinds of action are kept apart:
runtime/cgo is compiled with -Werror, which turns an unused link flag into an
error.
"""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load(
    "@rules_cc//cc:cc_toolchain_config_lib.bzl",
    "action_config",
    "feature",
    "flag_group",
    "flag_set",
    "tool",
    "with_feature_set",
)

visibility(["//tools/cc/..."])

_COMPILE = [
    ACTION_NAMES.assemble,
    ACTION_NAMES.preprocess_assemble,
    ACTION_NAMES.c_compile,
    ACTION_NAMES.cpp_compile,
]

_LINK = [
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

# What Bazel's own features add to a link; naming them is what makes inputs,
# outputs and the user's flags reach the command line.
_LINK_IMPLIES = [
    "linkstamps",
    "output_execpath_flags",
    "library_search_directories",
    "libraries_to_link",
    "force_pic_flags",
    "user_link_flags",
    "linker_param_file",
]

_COMPILE_IMPLIES = [
    "compiler_input_flags",
    "compiler_output_flags",
]

def _flags(actions, flags, **kwargs):
    """Returns the flag set that adds flags to actions."""
    return flag_set(
        actions = actions,
        flag_groups = [flag_group(flags = flags)],
        **kwargs
    )

def _mode(name):
    """Returns the condition that the compilation mode is name."""
    return [with_feature_set(features = [name])]

_DEFAULT_COMPILE = feature(
    name = "default_compile_flags",
    enabled = True,
    flag_sets = [
        _flags(_COMPILE, [
            "-fstack-protector-strong",
            "-fstack-clash-protection",
            "-fno-omit-frame-pointer",
        ]),
        # No -g: a program that is not debugged is not built to be. -O0 compiles
        # SQLite in 1.3 s instead of 20 s.
        _flags(_COMPILE, ["-O0"], with_features = _mode("fastbuild")),
        _flags(_COMPILE, ["-O0", "-g"], with_features = _mode("dbg")),
        _flags(_COMPILE, [
            "-O2",
            "-DNDEBUG",
            "-D_FORTIFY_SOURCE=2",
            # Names and lines for cores and profiles; releases are stripped of them.
            "-gline-tables-only",
            # Nothing unwinds a stack of C in what is shipped, and profilers have
            # frame pointers.
            "-fno-asynchronous-unwind-tables",
        ], with_features = _mode("opt")),
    ],
)

# When a program was built is no property of it.
_REPRODUCIBLE = feature(
    name = "redacted_dates",
    enabled = True,
    flag_sets = [_flags(_COMPILE, [
        "-Wno-builtin-macro-redefined",
        "-D__DATE__=\"redacted\"",
        "-D__TIME__=\"redacted\"",
        "-D__TIMESTAMP__=\"redacted\"",
    ])],
)

# clang makes position-independent executables unless told otherwise, so -pie is
# not named here (rules_go would drop it, and -static contradicts it).
_DEFAULT_LINK = feature(
    name = "default_link_flags",
    enabled = True,
    flag_sets = [
        _flags(_LINK, [
            "-Wl,--as-needed",
            "-Wl,-z,relro",
            "-Wl,-z,now",
            "-Wl,-z,noexecstack",
            "-Wl,--build-id=sha1",
            "-Wl,--fatal-warnings",
        ]),
        # Relative relocations as a bitmap: a Go program is a tenth smaller. The
        # loader must know them, which glibc's does from 2.36 on, the one we ship
        # on; what is built to be tested runs on older machines too.
        _flags(_LINK, ["-Wl,-z,pack-relative-relocs"], with_features = _mode("opt")),
    ],
)

_FULLY_STATIC = feature(
    name = "fully_static_link",
    flag_sets = [_flags([ACTION_NAMES.cpp_link_executable], ["-static"])],
)

def toolchain_features():
    """Returns the features of the toolchain, beyond those Bazel always adds.

    Returns:
      list of FeatureInfo.
    """
    return [feature(name = mode) for mode in ["dbg", "fastbuild", "opt"]] + [
        feature(name = "supports_pic", enabled = True),
        _DEFAULT_COMPILE,
        _REPRODUCIBLE,
        _DEFAULT_LINK,
        _FULLY_STATIC,
    ]

def toolchain_action_configs(tools):
    """Returns which program does which action.

    Args:
      tools: CompilerToolsInfo.

    Returns:
      list of ActionConfigInfo.
    """

    def actions(names, program, implies):
        return [
            action_config(
                action_name = name,
                tools = [tool(tool = program)],
                implies = implies,
            )
            for name in names
        ]

    return (
        actions(_COMPILE, tools.clang, _COMPILE_IMPLIES) +
        actions(
            [ACTION_NAMES.cpp_link_executable],
            tools.clang,
            _LINK_IMPLIES,
        ) +
        actions(
            [
                ACTION_NAMES.cpp_link_dynamic_library,
                ACTION_NAMES.cpp_link_nodeps_dynamic_library,
            ],
            tools.clang,
            ["shared_flag"] + _LINK_IMPLIES,
        ) +
        actions(
            [ACTION_NAMES.cpp_link_static_library],
            tools.ar,
            ["archiver_flags", "linker_param_file"],
        ) +
        actions([ACTION_NAMES.strip], tools.strip, []) +
        actions([ACTION_NAMES.objcopy_embed_data], tools.objcopy, [])
    )
