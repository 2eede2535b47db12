# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The program as it is shipped: optimised, and stripped of its symbols."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain", "use_cc_toolchain")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")

visibility(["//tools/go/..."])

_MODE = "//command_line_option:compilation_mode"
_RACE = "@rules_go//go/config:race"
_SHIPPED = "//tools/go:shipped"
_TAGS = "@rules_go//go/config:tags"

def _release_transition_impl(settings, attr):
    # Tags are added to those of the command line: a gotags attribute of the
    # program would replace them, and with them FTS5.
    return {
        _MODE: "opt",
        _RACE: False,  # never shipped, and images are tested under it too
        _SHIPPED: True,
        _TAGS: sorted({
            tag: None
            for tag in settings[_TAGS] + attr.extra_gotags
        }),
    }

_release_transition = transition(
    implementation = _release_transition_impl,
    inputs = [_TAGS],
    outputs = [
        _MODE,
        _RACE,
        _SHIPPED,
        _TAGS,
    ],
)

def _release_binary_impl(ctx):
    unstripped = ctx.executable.program
    out = ctx.actions.declare_file("{}/{}".format(
        ctx.label.name,
        ctx.attr.basename or ctx.label.name,
    ))
    cc_toolchain = find_cc_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = cc_toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    args = ctx.actions.args()
    args.add("--strip-all-gnu")  # unlike --strip-all it keeps .comment
    args.add("-o", out)
    args.add(unstripped)
    ctx.actions.run(
        outputs = [out],
        inputs = depset([unstripped], transitive = [cc_toolchain.all_files]),
        executable = cc_common.get_tool_for_action(
            feature_configuration = features,
            action_name = ACTION_NAMES.strip,
        ),
        arguments = [args],
        mnemonic = "StripRelease",
        progress_message = "Stripping %{output}",
        toolchain = Label("@bazel_tools//tools/cpp:toolchain_type"),
    )
    return [
        DefaultInfo(
            executable = out,
            files = depset([out]),
            runfiles = ctx.attr.program[0][DefaultInfo].default_runfiles,
        ),
        OutputGroupInfo(unstripped = depset([unstripped])),
    ]

release_binary = rule(
    implementation = _release_binary_impl,
    attrs = {
        "basename": attr.string(
            doc = "Name of the file; the target's name if empty.",
        ),
        "extra_gotags": attr.string_list(
            doc = "Go build tags to set beside those of the command line.",
        ),
        "program": attr.label(
            mandatory = True,
            cfg = _release_transition,
            executable = True,
            doc = "The program to ship.",
        ),
    },
    executable = True,
    fragments = ["cpp"],
    toolchains = use_cc_toolchain(),
    doc = """Optimises and strips a program.

Output group `unstripped` has the same program, with the same build id, and its
symbols.""",
)
