// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.pulse;

/// The two ways to be told of changes.
enum PulseKind {
  /// At least once and in order, from a kept place if it has a name.
  STREAM(PulseDoor.STREAM),
  /// At most once: what a slow reader cannot take is dropped.
  SUBSCRIBE(PulseDoor.SUBSCRIBE);

  private final String path;

  PulseKind(String path) {
    this.path = path;
  }

  String path() {
    return path;
  }
}
