// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.command;

/// Which state of the document a write is meant for.
public sealed interface Condition {
  /// Whatever is there.
  enum Any implements Condition {
    ANY
  }

  /// Deepstream's rule (protocol reference 7.1): the write's version must follow the document's.
  /// Versions are revisions modulo 2^31.
  ///
  /// @param version of the state the writer wants to create
  record Follows(int version) implements Condition {}

  /// As [Follows], and the first write of a next life is accepted too, wherever the count stands:
  /// an offline client cannot know it (design, section 1).
  record FollowsOrBegins(int version) implements Condition {}
}
