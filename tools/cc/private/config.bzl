# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The configuration that rules_cc asks of a toolchain."""

load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/toolchains:cc_toolchain_config_info.bzl", "CcToolchainConfigInfo")
load(":features.bzl", "toolchain_action_configs", "toolchain_features")
load(":tools.bzl", "CompilerToolsInfo")

visibility(["//tools/cc/..."])

def _toolchain_config_impl(ctx):
    tools = ctx.attr.tools[CompilerToolsInfo]
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "glibc",
        abi_version = "unknown",
        action_configs = toolchain_action_configs(tools),
        compiler = "clang",
        # Headers that no target declares: the sysroot's and the compiler's own.
        cxx_builtin_include_directories = [
            "%workspace%/" + directory
            for directory in tools.include_directories
        ],
        features = toolchain_features(),
        host_system_name = "local",
        target_cpu = ctx.attr.cpu,
        target_libc = "glibc",
        target_system_name = tools.target,
        toolchain_identifier = str(ctx.label),
    )

toolchain_config = rule(
    implementation = _toolchain_config_impl,
    attrs = {
        "cpu": attr.string(
            mandatory = True,
            doc = "Name of the target's CPU in output folders.",
        ),
        "tools": attr.label(
            mandatory = True,
            cfg = "exec",
            providers = [CompilerToolsInfo],
            doc = "The wrapped compiler.",
        ),
    },
    provides = [CcToolchainConfigInfo],
    doc = "Turns a wrapped compiler into what cc_toolchain wants.",
)
