// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol;

/// The name of a log within its store, `fsync` or `main` for example. Opaque to users.
public record LogId(String name) {
  @Override
  public String toString() {
    return name;
  }
}
