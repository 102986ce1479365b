// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.spi;

/// Why a stream of a table cannot be.
///
/// @param kind what is missing
/// @param message for people, with the statements that help
public record SourceRefusal(Kind kind, String message) {
  public enum Kind {
    /// There is such a table, and its changes are not told.
    NOT_CAPTURED,
    /// What the filter looks at is not told of deleted rows.
    FILTER_CANNOT_WORK
  }
}
