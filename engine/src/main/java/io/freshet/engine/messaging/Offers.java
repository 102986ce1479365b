// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.messaging;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.ProviderAnswer;
import io.freshet.engine.feed.CallOffer;
import io.freshet.engine.feed.Ended;
import io.freshet.engine.feed.FeedItem;
import io.freshet.engine.feed.Outbox;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.Standing;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Bus;
import io.freshet.spi.BusMessage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// This node's providers, and the calls they are asked to take, wherever the caller is.
///
/// A call is offered to one random provider at a time, to each at most once. A provider that left
/// without having accepted is replaced by another; one that had accepted is not, because the work
/// may be done already.
///
/// Keeps no time: the caller's node does, and says when it does not wait any more ([Calls]).
///
/// Bound: the calls of all nodes under way; each node bounds its own.
final class Offers {
  private final Gate gate;
  private final Bus bus;
  private final Outbox outbox;
  private final RandomGenerator random;
  private final SessionsByName<Pool> providers = new SessionsByName<>(Pool::new);
  private final Map<CallId, Offer> offers = new LinkedHashMap<>();

  /// Per provider and correlation id: the calls that are with it.
  private final Map<Session, Map<String, Offer>> open = new HashMap<>();

  private record CallId(String node, long number) {}

  private static final class Offer {
    final String node;
    final BusMessage.Request request;
    final Set<Session> tried = new HashSet<>(2);
    @Nullable Session provider;
    boolean accepted;

    Offer(String node, BusMessage.Request request) {
      this.node = node;
      this.request = request;
    }

    CallId id() {
      return new CallId(node, request.call());
    }
  }

  Offers(Gate gate, Bus bus, Outbox outbox, RandomGenerator random) {
    this.gate = gate;
    this.bus = bus;
    this.outbox = outbox;
    this.random = random;
  }

  void provide(Command.Provide command) {
    gate.forEach(
        command,
        GuardAction.RPC_PROVIDE,
        command.names(),
        name -> {
          boolean first = !providers.has(name);
          boolean added = providers.add(name, command.session());
          if (first) {
            bus.enter(Bus.Roster.PROCEDURES, name);
          }
          return added;
        },
        () -> {});
  }

  void unprovide(Command.Unprovide command) {
    gate.forEachUnasked(command, command.names(), name -> remove(command.session(), name));
  }

  /// @return whether it was there
  private boolean remove(Session session, String name) {
    boolean was = providers.remove(name, session);
    if (was && !providers.has(name)) {
      bus.leave(Bus.Roster.PROCEDURES, name);
    }
    return was;
  }

  /// Everything that is provided.
  Iterator<Standing> standings() {
    return providers.standings((session, name) ->
        new Named(
            session,
            GuardAction.RPC_PROVIDE,
            name,
            () -> providers.has(session, name),
            () -> remove(session, name),
            new Ended.Procedure(name),
            outbox));
  }

  void request(String node, BusMessage.Request request) {
    var offer = new Offer(node, request);
    if (offers.putIfAbsent(offer.id(), offer) == null) {
      ask(offer);
    }
  }

  /// Offers the call to the next provider, or gives it back.
  private void ask(Offer offer) {
    BusMessage.Request request = offer.request;
    Pool pool = providers.of(request.name());
    Session next = pool == null ? null : pool.pick(random, each -> mayAsk(each, offer));
    if (next == null) {
      offers.remove(offer.id());
      tell(offer, new BusMessage.Exhausted(request.call()));
      return;
    }
    offer.tried.add(next);
    offer.provider = next;
    offer.accepted = false;
    open.computeIfAbsent(next, s -> new LinkedHashMap<>(2)).put(request.correlationId(), offer);
    var shown =
        new CallOffer(
            request.name(),
            request.correlationId(),
            request.data(),
            request.requestorName(),
            request.requestorData());
    outbox.add(next.outlet(), new FeedItem.ToProvider(next, shown));
    tell(offer, new BusMessage.Offered(request.call()));
  }

