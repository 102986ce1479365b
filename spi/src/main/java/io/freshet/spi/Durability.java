// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// What has happened to a write before it is acknowledged (design, invariant 4), weakest first.
public enum Durability {
  /// Kept in memory; an unclean stop of the process may lose all that was not flushed.
  MEMORY,
  /// Written to the operating system; survives the process, not a loss of power.
  OS,
  /// Synced to the disk.
  FSYNC,
  /// Kept by more than one machine.
  REPLICATED
}
