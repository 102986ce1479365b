#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Measures what permission rules cost: the same load without rules, with rules that are the same for everybody,
# and with rules that look at what is written; prints the figures of each run.
#   bench/permissions.sh [ROUNDS]          (3; about three minutes each)
# Every run is measured on a server of its own, on core 0, the load on core 1. The runs of a round stand side by
# side, so that what else the machine does falls on all of them.
set -eu
cd "$(dirname "$0")/.."

rounds=${1:-3}
./freshet version >/dev/null
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

rules() {
  cat <<END
record: { "*": { create: true, read: $1, write: $2, delete: true, listen: true, notify: true } }
event: { "*": { publish: true, subscribe: true, listen: true } }
rpc: { "*": { provide: true, request: true } }
presence: { "*": { allow: true } }
END
}

documents() {
  echo "sync: { \"*\": { create: true, read: $1, update: true, delete: true, list: true, subscribe: true } }"
}

printf 'durability: memory\n' >"$work/none.yml"
for kind in static data user; do
  printf 'durability: memory\npermissions: %s\n' "$work/$kind.rules" >"$work/$kind.yml"
done
{ rules true true; documents true; } >"$work/static.rules"
{ rules '"!oldData || oldData.hidden !== true"' '"!data || data.hidden !== true"'
  documents '"data.hidden !== true"'; } >"$work/data.rules"
{ rules '"!oldData || oldData.owner !== user.id"' '"!data || data.owner !== user.id"'
  documents '"data.owner !== user.id"'; } >"$work/user.rules"

# One line of load against a new server: configuration, load...
measure() {
  config=$1
  shift
  rm -rf "$work/data" "$work/out"
  : >"$work/out"
  FRESHET_JAVA_OPTS="-Xmx512m" taskset -c 0 ./freshet start --port 0 --data "$work/data" \
    --config "$work/$config.yml" >"$work/out" 2>"$work/log" &
  server=$!
  tenths=0
  until grep -q '^Freshet ready' "$work/out"; do
    tenths=$((tenths + 1))
    [ "$tenths" -lt 300 ] || { echo "The server was not ready in 30 s:" >&2; cat "$work/log" >&2; exit 1; }
    sleep 0.1
  done
  port=$(sed -n 's/^Freshet ready.*:\([0-9][0-9]*\).*/\1/p' "$work/out" | head -n 1)
  echo "## $config: $*"
  taskset -c 1 bench/run.sh io.freshet.bench.load.Load "$@" \
    --url "ws://127.0.0.1:$port/$door" --pid "$server"
  kill "$server"
  wait "$server" || true
  server=
}

round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  echo "# round $round"
  for kind in none static data user; do
    door=deepstream
    measure "$kind" fan-out --subscribers 16
    measure "$kind" writes
    door=ws
    measure "$kind" sync-fan-out --subscribers 16
  done
done
