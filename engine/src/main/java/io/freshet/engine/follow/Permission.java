// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Asking;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks the guard whether somebody may read: a document, or a collection as a whole. Of a
/// collection the guard is told the name only, of all collections no name.
public final class Permission {
  private final Asking asking;

  Permission(Asking asking) {
    this.asking = asking;
  }

  /// @param collection null for all of them
  /// @param then runs if it is allowed, perhaps later
  /// @param otherwise takes the refusal
  public void toReadAll(
      Session session, @Nullable String collection, Runnable then, Consumer<Outcome> otherwise) {
    new Question(session, new Subject.OfName(collection, null), then, otherwise).ask();
  }

  /// @param then runs if it is allowed, perhaps later
  /// @param otherwise takes the refusal
  void toRead(Session session, DocumentKey key, Runnable then, Consumer<Outcome> otherwise) {
    var found = new HashMap<DocumentKey, Document>();
    asking.load(
        List.of(key),
        found,
        () -> {
          Document document = found.get(key);
          if (document == null) {
            otherwise.accept(
                new Outcome.Refused(ErrorCode.UNAVAILABLE, "The document could not be loaded"));
            return;
          }
          var subject = new Subject.OfDocument(document, document);
          new Question(session, subject, then, otherwise).ask();
        });
  }

  private final class Question {
    private final Session session;
    private final Subject subject;
    private final Runnable then;
    private final Consumer<Outcome> otherwise;
    private final Map<DocumentKey, Document> loaded = new HashMap<>();
    private int rounds;

    Question(Session session, Subject subject, Runnable then, Consumer<Outcome> otherwise) {
      this.session = session;
      this.subject = subject;
      this.then = then;
      this.otherwise = otherwise;
    }

    void ask() {
      Decision refusal =
          Decider.of(asking.ask(session.principal(), GuardAction.READ, subject, loaded));
      switch (refusal) {
        case null -> then.run();
        case Decision.Rejected(ErrorCode code, String message) -> refuse(code, message);
        case Decision.Needs(List<DocumentKey> keys) when rounds < Asking.ROUNDS_MAX -> {
          rounds++;
          asking.load(keys, loaded, this::ask);
        }
        case Decision.Needs _ -> refuse(ErrorCode.PERMISSION_ERROR, Asking.TOO_MANY_ROUNDS);
        case Decision.Accepted _, Decision.Suppressed _ ->
            throw new IllegalStateException("a read is no write");
      }
    }

    private void refuse(ErrorCode code, String message) {
      otherwise.accept(new Outcome.Refused(code, message));
    }
  }
}
