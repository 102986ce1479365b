// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.command.Interest;
import io.freshet.engine.decide.Decider;
import io.freshet.engine.decide.Decision;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.guard.Asking;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks the guard whether somebody may list, follow or stream a collection, or read a document. Of
/// a collection the guard is told the name only, of all collections no name.
public final class Permission {
  private final Asking asking;

  /// What is done with a permission.
  public interface Granted {
    /// @param each whether each document has to be asked about before it is shown
    void go(boolean each);
  }

  public Permission(Asking asking) {
    this.asking = asking;
  }

  /// Under which rules things are allowed now.
  public long epoch() {
    return asking.epoch();
  }

  /// What the guard is asked about those who follow.
  public static GuardAction actionOf(Interest interest) {
    return interest.face() == Face.STREAMS ? GuardAction.READ : GuardAction.SUBSCRIBE;
  }

  /// @param then runs if it is allowed, perhaps later
  /// @param otherwise takes the refusal
  void toFollow(Principal principal, Interest interest, Granted then, Consumer<Outcome> otherwise) {
    var subject = new Subject.OfName(interest.collection(), null);
    ask(principal, interest.face(), actionOf(interest), subject, then, otherwise);
  }

  void toList(Principal principal, String collection, Granted then, Consumer<Outcome> otherwise) {
    var subject = new Subject.OfName(collection, null);
    ask(principal, Face.DOCUMENTS, GuardAction.LIST, subject, then, otherwise);
  }

  /// Of what kind a stream is.
  public static GuardAction actionOf(StreamTerms terms) {
    return terms.live() ? GuardAction.STREAM_LIVE : GuardAction.STREAM;
  }

  /// @param collection perhaps another one than the stream's
  public void toStream(
      Principal principal,
      StreamTerms terms,
      String collection,
      Runnable then,
      Consumer<Outcome> otherwise) {
    String name = terms.name();
    var subject = new Subject.OfStream(collection, name);
    Granted rows =
        _ -> {
          var all = new Subject.OfName(collection, null);
          ask(principal, Face.STREAMS, GuardAction.READ, all, _ -> then.run(), otherwise);
        };
    Granted use =
        _ -> {
          if (name == null) {
            rows.go(false);
          } else {
            ask(principal, Face.STREAMS, GuardAction.STREAM_NAME, subject, rows, otherwise);
          }
        };
    ask(principal, Face.STREAMS, actionOf(terms), subject, use, otherwise);
  }

  private void ask(
      Principal principal,
      Face face,
      GuardAction action,
      Subject subject,
      Granted then,
      Consumer<Outcome> otherwise) {
    new Question(principal, face, action, subject, (each, _) -> then.go(each), otherwise).ask();
  }

  /// Takes what the rule wanted to see.
  interface Shown {
    void go(Map<DocumentKey, Document> loaded);
  }

  /// Finds out whether a document may be read, perhaps later.
  public void mayRead(Principal principal, Face face, Document document, Consumer<Boolean> then) {
    new Question(
            principal,
            face,
            GuardAction.READ,
            new Subject.OfDocument(document, document),
            (_, _) -> then.accept(true),
            _ -> then.accept(false))
        .ask();
  }

  /// @param then runs if it is allowed, perhaps later
  /// @param otherwise takes the refusal
  void toRead(Principal principal, DocumentKey key, Shown then, Consumer<Outcome> otherwise) {
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
          new Question(
                  principal,
                  Face.DOCUMENTS,
                  GuardAction.READ,
                  subject,
                  (_, loaded) -> then.go(loaded),
                  otherwise)
              .ask();
        });
  }

  private interface Answer {
    void allowed(boolean each, Map<DocumentKey, Document> loaded);
  }

  private final class Question {
    private final Principal principal;
    private final Face face;
    private final GuardAction action;
    private final Subject subject;
    private final Answer then;
    private final Consumer<Outcome> otherwise;
    private final Map<DocumentKey, Document> loaded = new HashMap<>();
    private int rounds;

    Question(
        Principal principal,
        Face face,
        GuardAction action,
        Subject subject,
        Answer then,
        Consumer<Outcome> otherwise) {
      this.principal = principal;
      this.face = face;
      this.action = action;
      this.subject = subject;
      this.then = then;
      this.otherwise = otherwise;
    }

    void ask() {
      GuardAnswer answer = asking.ask(principal, face, action, subject, loaded);
      @Nullable Decision refusal = Decider.of(answer);
      switch (refusal) {
        case null -> then.allowed(answer == GuardAnswer.Allow.EACH, loaded);
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
