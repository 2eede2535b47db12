# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The rule that builds one image."""

load(":resources.bzl", "resources")

visibility("//oci/...")

_TAR_EXTENSIONS = [".tar", ".tgz", ".tar.gz", ".tzst", ".tar.zst"]

# The settings that are values.
_VALUE_SETTINGS = [
    "architecture",
    "os",
    "user",
    "variant",
    "workdir",
]

# The settings that are files, in no particular order: the tool has its own.
_FILE_SETTINGS = [
    "annotations",
    "cmd",
    "created",
    "entrypoint",
    "env",
    "exposed_ports",
    "labels",
    "volumes",
]

def _check(ctx):
    """Fails where the attributes contradict each other."""
    attr = ctx.attr
    if attr.base:
        for key in ["os", "architecture", "variant"]:
            if getattr(attr, key):
                fail("{}: {} = {} cannot be set together with base, which decides it; remove one of them".format(ctx.label, key, repr(getattr(attr, key))))
        return
    for key in ["os", "architecture"]:
        if not getattr(attr, key):
            fail("{}: {} is not set; an image without base needs os and architecture".format(ctx.label, key))

def _describe(ctx, index, layer):
    """Returns the file that holds digests and size of a layer."""
    out = ctx.actions.declare_file("{}.{}.descriptor.json".format(ctx.label.name, index))
    args = ctx.actions.args()
    args.add("layer")

    # As a Label and not as text: the image's history holds what Bazel makes of it.
    args.add("--label", layer.owner)
    args.add("--out", out)
    args.add(layer)
    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._oci,
        inputs = [layer],
        mnemonic = "OCIDescriptor",
        outputs = [out],
        progress_message = "OCI Descriptor %{input}",
    )
    return out

def _oci_image_impl(ctx):
    _check(ctx)
    out = ctx.actions.declare_directory(ctx.label.name)

    # The layout links to the layers and to the base, so whoever needs the
    # layout needs those, too.
    linked = [depset(ctx.files.tars)]
    args = ctx.actions.args()
    args.add("image")
    args.add("--out", out.path)
    if ctx.attr.base:
        args.add("--base", ctx.file.base.path)
        base = ctx.attr.base[DefaultInfo]
        linked.append(base.files)
        if base.default_runfiles:
            linked.append(base.default_runfiles.files)

    # In a file: Bazel puts a command line into the encoding of the locale it was
    # started in, and writes files as they are.
    values = ctx.actions.declare_file(ctx.label.name + ".values.json")
    ctx.actions.write(values, json.encode({key: getattr(ctx.attr, key) for key in _VALUE_SETTINGS}))
    args.add("--values", values)
    inputs = [values]
    for key in _FILE_SETTINGS:
        file = getattr(ctx.file, key)
        if file:
            args.add("--" + key.replace("_", "-"), file)
            inputs.append(file)
    for index, layer in enumerate(ctx.files.tars):
        descriptor = _describe(ctx, index, layer)
        args.add_all([layer, descriptor])
        inputs.append(descriptor)

    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._oci,
        inputs = depset(inputs, transitive = linked),
        mnemonic = "OCIImage",
        outputs = [out],
        progress_message = "OCI Image %{label}",
        resource_set = resources.of(ctx.attr.resource_set),
    )
    return [DefaultInfo(
        files = depset([out]),
        runfiles = ctx.runfiles(transitive_files = depset(transitive = linked)),
    )]

def _setting(doc):
    return attr.label(allow_single_file = True, doc = doc)

oci_image = rule(
    implementation = _oci_image_impl,
    attrs = {
        "annotations": _setting("KEY=VALUE lines for the manifest."),
        "architecture": attr.string(doc = "The CPU, as Go names it; without a base only."),
        "base": attr.label(allow_single_file = True, doc = "The image to build on."),
        "cmd": _setting("One word per line."),
        "created": _setting("The time of creation."),
        "entrypoint": _setting("One word per line; drops the cmd of the base."),
        "env": _setting("KEY=VALUE lines; $KEY stands for a value before it."),
        "exposed_ports": _setting("Ports, divided by commas."),
        "labels": _setting("KEY=VALUE lines for the config."),
        "os": attr.string(doc = "The operating system, as Go names it; without a base only."),
        "resource_set": attr.string(default = "default", doc = "What the action needs.", values = resources.values),
        "tars": attr.label_list(allow_files = _TAR_EXTENSIONS, doc = "The layers, lowest first."),
        "user": attr.string(doc = "User or UID, with an optional group: user[:group]."),
        "variant": attr.string(doc = "The variant of the CPU; without a base only."),
        "volumes": _setting("Folders, divided by commas."),
        "workdir": attr.string(doc = "The folder that processes start in."),
        "_oci": attr.label(cfg = "exec", default = "//cmd/oci", executable = True),
    },
    doc = "An image as an OCI layout.",
)
