// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.pattern;

import java.util.List;

/// A regular expression, read.
sealed interface Node {
  /// Longest text a pattern is ever matched with, in characters: more repetitions than this need no
  /// counting.
  int REPEAT_MAX = 512;

  /// One character out of a set.
  record One(CodePoints set) implements Node {}

  /// One after the other; the empty sequence matches the empty text.
  record Sequence(List<Node> parts) implements Node {}

  /// One of these, the first that works.
  record Choice(List<Node> options) implements Node {}

  /// @param max -1 for any number
  /// @param firstGroup first of the groups inside, which each repetition empties
  /// @param endGroup the one after the last of them
  record Repeat(Node body, int min, int max, boolean lazy, int firstGroup, int endGroup)
      implements Node {
    /// Copies of the body that are written out; the last one is a loop if there is no maximum.
    int copies() {
      return max < 0 ? min + 1 : max;
    }

    private long sizeWrittenOut() {
      long once = Math.min(body.size(), 1L << 32) + (firstGroup < endGroup ? 1 : 0);
      return min * once + (copies() - min) * (once + 3);
    }
  }

  /// Captures what its body matches.
  record Group(int number, Node body) implements Node {}

  /// Looks ahead or behind without consuming.
  record Look(Node body, boolean behind, boolean negative) implements Node {}

  /// What the group captured, or nothing if it has not.
  record BackReference(int group) implements Node {}

  /// A condition on the place.
  enum Place implements Node {
    START,
    END,
    WORD_EDGE,
    NOT_WORD_EDGE
  }

  /// Instructions it takes to match this, repetitions written out.
  default long size() {
    return switch (this) {
      case One one -> 1;
      case Place place -> 1;
      case BackReference reference -> 1;
      case Sequence(List<Node> parts) -> 1 + parts.stream().mapToLong(Node::size).sum();
      case Choice(List<Node> options) -> options.stream().mapToLong(part -> part.size() + 2).sum();
      case Group(int number, Node body) -> body.size() + 2;
      case Look look -> look.body().size() + 2;
      case Repeat repeat -> repeat.sizeWrittenOut();
    };
  }

  /// Whether RE2/J can express it.
  default boolean isRegular() {
    return switch (this) {
      case One one -> true;
      case Place place -> true;
      case BackReference reference -> false;
      case Look look -> false;
      case Sequence(List<Node> parts) -> parts.stream().allMatch(Node::isRegular);
      case Choice(List<Node> options) -> options.stream().allMatch(Node::isRegular);
      case Group(int number, Node body) -> body.isRegular();
      case Repeat repeat -> repeat.body().isRegular();
    };
  }

  /// Whether it surely matches the empty text wherever it stands.
  default boolean isOptional() {
    return switch (this) {
      case One one -> false;
      case Place place -> false;
      case BackReference reference -> false;
      case Look look -> false;
      case Sequence(List<Node> parts) -> parts.stream().allMatch(Node::isOptional);
      case Choice(List<Node> options) -> options.stream().anyMatch(Node::isOptional);
      case Group(int number, Node body) -> body.isOptional();
      case Repeat repeat -> repeat.min() == 0 || repeat.body().isOptional();
    };
  }
}
