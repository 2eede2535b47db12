# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""Rules for images: layers of files and of Debian packages, and services."""

load(
    "//tools/image/private:layer.bzl",
    _ca_bundle = "ca_bundle",
    _debian_layer = "debian_layer",
    _layer = "layer",
)
load("//tools/image/private:libraries.bzl", _libraries_test = "libraries_test")
load("//tools/image/private:service.bzl", _service_image = "service_image")

visibility("public")

ca_bundle = _ca_bundle
debian_layer = _debian_layer
layer = _layer
libraries_test = _libraries_test
service_image = _service_image
