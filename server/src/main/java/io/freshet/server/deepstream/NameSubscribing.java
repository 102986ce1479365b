// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.command.Command;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// Subscribing to names and back, which events, procedures and users have in common (protocol
/// reference, sections 6, 9 and 10): one acknowledgement per message, every name judged by itself.
///
/// From the unsubscribe message on nothing is sent for the names any more, whatever the engine
/// still has on its way.
final class NameSubscribing {
  /// Stands for every user; no name is empty.
  static final String EVERYBODY = "";

  private NameSubscribing() {}

  /// @param held what the session is subscribed to
  /// @throws FreshetException when the message names nothing
  static void subscribe(
      NameRequest request,
      Subscriptions<String> held,
      BiFunction<ReplyTo, List<String>, Command> command) {
    var wanted = new ArrayList<Subscription<String>>();
    for (String name : request.names()) {
      if (!request.session().socket().isOpen()) {
        break; // by the refusals of the names so far
      }
      try {
        DocumentKey.requireName(name);
        wanted.add(wanted(request, held, name));
      } catch (FreshetException e) {
        request.refuse(name, e);
      }
    }
    if (!wanted.isEmpty()) {
      var reply = new SubscribeReply(request, held, wanted);
      List<String> names = wanted.stream().map(each -> each.key).toList();
      request.session().submit(command.apply(reply, names), reply);
    }
  }

  static void subscribeToEverybody(NameRequest request, Subscriptions<String> held) {
    try {
      var reply = new SubscribeReply(request, held, List.of(wanted(request, held, EVERYBODY)));
      request.session().submit(new Command.WatchPresence(reply, List.of()), reply);
    } catch (FreshetException e) {
      request.refuse((String) null, e);
    }
  }

  private static Subscription<String> wanted(
      NameRequest request, Subscriptions<String> held, String name) {
    DeepstreamSession session = request.session();
    Subscription<String> present = held.find(name);
    if (present == null && session.isFull()) {
      throw session.tooManySubscriptions();
    }
    return present == null ? held.add(name) : present;
  }

  /// @throws FreshetException when the message names nothing
  static void unsubscribe(
      NameRequest request,
      Subscriptions<String> held,
      BiFunction<ReplyTo, List<String>, Command> command) {
    List<String> names = request.names();
    names.forEach(name -> end(held, name));
    var reply = new UnsubscribeReply(request, names);
    request.session().submit(command.apply(reply, names), reply);
  }

  static void unsubscribeFromEverybody(NameRequest request, Subscriptions<String> held) {
    end(held, EVERYBODY);
    var reply = new UnsubscribeReply(request, List.of(EVERYBODY));
    request.session().submit(new Command.UnwatchPresence(reply, List.of()), reply);
  }

  private static void end(Subscriptions<String> held, String name) {
    Subscription<String> present = held.find(name);
    if (present != null) {
      held.end(present);
    }
  }

  private static @Nullable String shown(String name) {
    return name.isEmpty() ? null : name;
  }

  private static final class SubscribeReply extends Reply {
    private final NameRequest request;
    private final Subscriptions<String> held;
    private final List<Subscription<String>> wanted;

    SubscribeReply(
        NameRequest request, Subscriptions<String> held, List<Subscription<String>> wanted) {
      super(request.session(), request.bytes());
      this.request = request;
      this.held = held;
      this.wanted = wanted;
      wanted.forEach(each -> each.unanswered++);
    }

    @Override
    protected void answer(Outcome outcome) {
      switch (outcome) {
        case Outcome.PerName(List<Outcome.OfName> results) -> perName(results);
        case Outcome.Refused refusal -> wanted.forEach(each -> refused(each, refusal));
        case Outcome.Committed _,
            Outcome.State _,
            Outcome.Watching _,
            Outcome.OfCollection _,
            Outcome.Done _,
            Outcome.Rejected _,
            Outcome.Present _,
            Outcome.CallMismatch _ ->
            throw unexpected(outcome);
      }
    }

    private void perName(List<Outcome.OfName> results) {
      boolean any = false;
      for (int i = 0; i < results.size(); i++) {
        Subscription<String> each = wanted.get(i);
        switch (results.get(i)) {
          case Outcome.Plain plain -> {
            any = true;
            subscribed(each, plain);
          }
          case Outcome.Refused refusal -> refused(each, refusal);
        }
      }
      if (any) {
        request.acknowledge();
      }
    }

    private void subscribed(Subscription<String> subscription, Outcome.Plain how) {
      subscription.unanswered--;
      if (!subscription.over) {
        held.activate(subscription);
      }
      if (how == Outcome.Plain.UNCHANGED) {
        request.tell(request.terms().already(), shown(subscription.key));
      }
    }

    private void refused(Subscription<String> subscription, Outcome.Refused why) {
      subscription.unanswered--;
      if (!subscription.over && !subscription.isActive()) {
        held.dropped(subscription);
      }
      ErrorCode code = why.code();
      request.refuse(request.terms().denial(code), shown(subscription.key), code, why.message());
    }
  }

  private static final class UnsubscribeReply extends Reply {
    private final NameRequest request;
    private final List<String> names;

    UnsubscribeReply(NameRequest request, List<String> names) {
      super(request.session(), request.bytes());
      this.request = request;
      this.names = names;
    }

    @Override
    protected void answer(Outcome outcome) {
      switch (outcome) {
        case Outcome.PerName(List<Outcome.OfName> results) -> perName(results);
        case Outcome.Refused(ErrorCode code, String text) ->
            request.refuse(request.terms().denial(code), request.message().name(), code, text);
        case Outcome.Committed _,
            Outcome.State _,
            Outcome.Watching _,
            Outcome.OfCollection _,
            Outcome.Done _,
            Outcome.Rejected _,
            Outcome.Present _,
            Outcome.CallMismatch _ ->
            throw unexpected(outcome);
      }
    }

    /// A name that was not subscribed to is reported in the form with one name only, as the
    /// original does.
    private void perName(List<Outcome.OfName> results) {
      if (!request.isBulk() && results.getFirst() == Outcome.Plain.UNCHANGED) {
        request.tell(request.terms().absent(), shown(names.getFirst()));
      }
      request.acknowledge();
    }
  }
}
