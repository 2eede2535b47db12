# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""The image of a service: the recipe, in one place."""

load("@rules_oci//oci:defs.bzl", "oci_image", "oci_image_index", "oci_load", "oci_push")
load(":closure.bzl", "elf_closure_test")
load(":layer.bzl", "layer")
load(":structure.bzl", "image_structure_test")

visibility(["//tools/image/..."])

# The user of distroless images that is not root.
_NONROOT = "65532"

def service_image(
        name,
        service,
        binary,
        base,
        platforms,
        repository = "localhost/{service}",
        title = None,
        description = None,
        port = None,
        volumes = {},
        tars = [],
        tag = "dev",
        debug_base = None,
        minimal = False,
        structure = [],
        visibility = None):
    """Declares an image of a service, and what is done with it.

    Declares:
      `{name}`: the image for the target platform, as an OCI layout.
      `{name}.digest`: its digest.
      `{name}_load`: run it to load the image as `{service}:{tag}`.
      `{name}_index`: the image for every platform.
      `{name}_push`: run it to push the index to a registry.
      `{name}_closure_test`: that every image of the index has all that its
        programs are loaded with, and that names, authorities and time zones work.
      `{name}_structure_test`: that every image of the index is as described.
      `{name}_debug`, `{name}_debug_load`: with `debug_base`, the same with a shell;
        its tag is `debug` for `dev`, and `{tag}-debug` for others.

    Args:
      name: of the image.
      service: name of the service; its program is /app/{service}.
      binary: the program, for the target platform; optimised and stripped.
      base: the image to lay it on.
      platforms: of the index.
      repository: where `{name}_push` pushes to unless told otherwise;
        {service} is replaced.
      title: for people; the service's name by default.
      description: for people.
      port: that it serves on, by TCP.
      volumes: folders that it writes to, below /app: path to mode.
      tars: further layers, below the program's, such as those of libraries.
      tag: that `{name}_load` gives the image.
      debug_base: base of `{name}_debug`.
      structure: descriptions for `{name}_structure_test`, the base's before the
        service's; without them there is no such test.
      minimal: whether each library in the image must be one that the program is
        loaded with.
      visibility: of all targets.
    """
    layer(
        name = "_{}_program".format(name),
        directories = ["/app 0755"] + ["{} {} {n}:{n}".format(path, mode, n = _NONROOT) for path, mode in volumes.items()],
        files = {binary: "/app/{} 0755".format(service)},
        visibility = ["//visibility:private"],
    )
    labels = {
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.title": title or service,
    }
    if description:
        labels["org.opencontainers.image.description"] = description
    variants = {name: (base, tag)}
    if debug_base:
        variants[name + "_debug"] = (debug_base, "debug" if tag == "dev" else tag + "-debug")
    for variant, (below, loaded_as) in variants.items():
        oci_image(
            name = variant,
            annotations = labels,
            base = below,
            entrypoint = ["/app/" + service],
            exposed_ports = ["{}/tcp".format(port)] if port else [],
            labels = labels,
            tars = tars + ["_{}_program".format(name)],
            user = _NONROOT,
            visibility = visibility,
            volumes = volumes.keys(),
            workdir = "/app",
        )
        oci_load(
            name = variant + "_load",
            image = variant,
            repo_tags = ["{}:{}".format(service, loaded_as)],
            visibility = visibility,
        )
    oci_image_index(
        name = name + "_index",
        images = [name],
        platforms = platforms,
        visibility = visibility,
    )
    oci_push(
        name = name + "_push",
        image = name + "_index",
        repository = repository.format(service = service),
        visibility = visibility,
    )
    elf_closure_test(
        name = name + "_closure_test",
        size = "medium",
        image = name + "_index",
        minimal = minimal,
        visibility = ["//visibility:private"],
    )
    if structure:
        image_structure_test(
            name = name + "_structure_test",
            size = "small",
            image = name + "_index",
            specs = structure,
            visibility = ["//visibility:private"],
        )
