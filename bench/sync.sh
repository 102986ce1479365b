#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Measures documents and change streams on this machine, three rounds of each scenario, and writes
# bench/results/<date>-<commit>-sync.md. Needs Linux, two cores, JDK 25 and Maven.
#   bench/sync.sh                                   (about half an hour)
#   bench/sync.sh --quick                           one short round: shows that everything runs
#   bench/sync.sh --scenarios sync-merge,stream-replay --rounds 1
set -eu
cd "$(dirname "$0")/.."

command -v taskset >/dev/null || {
  echo "taskset is missing (package util-linux): it pins server and driver." >&2
  exit 1
}
ulimit -n 20000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
./freshet version >/dev/null
exec bench/run.sh io.freshet.bench.compare.Compare --faces "$@"
