# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The symbols of what is shipped, apart from it."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain", "use_cc_toolchain")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")

visibility(["//tools/go/..."])

def _debug_symbols_impl(ctx):
    unstripped = ctx.attr.release[OutputGroupInfo].unstripped.to_list()[0]
    cc_toolchain = find_cc_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = cc_toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    symbols = ctx.actions.declare_file(ctx.label.name + "_/symbols")
    args = ctx.actions.args()
    args.add("--only-keep-debug")
    args.add(unstripped)
    args.add(symbols)
    ctx.actions.run(
        outputs = [symbols],
        inputs = depset([unstripped], transitive = [cc_toolchain.all_files]),
        executable = cc_common.get_tool_for_action(
            feature_configuration = features,
            action_name = ACTION_NAMES.objcopy_embed_data,
        ),
        arguments = [args],
        mnemonic = "SplitSymbols",
        progress_message = "Splitting symbols off %{label}",
        toolchain = Label("@bazel_tools//tools/cpp:toolchain_type"),
    )
    out = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        outputs = [out],
        inputs = [symbols, ctx.executable.release],
        executable = ctx.executable._debugdir,
        arguments = [symbols.path, ctx.executable.release.path, out.path],
        mnemonic = "DebugDirectory",
        progress_message = "Laying out symbols %{label}",
    )
    return [DefaultInfo(files = depset([out]))]

debug_symbols = rule(
    implementation = _debug_symbols_impl,
    attrs = {
        "release": attr.label(
            mandatory = True,
            cfg = "target",
            doc = "The release_binary that the symbols are of.",
            executable = True,
        ),
        "_debugdir": attr.label(
            cfg = "exec",
            default = "//tools/cc/elfcheck/cmd/debugdir",
            executable = True,
        ),
    },
    fragments = ["cpp"],
    toolchains = use_cc_toolchain(),
    doc = """A folder with the symbols of a release, where debuggers look for them.

The file is `.build-id/<2 digits>/<38 digits>.debug`, by the build id that the release
has, too.""",
)
