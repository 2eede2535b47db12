# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""What an action may ask of the machine, by the names that resource_set takes."""

visibility("//oci/...")

# Bazel wants top-level functions here.
def _cpu_2(_os, _inputs):
    return {"cpu": 2}

def _cpu_4(_os, _inputs):
    return {"cpu": 4}

def _mem_512m(_os, _inputs):
    return {"memory": 512}

def _mem_1g(_os, _inputs):
    return {"memory": 1024}

def _mem_2g(_os, _inputs):
    return {"memory": 2048}

def _mem_4g(_os, _inputs):
    return {"memory": 4096}

def _mem_8g(_os, _inputs):
    return {"memory": 8192}

def _mem_16g(_os, _inputs):
    return {"memory": 16384}

def _mem_32g(_os, _inputs):
    return {"memory": 32768}

_SETS = {
    "cpu_2": _cpu_2,
    "cpu_4": _cpu_4,
    "default": None,
    "mem_16g": _mem_16g,
    "mem_1g": _mem_1g,
    "mem_2g": _mem_2g,
    "mem_32g": _mem_32g,
    "mem_4g": _mem_4g,
    "mem_512m": _mem_512m,
    "mem_8g": _mem_8g,
}

resources = struct(
    of = lambda name: _SETS[name],
    values = _SETS.keys(),
)
