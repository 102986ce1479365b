// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.Refused;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Standings;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.listen.Listening;
import io.freshet.protocol.error.FreshetException;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Commands of those who listen for names of records or of events.
final class Listens {
  private final Gate gate;
  private final Outbox outbox;
  private final Listening records;
  private final Listening events;

  Listens(Gate gate, Outbox outbox, Listening records, Listening events) {
    this.gate = gate;
    this.outbox = outbox;
    this.records = records;
    this.events = events;
  }

  private Listening of(ListenTopic topic) {
    return switch (topic) {
      case RECORD -> records;
      case EVENT -> events;
    };
  }

  void listen(Command.Listen command) {
    GuardAction action =
        switch (command.topic()) {
          case RECORD -> GuardAction.LISTEN;
          case EVENT -> GuardAction.EVENT_LISTEN;
        };
    var subject = new Subject.OfName(command.pattern(), null);
    gate.ask(command.session(), action, subject, refusal -> listen(command, refusal));
  }

  private void listen(Command.Listen command, @Nullable Refused refusal) {
    if (refusal != null) {
      outbox.answer(command.replyTo(), refusal);
      return;
    }
    try {
      // The acknowledgement stands before the questions that registering may raise at once.
      int mark = outbox.mark(command.session().outlet());
      of(command.topic()).listen(command.session(), command.pattern());
      outbox.answerAt(mark, command.replyTo(), Outcome.Done.DONE);
    } catch (FreshetException e) {
      outbox.answer(command.replyTo(), Gate.refused(e));
    }
  }

  void unlisten(Command.Unlisten command) {
    of(command.topic()).unlisten(command.session(), command.pattern());
    outbox.answer(command.replyTo(), Outcome.Done.DONE);
  }

  void answer(Command.ListenAnswer command) {
    of(command.topic())
        .answer(command.session(), command.pattern(), command.name(), command.accept());
    outbox.answer(command.replyTo(), Outcome.Done.DONE);
  }

  Iterator<Standing> standings() {
    return Standings.all(
        List.of(records.standings(GuardAction.LISTEN), events.standings(GuardAction.EVENT_LISTEN)));
  }

  void leave(Session session) {
    records.leave(session);
    events.leave(session);
  }
}
