# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""What Gazelle knows of the repositories of Go modules, as a file of its own."""

visibility(["//tools/lint"])

_ENDING = "bazel_gazelle_go_repository_config/WORKSPACE"

def _gazelle_config_impl(ctx):
    for file in ctx.attr.gazelle[DefaultInfo].default_runfiles.files.to_list():
        if file.path.endswith(_ENDING):
            return [DefaultInfo(files = depset([file]))]
    fail("{}: gazelle: the runfiles of {} hold no file {}; name a target of the rule gazelle".format(
        ctx.label,
        ctx.attr.gazelle.label,
        _ENDING,
    ))

gazelle_config = rule(
    implementation = _gazelle_config_impl,
    attrs = {
        "gazelle": attr.label(
            doc = "A target of the rule gazelle.",
            mandatory = True,
        ),
    },
    doc = """The file that a gazelle target hands to Gazelle with -repo_config.

Its repository is Gazelle's own affair, so MODULE.bazel cannot name it without a
warning at every start.""",
)
