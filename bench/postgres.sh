#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Measures how a table of a real PostgreSQL 18 is followed, in turns with pg_recvlogical in the same
# run: a backlog to the durable log, the same to a client, and one insert at a time. Prints rows for a
# page in bench/results.
#   bench/postgres.sh [CHANGES [PER_TRANSACTION [ROUNDS]]]     (600000 1000 3; about three minutes)
# Needs Linux, JDK 25, Maven, Node with npm, and pg_recvlogical (package postgresql-client).
set -eu
cd "$(dirname "$0")/.."

command -v pg_recvlogical >/dev/null || {
  echo "pg_recvlogical is missing (package postgresql-client): it is what we are measured against." >&2
  exit 1
}
if [ ! -f dist/target/test-class-path ]; then
  mvn -B -ntp -q pre-integration-test -DskipTests -pl dist -am
fi
if [ -z "${FRESHET_BENCH_PACKAGES:-}" ] && [ ! -d dist/src/test/client/node_modules ]; then
  (cd dist/src/test/client && npm ci --no-audit --no-fund >/dev/null)
fi
exec node bench/postgres.mjs "${1:-600000}" "${2:-1000}" "${3:-3}"
