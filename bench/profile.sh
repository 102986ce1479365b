#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Says where the server's processor time goes under one line of load:
#   bench/profile.sh 20 fan-out --window 16 --warmup-seconds 15 --seconds 15
#   CONFIG=rules.yml bench/profile.sh 20 writes     a server with that configuration
# samples five seconds, beginning 20 s after the load began, and prints the shares by thread, by
# kernel/JIT/library, and by function. Server on core 0, load on core 1. Needs Linux `perf`.
set -eu
cd "$(dirname "$0")/.."

[ $# -ge 2 ] || { echo "usage: bench/profile.sh SECONDS-BEFORE-SAMPLING SCENARIO [ARGS...]" >&2; exit 1; }
command -v perf >/dev/null || { echo "perf is missing: it takes the samples." >&2; exit 1; }
before=$1
shift
ulimit -n 20000 2>/dev/null || true

./freshet version >/dev/null
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

: >"$work/out"
FRESHET_JAVA_OPTS="-XX:+PreserveFramePointer" \
  taskset -c 0 ./freshet start --port 0 --data "$work/data" ${CONFIG:+--config "$CONFIG"} >"$work/out" 2>"$work/log" &
server=$!
tenths=0
until grep -q '^Freshet ready' "$work/out"; do
  tenths=$((tenths + 1))
  [ "$tenths" -lt 300 ] || { echo "The server was not ready in 30 s:" >&2; cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
port=$(sed -n 's/^Freshet ready.*:\([0-9][0-9]*\).*/\1/p' "$work/out" | head -n 1)
java=$(readlink "/proc/$server/exe")
case $1 in
  sync-* | stream-*) url=ws://127.0.0.1:$port/ws ;;
  http-*) url=http://127.0.0.1:$port ;;
  *) url=ws://127.0.0.1:$port/deepstream ;;
esac

taskset -c 1 bench/run.sh io.freshet.bench.load.Load "$@" \
  --url "$url" --pid "$server" >"$work/load" &
load=$!
sleep "$before"
taskset -c 1 perf record -q -e cpu-clock -F 999 -g -p "$server" -o "$work/samples" -- sleep 5 2>/dev/null
"$(dirname "$java")/jcmd" "$server" Compiler.perfmap >/dev/null
wait "$load"
cat "$work/load"
for by in comm dso comm,symbol; do
  echo
  echo "by $by, percent"
  perf report -i "$work/samples" --no-children --sort "$by" -g none 2>/dev/null |
    grep -v '^#' | grep -v '^$' | head -n 40 | cut -c1-140
done
