# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Rules for images: layers of files and of Debian packages, and services."""

load("//tools/image/private:closure.bzl", _elf_closure_test = "elf_closure_test")
load(
    "//tools/image/private:layer.bzl",
    _busybox_layer = "busybox_layer",
    _ca_bundle = "ca_bundle",
    _debian_layer = "debian_layer",
    _debian_slice = "debian_slice",
    _layer = "layer",
)
load("//tools/image/private:service.bzl", _service_image = "service_image")
load("//tools/image/private:structure.bzl", _image_structure_test = "image_structure_test")

visibility("public")

busybox_layer = _busybox_layer
ca_bundle = _ca_bundle
debian_layer = _debian_layer
debian_slice = _debian_slice
elf_closure_test = _elf_closure_test
image_structure_test = _image_structure_test
layer = _layer
service_image = _service_image
