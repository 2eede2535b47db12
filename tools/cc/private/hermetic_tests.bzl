# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Rules that test that nothing of the machine takes part in compiling C."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain", "use_cc_toolchain")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load(":runfiles.bzl", "in_runfiles", "quote")
load(":tools.bzl", "CompilerToolsInfo")

visibility(["//tools/cc/..."])

_HEADERS_SCRIPT = """#!/bin/sh
bad=0
seen=0
while read -r line; do
  for word in $line; do
    case $word in
    *: | \\\\ | {source}) ;;
    {directories}) seen=$((seen + 1)) ;;
    *)
      echo "{label}: header of no toolchain: $word"
      bad=1
      ;;
    esac
  done
done <{listing}
if [ "$seen" -eq 0 ]; then
  echo "{label}: no header was read at all"
  bad=1
fi
exit $bad
"""

def _system_headers_test_impl(ctx):
    cc_toolchain = find_cc_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = cc_toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    listing = ctx.actions.declare_file(ctx.label.name + ".d")
    args = ctx.actions.args()
    args.add("-M")
    args.add("-MF", listing)
    args.add(ctx.file.src)
    ctx.actions.run(
        outputs = [listing],
        inputs = depset([ctx.file.src], transitive = [cc_toolchain.all_files]),
        executable = cc_common.get_tool_for_action(
            feature_configuration = features,
            action_name = ACTION_NAMES.c_compile,
        ),
        arguments = [args],
        mnemonic = "ListHeaders",
        progress_message = "Listing headers of %{input}",
        toolchain = Label("@bazel_tools//tools/cpp:toolchain_type"),
    )
    ctx.actions.write(
        output = ctx.outputs.executable,
        content = _HEADERS_SCRIPT.format(
            directories = " | ".join([
                directory + "/*"
                for directory in cc_toolchain.built_in_include_directories
            ]),
            label = ctx.label,
            listing = in_runfiles(listing),
            source = ctx.file.src.path,
        ),
        is_executable = True,
    )
    return [DefaultInfo(runfiles = ctx.runfiles(files = [listing]))]

system_headers_test = rule(
    implementation = _system_headers_test_impl,
    attrs = {
        "src": attr.label(
            mandatory = True,
            allow_single_file = [".c"],
            doc = "A source file that includes headers of the system only.",
        ),
    },
    fragments = ["cpp"],
    test = True,
    toolchains = use_cc_toolchain(),
    doc = "Checks that all headers come from the sysroot or the compiler.",
)

_CLOSURE_SCRIPT = """#!/bin/sh
root={root}
bad=0
for program in {programs}; do
  if ! list=$("$root/{loader}" --inhibit-cache --library-path "{library_path}" --list "$root/$program" 2>&1); then
    echo "{label}: $list"
    bad=1
    continue
  fi
  while read -r name arrow path address; do
    case $name in
    linux-vdso.so.*) continue ;;
    esac
    if [ "$arrow" != "=>" ]; then
      path=$name
    fi
    case $path in
    "$root"/*) ;;
    *)
      echo "{label}: $program loads $name from $path"
      bad=1
      ;;
    esac
  done <<EOF
$list
EOF
done
exit $bad
"""

def _compiler_closure_test_impl(ctx):
    tools = ctx.attr.tools[CompilerToolsInfo]
    ctx.actions.write(
        output = ctx.outputs.executable,
        content = _CLOSURE_SCRIPT.format(
            label = ctx.label,
            library_path = ":".join([
                "$root/" + folder
                for folder in tools.library_path
            ]),
            loader = tools.loader,
            programs = " ".join([quote(program) for program in tools.programs]),
            root = in_runfiles(tools.compiler),
        ),
        is_executable = True,
    )
    return [DefaultInfo(runfiles = ctx.runfiles(files = [tools.compiler]))]

compiler_closure_test = rule(
    implementation = _compiler_closure_test_impl,
    attrs = {
        "tools": attr.label(
            mandatory = True,
            cfg = "exec",
            providers = [CompilerToolsInfo],
            doc = "The wrapped compiler.",
        ),
    },
    test = True,
    doc = "Checks that every library of the compiler's programs lies beside them.",
)
