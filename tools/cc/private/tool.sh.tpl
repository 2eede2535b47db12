#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0
#
# Starts one of the pinned compiler's other programs, found relative to this
# file. Only shell builtins.

case $0 in
/*) base=${0%{{UP}}}/ ;;
*)
  base=/$0
  base=${base%{{UP}}}
  base=${base#/}
  base=${base:+$base/}
  ;;
esac
compiler=${base}{{COMPILER}}

unset LD_PRELOAD

exec "$compiler/{{LOADER}}" \
  --inhibit-cache \
  --library-path "{{LIBRARY_PATH}}" \
  --argv0 {{TOOL}} \
  "$compiler/{{LLVM}}/bin/{{PROGRAM}}" "$@"
