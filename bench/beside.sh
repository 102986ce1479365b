#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Measures what those who are served already notice of attacks and of logins, and how long one thing
# takes on a server with little to do; prints rows for a page in bench/results.
#   bench/beside.sh [ROUNDS]          (3; about twelve minutes each)
#   ATTACKS=garbage bench/beside.sh 1 (these attacks and nothing else)
# Every line is measured on a server of its own, on core 0, the load on core 1.
set -eu
cd "$(dirname "$0")/.."

rounds=${1:-3}
ulimit -n 20000 2>/dev/null || true
. bench/measure.sh

printf 'bench: { password: "%s", clientData: { welcome: true } }\n' \
  "$(./freshet hash bench)" >"$work/users.yml"
printf 'auth: [ { type: file, users: %s }, { type: open } ]\n' "$work/users.yml" >"$work/logins.yml"
: >"$work/open.yml"

# Runs one line of load: configuration, load...; its figures are in $work/figures.
figures() {
  config=$1
  shift
  measure 256m "$config" deepstream "$@" >"$work/figures"
}

milliseconds() {
  awk -v key="$1" '$1 == key { printf "%.2f", $2 / 1000 }' "$work/figures"
}

load_average() {
  cut -d' ' -f1 /proc/loadavg
}

beside() {
  printf '| %s | %s / %s | %s / %s | %s | %s |\n' "$1" \
    "$(milliseconds idle_p50_us)" "$(milliseconds idle_p99_us)" \
    "$(milliseconds "$1_p50_us")" "$(milliseconds "$1_p99_us")" \
    "$(awk -v key="$1_p99_ratio" '$1 == key { printf "%.1f", $2 }' "$work/figures")" "$(load_average)"
}

alone() {
  printf '| %s | %s / %s | | | %s |\n' "$1" \
    "$(milliseconds latency_p50_us)" "$(milliseconds latency_p99_us)" "$(load_average)"
}

echo '| what | alone p50 / p99, ms | beside it p50 / p99, ms | p99 ratio | load average |'
echo '|---|---:|---:|---:|---:|'
round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  for attack in ${ATTACKS:-subscriptions never_reads garbage patterns connections strangers slow_headers slow_frames}; do
    figures "$work/open.yml" hostile --attack "$attack"
    beside "$attack"
  done
  [ -z "${ATTACKS:-}" ] || continue
  figures "$work/logins.yml" logins
  beside logins
  figures "$work/open.yml" fan-out --subscribers 1 --window 1 --rate 100 --warmup 50000
  alone "a record set, 100/s, until another client has it"
  figures "$work/open.yml" events --subscribers 1 --window 1 --rate 100 --warmup 50000
  alone "an event, 100/s, until another client has it"
  figures "$work/open.yml" calls --rate 100
  alone "a call, 100/s, until its answer"
done
