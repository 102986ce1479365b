#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Measures the Java client on this machine and prints medians. Needs Linux, two cores, JDK 25, Maven.
#   bench/java-client.sh [ROUNDS]                  three rounds unless told otherwise, about six minutes
#   WARM_UP=5 SECONDS_MEASURED=5 SCENARIOS=set bench/java-client.sh 1
# Each measurement starts its server anew on an empty directory: server (and who else writes) on
# core 0, the client on core 1.
set -eu
cd "$(dirname "$0")/.."

rounds=${1:-3}
warm_up=${WARM_UP:-15}
seconds=${SECONDS_MEASURED:-20}
command -v taskset >/dev/null || { echo "taskset is missing (package util-linux)." >&2; exit 1; }

./freshet version >/dev/null
mvn -B -ntp -q -pl bench -am process-classes >&2
classes="bench/target/classes:$(cat bench/target/classpath.txt)"
work=$(mktemp -d)
server=
writer=
end() {
  for process in $writer $server; do
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  writer=
  server=
}
trap 'end; rm -rf "$work"' EXIT

measure() { # SCENARIO
  rm -rf "$work/data"
  : >"$work/out"
  taskset -c 0 ./freshet start --port 0 --data "$work/data" >"$work/out" 2>"$work/log" &
  server=$!
  tenths=0
  until grep -q '^Freshet ready' "$work/out"; do
    tenths=$((tenths + 1))
    [ "$tenths" -lt 300 ] || { echo "The server was not ready in 30 s:" >&2; cat "$work/log" >&2; exit 1; }
    sleep 0.1
  done
  url=ws://127.0.0.1:$(sed -n 's/^Freshet ready.*:\([0-9][0-9]*\).*/\1/p' "$work/out" | head -n 1)
  java=$(readlink "/proc/$server/exe")
  if [ "$1" = updates ]; then
    taskset -c 0 "$java" -cp "$classes" io.freshet.bench.client.JavaClient updates-writer "$url" "$warm_up" "$seconds" &
    writer=$!
  fi
  # shellcheck disable=SC2086 # several options
  taskset -c 1 "$java" ${JAVA_OPTIONS:-} -cp "$classes" io.freshet.bench.client.JavaClient "$1" "$url" "$warm_up" "$seconds"
  end
}

round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  for scenario in ${SCENARIOS:-updates set stream}; do
    measure "$scenario" >"$work/round"
    cat "$work/round" >>"$work/figures"
    sed "s/^/round $round: /" "$work/round" >&2
  done
done
echo "Medians of $rounds rounds; server on core 0, client on core 1."
sort -t "$(printf '\t')" -k1,2 -k3,3g "$work/figures" | awk -F '\t' '
  function tell() { if (n) printf "%-8s %-26s %12.2f\n", scenario, figure, n % 2 ? all[(n + 1) / 2] : (all[n / 2] + all[n / 2 + 1]) / 2 }
  $1 != scenario || $2 != figure { tell(); scenario = $1; figure = $2; n = 0 }
  { all[++n] = $3 }
  END { tell() }'
