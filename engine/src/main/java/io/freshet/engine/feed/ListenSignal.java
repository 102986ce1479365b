// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

/// What a listener is told (protocol reference, section 8).
///
/// @param pattern as it was registered
/// @param name of the record or event concerned
public record ListenSignal(Kind kind, String pattern, String name) {
  /// The kinds of signal.
  public enum Kind {
    /// Somebody watches a matching name: will you provide it?
    FOUND,
    /// Nobody watches the name any more that you provide.
    REMOVED,
    /// You did not answer in time; somebody else is asked.
    TIMED_OUT
  }
}
