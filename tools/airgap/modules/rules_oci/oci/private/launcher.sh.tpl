#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0

# Starts a tool with files from the runfiles: those of the program that started
# this script, or those beside it.
set -eu

if [ -z "${RUNFILES_DIR:-}" ] && [ -z "${RUNFILES_MANIFEST_FILE:-}" ]; then
    case $0 in
    *.runfiles/*) RUNFILES_DIR=${0%%.runfiles/*}.runfiles ;;
    *) RUNFILES_DIR=$0.runfiles ;;
    esac
fi

# runfile prints where the file with this path below the runfiles is.
runfile() {
    if [ -n "${RUNFILES_DIR:-}" ] && [ -e "$RUNFILES_DIR/$1" ]; then
        printf '%s' "$RUNFILES_DIR/$1"
    elif [ -f "${RUNFILES_MANIFEST_FILE:-}" ]; then
        while read -r name path; do
            if [ "$name" = "$1" ]; then
                printf '%s' "$path"
                return
            fi
        done <"$RUNFILES_MANIFEST_FILE"
    fi
}

tool=$(runfile {{tool}})
if [ ! -x "$tool" ]; then
    echo >&2 "$0: its runfiles are missing; start it with 'bazel run'"
    exit 1
fi
exec "$tool" {{arguments}} "$@"
