# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Scripts that start a tool of this module with files from the runfiles."""

visibility("//oci/...")

def _path(ctx, file):
    """Returns where a file is below the runfiles folder."""
    if file.short_path.startswith("../"):
        return file.short_path[len("../"):]
    return ctx.workspace_name + "/" + file.short_path

def _quote(text):
    return "'" + text.replace("'", "'\\''") + "'"

def _write(ctx, name, tool, arguments):
    """Declares the script `name`.

    Args:
        ctx: the rule's context, with the attribute _launcher.
        name: name of the script.
        tool: the executable.
        arguments: flags and their values: strings, or files of the runfiles.

    Returns:
        the script.
    """
    words = []
    for argument in arguments:
        if type(argument) == "File":
            words.append("\"$(runfile {})\"".format(_quote(_path(ctx, argument))))
        else:
            words.append(_quote(argument))
    script = ctx.actions.declare_file(name)
    ctx.actions.expand_template(
        is_executable = True,
        output = script,
        substitutions = {
            "{{arguments}}": " ".join(words),
            "{{tool}}": _quote(_path(ctx, tool)),
        },
        template = ctx.file._launcher,
    )
    return script

launcher = struct(
    attrs = {"_launcher": attr.label(
        allow_single_file = True,
        default = "//oci/private:launcher.sh.tpl",
    )},
    write = _write,
)
