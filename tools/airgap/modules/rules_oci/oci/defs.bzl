# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Container images: oci_image, oci_image_index, oci_load and oci_push.

The macros here take dictionaries and lists where the rules take files, and add
the target `<name>.digest` to images.
"""

load("//oci/private:digest.bzl", "oci_digest")
load("//oci/private:files.bzl", "files")
load("//oci/private:image.bzl", _oci_image = "oci_image")
load("//oci/private:image_index.bzl", _oci_image_index = "oci_image_index")
load("//oci/private:load.bzl", _oci_load = "oci_load")
load("//oci/private:push.bzl", _oci_push = "oci_push")

oci_image_rule = _oci_image
oci_image_index_rule = _oci_image_index
oci_push_rule = _oci_push
oci_tarball_rule = _oci_load

def oci_image(
        name,
        created = None,
        labels = None,
        annotations = None,
        env = None,
        cmd = None,
        entrypoint = None,
        exposed_ports = None,
        volumes = None,
        **kwargs):
    """An image as an OCI layout, and `<name>.digest` with its digest.

    Args:
        name: name of the image.
        created: a file with the time of creation; the epoch by default.
        labels: a dict, or a file of KEY=VALUE lines.
        annotations: a dict, or a file of KEY=VALUE lines.
        env: a dict, or a file of KEY=VALUE lines. Values may refer to variables
            of the base and to those before them, as $KEY or ${KEY}.
        cmd: a list, or a file with one word per line.
        entrypoint: a list, or a file with one word per line. Drops the cmd of
            the base.
        exposed_ports: a list, or a file with ports divided by commas.
        volumes: a list, or a file with folders divided by commas.
        **kwargs: the other attributes of oci_image_rule: base, tars, os,
            architecture, variant, user, workdir, resource_set; and those that
            all rules have.
    """
    common = files.common_attributes(kwargs)
    _oci_image(
        name = name,
        created = created,
        labels = files.of_pairs(name, "labels", labels, common),
        annotations = files.of_pairs(name, "annotations", annotations, common),
        env = files.of_pairs(name, "env", env, common),
        cmd = files.of_words(name, "cmd", cmd, common),
        entrypoint = files.of_words(name, "entrypoint", entrypoint, common),
        exposed_ports = files.of_set(name, "exposed_ports", exposed_ports, common),
        volumes = files.of_set(name, "volumes", volumes, common),
        **kwargs
    )
    oci_digest(name = name + ".digest", image = name, out = name + ".json.sha256", **common)

def oci_image_index(name, **kwargs):
    """An index of images as an OCI layout, and `<name>.digest` with its digest.

    Args:
        name: name of the index.
        **kwargs: the attributes of oci_image_index_rule: images and platforms;
            and those that all rules have.
    """
    _oci_image_index(name = name, **kwargs)
    oci_digest(
        name = name + ".digest",
        image = name,
        out = name + ".json.sha256",
        **files.common_attributes(kwargs)
    )

def oci_load(name, repo_tags = None, **kwargs):
    """`bazel run` loads the image into the container engine of this machine.

    The output group `tarball` is the archive that an engine would get.

    Args:
        name: name of the target.
        repo_tags: names to give to the image, repository:tag; a list, or a file
            with one per line.
        **kwargs: the other attributes of oci_tarball_rule: image, format and
            loader; and those that all rules have.
    """
    tags = files.of_lines(name, "tags", repo_tags, files.common_attributes(kwargs))
    _oci_load(name = name, repo_tags = tags, **kwargs)

def oci_push(name, remote_tags = None, **kwargs):
    """`bazel run` pushes the image to a registry.

    Args:
        name: name of the target.
        remote_tags: tags to set once the image is there; a list, or a file with
            one per line.
        **kwargs: the other attributes of oci_push_rule: image, repository and
            repository_file; and those that all rules have.
    """
    tags = files.of_lines(name, "tags", remote_tags, files.common_attributes(kwargs))
    _oci_push(name = name, remote_tags = tags, **kwargs)
