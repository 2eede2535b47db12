# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The rule behind `<name>.digest`."""

visibility("//oci/...")

def _oci_digest_impl(ctx):
    image = ctx.file.image
    out = ctx.outputs.out
    args = ctx.actions.args()
    args.add("digest")
    args.add("--out", out)
    args.add(image.path)
    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._oci,
        inputs = [image],
        mnemonic = "OCIDigest",
        outputs = [out],
        progress_message = "OCI Digest %{label}",
    )
    return [DefaultInfo(files = depset([out]))]

oci_digest = rule(
    implementation = _oci_digest_impl,
    attrs = {
        "image": attr.label(allow_single_file = True, mandatory = True),
        "out": attr.output(mandatory = True),
        "_oci": attr.label(cfg = "exec", default = "//cmd/oci", executable = True),
    },
    doc = "A file with the digest of an image or image index.",
)
