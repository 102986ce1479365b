#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
#
# Compiles what bench/ needs and runs one of its main classes on JDK 25:
#   bench/run.sh io.freshet.bench.load.Load fan-out --url ws://127.0.0.1:6020/deepstream
set -eu
cd "$(dirname "$0")/.."

find_java() {
  for home in "${JAVA_HOME:-}" "${JAVA_HOME_25_X64:-}" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    if [ -x "$home/bin/java" ] && grep -Eq '^JAVA_VERSION="(2[5-9]|[3-9][0-9])' "$home/release" 2>/dev/null; then
      echo "$home/bin/java"
      return
    fi
  done
  echo "No JDK 25 or newer found: set JAVA_HOME to one." >&2
  exit 1
}

java=$(find_java)
# Whoever runs it many times in a row has it compiled once.
[ -n "${FRESHET_BENCH_BUILT:-}" ] || mvn -B -ntp -q -pl bench -am process-classes >&2
exec "$java" -cp "bench/target/classes:$(cat bench/target/classpath.txt)" \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "$@"
