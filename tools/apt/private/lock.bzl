# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The target that refreshes a lock, and the test that it is fresh."""

visibility("//tools/apt/...")

_TOOL = Label("//tools/apt/cmd/debianlock")

def _start(ctx, flags):
    """Writes a script that starts the tool with the paths of both files."""
    script = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        script,
        "#!/bin/sh\nexec {tool} --packages={packages} --lock={lock} {flags} \"$@\"\n".format(
            flags = flags,
            lock = ctx.file.lock.short_path,
            packages = ctx.file.packages.short_path,
            tool = ctx.executable._tool.short_path,
        ),
        is_executable = True,
    )
    runfiles = ctx.runfiles([ctx.file.packages, ctx.file.lock])
    return [DefaultInfo(
        executable = script,
        runfiles = runfiles.merge(ctx.attr._tool[DefaultInfo].default_runfiles),
    )]

_ATTRS = {
    "lock": attr.label(allow_single_file = [".json"], mandatory = True),
    "packages": attr.label(allow_single_file = [".yaml"], mandatory = True),
    "_tool": attr.label(cfg = "target", default = _TOOL, executable = True),
}

_lock_run = rule(
    implementation = lambda ctx: _start(ctx, ""),
    attrs = _ATTRS,
    executable = True,
)

_lock_test = rule(
    implementation = lambda ctx: _start(ctx, "--check"),
    attrs = _ATTRS,
    test = True,
)

def debian_lock(name, packages, lock, visibility = None):
    """Declares `{name}`, to run, and `{name}_test`.

    Args:
      name: `bazel run` of it refreshes the lock; flags after `--` are the
        tool's, see `-- --help`. `{name}_test` fails when the list has changed
        since the lock was made; it uses no network.
      packages: the list, packages.yaml.
      lock: the lock, packages.lock.json.
      visibility: of both targets.
    """
    _lock_run(
        name = name,
        lock = lock,
        packages = packages,
        visibility = visibility,
    )
    _lock_test(
        name = name + "_test",
        size = "small",
        lock = lock,
        packages = packages,
        visibility = visibility,
    )
