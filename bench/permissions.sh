#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Measures what permission rules cost: the same load without rules, with rules that are the same for everybody,
# and with rules that look at what is written; prints the figures of each run, and then for each load and kind of
# rules the median and how it stands to that of no rules.
#   bench/permissions.sh [ROUNDS]          (9; about a minute and a half each)
# There is one server for each kind of rules, all on core 0, where those that have no load sleep; the load is on
# core 1 and goes from one to the next every few seconds, so that what else the machine does falls on all of them.
# Each round begins with another one. The first round only warms them up and is not counted.
set -eu
cd "$(dirname "$0")/.."

rounds=${1:-9}
kinds="none static data user"
. bench/measure.sh

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

# One load against the server of one kind of rules: kind, door, load...
turn() {
  echo "## $1: $3"
  load "$@" --seconds 4 --warmup-seconds 1 --warmup 20000
}

each_kind() {
  for each in $kinds; do
    turn "$each" "$@"
  done
}

round() {
  each_kind deepstream fan-out --subscribers 16
  each_kind deepstream writes
  each_kind ws sync-fan-out --subscribers 16
}

# Of each load and kind: the median of its CPU time for a million, and the median of its ratios to no rules, each
# within one round, with the smallest and the largest.
medians() {
  awk '
    function sort(values, count,   i, j, t) {
      for (i = 2; i <= count; i++)
        for (j = i; j > 1 && values[j - 1] > values[j]; j--) {
          t = values[j]; values[j] = values[j - 1]; values[j - 1] = t
        }
    }
    function median(values, count) {
      sort(values, count)
      return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
    }
    /^## / { kind = $2; sub(":", "", kind); load = $3 }
    $1 == "server_cpu_s_per_million" { cpu[load, kind, ++n[load, kind]] = $2 }
    END {
      loads = split("fan-out writes sync-fan-out", load_of, " ")
      kinds = split("none static data user", kind_of, " ")
      for (l = 1; l <= loads; l++) for (k = 1; k <= kinds; k++) {
        count = n[load_of[l], kind_of[k]]
        if (count == 0) continue
        for (i = 1; i <= count; i++) {
          c[i] = cpu[load_of[l], kind_of[k], i]
          r[i] = c[i] / cpu[load_of[l], "none", i]
        }
        printf "%s %s: %.3f CPU-s per million, ", load_of[l], kind_of[k], median(c, count)
        printf "%.3f times none (%.3f to %.3f)\n", median(r, count), r[1], r[count]
      }
    }' "$1"
}

for kind in $kinds; do
  start "$kind" 512m "$work/$kind.yml"
done
round >/dev/null
count=0
while [ "$count" -lt "$rounds" ]; do
  count=$((count + 1))
  echo "# round $count"
  kinds="${kinds#* } ${kinds%% *}"
  round | tee -a "$work/figures"
done
echo "# medians of $rounds"
medians "$work/figures"
