# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

"""How the script of a test names the files it runs with."""

visibility(["//tools/cc/..."])

def runfiles_path(file):
    """Returns where file lies below the runfiles' folder."""
    if file.short_path.startswith("../"):
        return file.short_path[len("../"):]
    return "_main/" + file.short_path

def quote(word):
    """Returns word as one word of a shell script."""
    return "'" + word.replace("'", "'\\''") + "'"

def in_runfiles(file):
    """Returns the word of a shell script that names file."""
    return "\"$TEST_SRCDIR\"/" + quote(runfiles_path(file))
