// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.OfName;
import io.freshet.engine.feed.Outcome.PerName;
import io.freshet.engine.feed.Outcome.Plain;
import io.freshet.engine.feed.Outcome.Refused;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Asking;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What stands between a command and its effect: names that are none, and the guard.
///
/// A rule may want to see documents that have to be loaded. Until they are there, the session's
/// later commands are held back, so that they take effect in the order they came. Their number is
/// bounded by what the door lets a session have under way.
final class Gate {
  private static final Refused FORBIDDEN = new Refused(ErrorCode.FORBIDDEN, "You may not do this");

  private final Asking asking;
  private final Outbox outbox;
  private final Consumer<Command.OfMessaging> goOn;
  private final Map<Session, ArrayDeque<Command.OfMessaging>> held = new HashMap<>();

  /// @param goOn takes the commands that were held back, once they may go on
  Gate(Asking asking, Outbox outbox, Consumer<Command.OfMessaging> goOn) {
    this.asking = asking;
    this.outbox = outbox;
    this.goOn = goOn;
  }

  /// Keeps the command for later if the session has one that waits for documents.
  ///
  /// @return whether it was kept
  boolean holdsBack(Command.OfMessaging command) {
    ArrayDeque<Command.OfMessaging> line = held.isEmpty() ? null : held.get(command.session());
    return line != null && line.add(command);
  }

  int sessionsHeldBack() {
    return held.size();
  }

  /// Why the text is no name; null when it is one.
  static @Nullable Refused invalid(String name) {
    try {
      DocumentKey.ofRecordName(name);
      return null;
    } catch (FreshetException e) {
      return Gate.refused(e);
    }
  }

  static Refused refused(FreshetException e) {
    return new Refused(e.code(), String.valueOf(e.getMessage()));
  }

  /// Asks about one thing.
  ///
  /// @param then gets the refusal, or null when it is allowed
  void ask(Session session, GuardAction action, Subject subject, Consumer<@Nullable Refused> then) {
    switch (asking.ask(session.principal(), Face.RECORDS, action, subject, Map.of())) {
      case GuardAnswer.Allow _ -> then.accept(null);
      case GuardAnswer.Deny _ -> then.accept(FORBIDDEN);
      case GuardAnswer.Failed(String reason) -> then.accept(unanswerable(reason));
      case GuardAnswer.Needs(List<DocumentKey> keys) ->
          new Question(
                  session,
                  action,
                  List.of(subject),
                  new @Nullable Refused[1],
                  refusals -> then.accept(refusals[0]))
              .load(keys);
    }
  }

  /// Asks about several things; `then` gets the refusal of each, null when it is allowed.
  void askAll(
      Session session,
      GuardAction action,
      List<Subject> subjects,
      Consumer<@Nullable Refused[]> then) {
    new Question(session, action, subjects, new @Nullable Refused[subjects.size()], then).ask();
  }

  /// Does something for each name that is one and that the guard allows, and answers.
  ///
  /// @param act does it; returns whether that changed anything
  /// @param afterwards what has to stand behind the answer
  void forEach(
      Command.Answered command,
      GuardAction action,
      List<String> names,
      Predicate<String> act,
      Runnable afterwards) {
    var subjects = new ArrayList<Subject>(names.size());
    var invalid = new @Nullable Refused[names.size()];
    for (int i = 0; i < invalid.length; i++) {
      subjects.add(new Subject.OfName(names.get(i), null));
      invalid[i] = invalid(names.get(i));
    }
    Consumer<@Nullable Refused[]> answer =
        refusals -> {
          var results = new ArrayList<OfName>(names.size());
          for (int i = 0; i < refusals.length; i++) {
            Refused refusal = refusals[i];
            results.add(refusal != null ? refusal : plain(act.test(names.get(i))));
          }
          outbox.answer(command.replyTo(), new PerName(results));
          afterwards.run();
        };
    new Question(command.session(), action, subjects, invalid, answer).ask();
  }

  /// As [#forEach], for what needs no permission.
  void forEachUnasked(Command.Answered command, List<String> names, Predicate<String> act) {
    var results = new ArrayList<OfName>(names.size());
    names.forEach(name -> results.add(plain(act.test(name))));
    outbox.answer(command.replyTo(), new PerName(results));
  }

  static Outcome.Plain plain(boolean changed) {
    return changed ? Plain.CHANGED : Plain.UNCHANGED;
  }

  private static Refused unanswerable(String reason) {
    return new Refused(ErrorCode.PERMISSION_ERROR, reason);
  }

  /// Several things of one command, asked about together, again and again until no more documents
  /// are wanted.
  private final class Question {
    private final Session session;
    private final GuardAction action;
    private final List<Subject> subjects;
    private final Consumer<@Nullable Refused[]> then;

    /// Per subject; null while it is not refused.
    private final @Nullable Refused[] refusals;

    private final Map<DocumentKey, Document> loaded = new HashMap<>();
    private int rounds;

    Question(
        Session session,
        GuardAction action,
        List<Subject> subjects,
        @Nullable Refused[] refusals,
        Consumer<@Nullable Refused[]> then) {
      this.session = session;
      this.action = action;
      this.subjects = subjects;
      this.then = then;
      this.refusals = refusals;
    }

    void ask() {
      var needs = new ArrayList<DocumentKey>(0);
      for (int i = 0; i < refusals.length; i++) {
        if (refusals[i] == null) {
          refusals[i] = ask(subjects.get(i), needs);
        }
      }
      if (needs.isEmpty()) {
        then.accept(refusals);
        release();
      } else {
        load(needs);
      }
    }

    private @Nullable Refused ask(Subject subject, List<DocumentKey> needs) {
      return switch (asking.ask(session.principal(), Face.RECORDS, action, subject, loaded)) {
        case GuardAnswer.Allow _ -> null;
        case GuardAnswer.Deny _ -> FORBIDDEN;
        case GuardAnswer.Failed(String reason) -> unanswerable(reason);
        case GuardAnswer.Needs(List<DocumentKey> keys)
            when rounds < Asking.ROUNDS_MAX && !keys.isEmpty() -> {
          needs.addAll(keys);
          yield null;
        }
        case GuardAnswer.Needs _ -> unanswerable(Asking.TOO_MANY_ROUNDS);
      };
    }

    void load(List<DocumentKey> keys) {
      if (rounds++ == 0) {
        held.put(session, new ArrayDeque<>());
      }
      asking.load(keys, loaded, this::ask);
    }

    private void release() {
      ArrayDeque<Command.OfMessaging> line = rounds == 0 ? null : held.remove(session);
      if (line != null) {
        line.forEach(goOn);
      }
    }
  }
}
