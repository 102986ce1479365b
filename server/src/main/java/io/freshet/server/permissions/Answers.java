// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Answers that are kept: of a user about a name, and of a user about one state of a document.
/// Users are told apart by their login, not by their id.
///
/// Threading: one thread.
final class Answers {
  private static final int MAX = 16_384;

  private final Map<OfName, GuardAnswer> byName = new Choices.Recent<>(MAX);
  private final Map<OfState, GuardAnswer> byState = new Choices.Recent<>(MAX);

  private record OfName(RuleKind kind, Login login, @Nullable String name) {}

  /// A state is known by its revision and by the very data that is held of it: the same revision
  /// may stand for other data where a document was forgotten and counts anew, or was changed behind
  /// the log.
  private record OfState(
      RuleKind kind,
      Login login,
      DocumentKey key,
      Life life,
      long revision,
      long updatedAt,
      int data) {}

  /// A principal compared by identity: comparing its data would take longer than the rule.
  private record Login(Principal principal) {
    @SuppressWarnings("ReferenceEquality")
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Login that && principal == that.principal;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(principal);
    }
  }

  GuardAnswer of(
      RuleKind kind, Principal principal, @Nullable String name, Supplier<GuardAnswer> evaluate) {
    var asked = new OfName(kind, new Login(principal), name);
    GuardAnswer known = byName.get(asked);
    if (known == null) {
      known = evaluate.get();
      if (Choices.isRemembered(name)) {
        byName.put(asked, known);
      }
    }
    return known;
  }

  /// @param document committed
  GuardAnswer of(
      RuleKind kind, Principal principal, Document document, Supplier<GuardAnswer> evaluate) {
    var asked =
        new OfState(
            kind,
            new Login(principal),
            document.key(),
            document.life(),
            document.revision(),
            document.updatedAt(),
            System.identityHashCode(document.data()));
    GuardAnswer known = byState.get(asked);
    if (known == null) {
      known = evaluate.get();
      if (Choices.isRemembered(document.key().id())) {
        byState.put(asked, known);
      }
    }
    return known;
  }
}
