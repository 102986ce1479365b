// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Audience;
import io.freshet.engine.feed.Emission;
import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.Refused;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Standing;
import io.freshet.engine.guard.Subject;
import io.freshet.engine.listen.Listening;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import java.util.ArrayList;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// Who subscribes to which event, and events on their way to them.
///
/// An emitted event goes to the bus and comes back from it, from this node or another, and is then
/// given to the outlets that have subscribers, once per outlet: the loops know their sessions. So
/// an event costs the engine the same whether it has ten subscribers or ten thousand.
final class Events {
  private final Gate gate;
  private final Bus bus;
  private final Outbox outbox;
  private final Listening listening;
  private final SessionsByName<Audience> subscribers = new SessionsByName<>(Audience::new);

  /// The emission of this node that is being published, and its session: a node receives its own
  /// within the call.
  private long lastEmission;

  private @Nullable Session emitter;

  /// @param listening told which names have subscribers on this node
  Events(Gate gate, Bus bus, Outbox outbox, Listening listening) {
    this.gate = gate;
    this.bus = bus;
    this.outbox = outbox;
    this.listening = listening;
  }

  void subscribe(Command.Subscribe command) {
    var first = new ArrayList<String>();
    gate.forEach(
        command,
        GuardAction.EVENT_SUBSCRIBE,
        command.names(),
        name -> {
          if (!subscribers.has(name)) {
            first.add(name);
          }
          return subscribers.add(name, command.session());
        },
        () -> first.forEach(name -> listening.watched(DocumentKey.ofRecordName(name))));
  }

  void unsubscribe(Command.Unsubscribe command) {
    var last = new ArrayList<String>();
    gate.forEachUnasked(
        command,
        command.names(),
        name -> {
          boolean was = subscribers.remove(name, command.session());
          if (was && !subscribers.has(name)) {
            last.add(name);
          }
          return was;
        });
    last.forEach(name -> listening.unwatched(DocumentKey.ofRecordName(name)));
  }

  void leave(Session session) {
    subscribers.leave(session).forEach(name -> listening.unwatched(DocumentKey.ofRecordName(name)));
  }

  void emit(Command.Emit command) {
    // A name somebody subscribes to is one.
    Refused invalid = subscribers.has(command.name()) ? null : Gate.invalid(command.name());
    if (invalid != null) {
      outbox.answer(command.replyTo(), invalid);
      return;
    }
    gate.ask(
        command.session(),
        GuardAction.EVENT_PUBLISH,
        new Subject.OfName(command.name(), command.data()),
        refusal -> outbox.answer(command.replyTo(), refusal != null ? refusal : publish(command)));
  }

  private Outcome publish(Command.Emit command) {
    emitter = command.session();
    try {
      bus.publish(new BusMessage.Event(command.name(), command.data(), ++lastEmission));
      return Outcome.Done.DONE;
    } catch (FreshetException e) {
      return Gate.refused(e);
    } finally {
      emitter = null;
    }
  }

  /// Every subscription.
  Iterator<Standing> standings() {
    return subscribers.standings((session, name) ->
        new Named(
            session,
            GuardAction.EVENT_SUBSCRIBE,
            name,
            () -> subscribers.has(session, name),
            () -> remove(session, name),
            new Ended.Event(name),
            outbox));
  }

  /// @return whether it was there
  private boolean remove(Session session, String name) {
    boolean was = subscribers.remove(name, session);
    if (was && !subscribers.has(name)) {
      listening.unwatched(DocumentKey.ofRecordName(name));
    }
    return was;
  }

  /// An event came from the bus.
  ///
  /// @param own whether it is this node's
  void arrived(BusMessage.Event event, boolean own) {
    Audience audience = subscribers.of(event.name());
    Session sender = own && event.emitter() == lastEmission ? emitter : null;
    if (audience == null || audience.isOnly(sender)) {
      return;
    }
    var emission = new Emission(event.name(), event.data(), sender);
    audience.forEachOutlet(outlet -> outbox.emit(outlet, emission));
  }

  /// Names with subscribers here.
  int names() {
    return subscribers.size();
  }

  boolean isEmpty() {
    return subscribers.isEmpty();
  }
}
