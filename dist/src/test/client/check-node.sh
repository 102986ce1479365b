#!/bin/sh
# SPDX-FileCopyrightText: Freshet contributors
# SPDX-License-Identifier: Apache-2.0
# The client tests are part of the build: without Node it fails, and says why.
for tool in node npm; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "The client tests need Node.js 20 or newer with npm: '$tool' is not on the PATH." >&2
    exit 1
  fi
done
major=$(node -p 'process.versions.node.split(".")[0]') || exit 1
if [ "$major" -lt 20 ]; then
  echo "The client tests need Node.js 20 or newer: this is $(node --version)." >&2
  exit 1
fi
