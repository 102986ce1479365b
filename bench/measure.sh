# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by scripts that measure lines of load against servers of their own on core 0, the load on core 1.
# Sets $work, a directory that is gone at the end, as the servers are.

./freshet version >/dev/null
mvn -B -ntp -q -pl bench -am process-classes >&2
export FRESHET_BENCH_BUILT=1
work=$(mktemp -d)
servers=
# shellcheck disable=SC2086 # ids are words
trap '[ -z "$servers" ] || kill $servers 2>/dev/null || true; rm -rf "$work"' EXIT

# A server: its name, heap, configuration.
start() {
  rm -rf "$work/$1.data"
  : >"$work/$1.out"
  FRESHET_JAVA_OPTS="-Xmx$2" taskset -c 0 ./freshet start --port 0 --data "$work/$1.data" \
    --config "$3" >"$work/$1.out" 2>"$work/$1.log" &
  servers="$servers $!"
  echo "$!" >"$work/$1.pid"
  tenths=0
  until grep -q '^Freshet ready' "$work/$1.out"; do
    tenths=$((tenths + 1))
    [ "$tenths" -lt 300 ] || { echo "The server was not ready in 30 s:" >&2; cat "$work/$1.log" >&2; exit 1; }
    sleep 0.1
  done
  sed -n 's/^Freshet ready.*:\([0-9][0-9]*\).*/\1/p' "$work/$1.out" | head -n 1 >"$work/$1.port"
}

# One line of load against a server: its name, door, load...
load() {
  name=$1 door=$2
  shift 2
  taskset -c 1 bench/run.sh io.freshet.bench.load.Load "$@" \
    --url "ws://127.0.0.1:$(cat "$work/$name.port")/$door" --pid "$(cat "$work/$name.pid")"
}

# Runs one line of load against a new server: heap, configuration, door, load...
measure() {
  heap=$1 config=$2
  shift 2
  start one "$heap" "$config"
  load one "$@"
  kill "$(cat "$work/one.pid")"
  wait "$(cat "$work/one.pid")" || true
  servers=
}