  /// A provider tells its calls apart by their correlation ids, which are the callers' own: two
  /// with the same are not with it at the same time.
  private boolean mayAsk(Session session, Offer offer) {
    Map<String, Offer> own = open.get(session);
    return !offer.tried.contains(session)
        && (own == null || !own.containsKey(offer.request.correlationId()));
  }

  void answer(Command.CallAnswer command) {
    Map<String, Offer> own = open.get(command.session());
    Offer offer = own == null ? null : own.get(command.correlationId());
    if (offer == null || !offer.request.name().equals(command.name())) {
      outbox.answer(command.replyTo(), Outcome.CallMismatch.NO_SUCH_CALL);
      return;
    }
    long call = offer.request.call();
    switch (command.answer()) {
      case ProviderAnswer.Accept _ -> outbox.answer(command.replyTo(), accept(offer));
      case ProviderAnswer.Respond(var data) ->
          outbox.answer(command.replyTo(), finish(offer, new BusMessage.Responded(call, data)));
      case ProviderAnswer.Fail(var data) ->
          outbox.answer(command.replyTo(), finish(offer, new BusMessage.Failed(call, data)));
      case ProviderAnswer.Reject _ -> {
        outbox.answer(command.replyTo(), Outcome.Done.DONE);
        detach(offer);
        ask(offer);
      }
    }
  }

  private Outcome accept(Offer offer) {
    if (offer.accepted) {
      return Outcome.CallMismatch.ALREADY_ACCEPTED;
    }
    Outcome sent = send(offer, new BusMessage.Accepted(offer.request.call()));
    offer.accepted = sent == Outcome.Done.DONE;
    return sent;
  }

  /// An answer that cannot be sent leaves the call open: the provider may try again until the
  /// caller's time is up.
  private Outcome finish(Offer offer, BusMessage last) {
    Outcome sent = send(offer, last);
    if (sent == Outcome.Done.DONE) {
      close(offer);
    }
    return sent;
  }

  private Outcome send(Offer offer, BusMessage message) {
    try {
      bus.send(offer.node, message);
      return Outcome.Done.DONE;
    } catch (FreshetException e) {
      return Gate.refused(e);
    }
  }

  /// As [#send], for what nobody can be told about: if it does not arrive, the caller's time ends
  /// the call.
  private void tell(Offer offer, BusMessage message) {
    var _ = send(offer, message);
  }

  private void close(Offer offer) {
    offers.remove(offer.id());
    detach(offer);
  }

  private void detach(Offer offer) {
    Session provider = offer.provider;
    Map<String, Offer> own = provider == null ? null : open.get(provider);
    offer.provider = null;
    if (provider != null && own != null) {
      own.remove(offer.request.correlationId());
      if (own.isEmpty()) {
        open.remove(provider);
      }
    }
  }

  void abandoned(String node, BusMessage.Abandoned message) {
    Offer offer = offers.get(new CallId(node, message.call()));
    if (offer != null) {
      close(offer);
    }
  }

  /// Nobody waits for that node's calls any more.
  void nodeGone(String node) {
    for (Offer offer : List.copyOf(offers.values())) {
      if (offer.node.equals(node)) {
        close(offer);
      }
    }
  }

  /// The session provides nothing any more, and what it has not accepted goes to others.
  void leave(Session session) {
    for (String name : providers.leave(session)) {
      bus.leave(Bus.Roster.PROCEDURES, name);
    }
    Map<String, Offer> own = open.remove(session);
    if (own == null) {
      return;
    }
    for (Offer offer : own.values()) {
      offer.provider = null;
      if (offer.accepted) {
        offers.remove(offer.id());
        tell(offer, new BusMessage.Lost(offer.request.call()));
      } else {
        ask(offer);
      }
    }
  }

  /// Procedures provided here.
  int procedures() {
    return providers.size();
  }

  /// Calls that are with providers of this node.
  int size() {
    return offers.size();
  }

  boolean isEmpty() {
    return providers.isEmpty() && offers.isEmpty() && open.isEmpty();
  }
}
