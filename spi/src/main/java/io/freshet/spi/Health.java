// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// Whether a component can do its work.
public sealed interface Health {
  /// It can.
  enum Healthy implements Health {
    HEALTHY
  }

  /// It cannot.
  ///
  /// @param reason for the operator: what is wrong and what to do
  record Unhealthy(String reason) implements Health {}
}
