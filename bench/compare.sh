#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Measures Freshet and its peers in turn on this machine and writes bench/results/<date>-<commit>.md.
# Needs Linux, two cores, JDK 25, Maven and Node 20. `bench/compare.sh --help` lists the choices.
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "$1" >&2
  exit 1
}
command -v taskset >/dev/null || fail "taskset is missing (package util-linux): it pins server and driver."
command -v node >/dev/null || fail "node is missing: the peers are Node programs (20 or newer)."
# 10 000 connections, at both ends.
ulimit -n 20000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
[ "$(ulimit -n)" -ge 12000 ] || fail "The limit of open files is $(ulimit -n); 10 000 connections need 12 000."

if [ ! -d bench/peers/deepstream/node_modules ]; then
  echo "Installing the peer (npm ci) ..." >&2
  (cd bench/peers/deepstream && npm ci --ignore-scripts --no-audit --no-fund >&2)
fi
exec bench/run.sh io.freshet.bench.compare.Compare "$@"
