#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lupa Authors
# SPDX-License-Identifier: Apache-2.0
#
# Starts the pinned clang for one target. Only shell builtins; works from any
# folder and through an absolute or a relative path. Everything that names a
# path is added here and not by the toolchain's features, because callers such
# as the go command change the folder between reading a flag and using it.

# The execution root, with a trailing slash, or nothing where the call is
# relative to it. Relative calls get relative paths, so that dependency files
# list headers as the build tool declared them.
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
sysroot=${base}{{SYSROOT}}
lib={{LIBRARY_PATH}}

# Settings of the caller's shell that clang would obey.
unset CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH
unset CCC_OVERRIDE_OPTIONS GCC_EXEC_PREFIX LD_PRELOAD SOURCE_DATE_EPOCH

# clang starts itself again for its passes: nothing is to be added then.
case ${1-} in
-cc1*)
  exec "$compiler/{{LOADER}}" \
    --inhibit-cache --library-path "$lib" --argv0 "$0" \
    "$compiler/{{LLVM}}/bin/clang" "$@"
  ;;
esac

# A caller who maps a random folder away in debug information (rules_go, the go
# command) means __FILE__ too.
case $* in
*-fdebug-prefix-map=*)
  for arg; do
    shift
    case $arg in
    -fdebug-prefix-map=*) arg=-ffile-prefix-map=${arg#*=} ;;
    esac
    set -- "$@" "$arg"
  done
  ;;
esac

exec "$compiler/{{LOADER}}" \
  --inhibit-cache --library-path "$lib" --argv0 "$0" \
  "$compiler/{{LLVM}}/bin/clang" \
  --start-no-unused-arguments \
  --no-default-config \
  -no-canonical-prefixes \
  --target={{TARGET}} \
  "--sysroot=$sysroot" \
  "--gcc-install-dir=$sysroot/{{GCC_DIR}}" \
  -resource-dir "$compiler/{{LLVM}}/lib/clang/{{LLVM_MAJOR}}" \
  -fuse-ld=lld \
  "--ld-path=${0%/*}/ld.lld" \
  -ffile-compilation-dir=. \
  "-ffile-prefix-map=$PWD/=" \
  ${base:+"-ffile-prefix-map=$base="} \
  --end-no-unused-arguments \
  "$@"
