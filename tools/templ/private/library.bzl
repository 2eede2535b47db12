# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Templates as Go sources that a Go library embeds."""

load("@rules_go//go:def.bzl", "GoArchive", "GoInfo", "go_context", "new_go_info")

visibility(["//tools/templ"])

_TEMPLATE = ".templ"
_SOURCE = "_templ.go"

def _generate(ctx, template):
    """Declares the action for one template and returns its Go source."""
    if template.extension != "templ":
        fail("{}: srcs: {} is not a template; name files that end in {}, and put others into the go_library that embeds this".format(
            ctx.label,
            template.short_path,
            _TEMPLATE,
        ))
    out = ctx.actions.declare_file(
        template.basename.removesuffix(_TEMPLATE) + _SOURCE,
        sibling = None if template.is_source else template,
    )
    args = ctx.actions.args()
    args.add(template.short_path, format = "-name=%s")
    args.add(template, format = "-template=%s")
    args.add(out, format = "-out=%s")
    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._tool,
        inputs = [template],
        mnemonic = "TemplGo",
        outputs = [out],
        progress_message = "Generating Go from %{input}",
    )
    return out

def _templ_go_library_impl(ctx):
    sources = [_generate(ctx, template) for template in ctx.files.srcs]
    go = go_context(ctx, include_deprecated_properties = False)
    info = new_go_info(
        go,
        struct(deps = ctx.attr.deps + ctx.attr._runtime),
        generated_srcs = sources,
    )
    return [
        DefaultInfo(files = depset(sources)),
        info,
    ]

templ_go_library = rule(
    implementation = _templ_go_library_impl,
    attrs = {
        "deps": attr.label_list(
            doc = "Go libraries that the templates import; templ's own are added.",
            providers = [GoInfo, GoArchive],
        ),
        "srcs": attr.label_list(
            allow_empty = False,
            allow_files = True,
            doc = "Templates: NAME.templ becomes NAME_templ.go.",
            mandatory = True,
        ),
        "_cgo_context_data": attr.label(default = "@rules_go//:cgo_context_data_proxy"),
        "_go_config": attr.label(default = "@rules_go//:go_config"),
        "_runtime": attr.label_list(default = [
            "@com_github_a_h_templ//:templ",
            "@com_github_a_h_templ//runtime",
        ]),
        "_tool": attr.label(
            cfg = "exec",
            default = "//tools/templ/cmd/templ",
            executable = True,
        ),
    },
    doc = """Go sources made of templ templates, for a go_library to embed.

It has no import path and is not compiled by itself, because templates and the
hand-written Go beside them are one package and may use each other:

    templ_go_library(
        name = "ui_templ",
        srcs = glob(["*.templ"]),
    )

    go_library(
        name = "ui",
        srcs = ["ui.go"],
        embed = [":ui_templ"],  # keep
        importpath = "example.com/ui",
    )""",
    provides = [GoInfo],
    toolchains = ["@rules_go//go:toolchain"],
)
