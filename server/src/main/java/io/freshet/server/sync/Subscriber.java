// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Interest;
import io.freshet.engine.guard.Principal;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.gate.DoorSession;
import io.freshet.server.gate.DoorSocket;
import io.freshet.server.gate.Follows;
import io.freshet.server.stream.StreamSink;
import io.freshet.server.sync.EventFanOut.Named;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A logged-in connection and what it is subscribed to, whatever its transport.
///
/// Threading: confined to the connection's event loop, except what its superclass says.
abstract class Subscriber extends DoorSession {
  private final SyncLoop loop;
  private final Transport transport;
  private final Receiver receiver;
  private final Map<String, Subscription> subscriptions = new LinkedHashMap<>(2);
  private final Follows follows = new Follows();
  private final SessionStreams streams;
  private int lastSubscription;

  /// Subscriptions that have not caught up yet.
  private int joining;

  Subscriber(DoorSocket socket, SyncLoop loop, Principal principal, Transport transport) {
    super(socket, loop, principal);
    this.loop = loop;
    this.transport = transport;
    this.receiver = new Receiver(socket, loop, principal, transport);
    this.streams = new SessionStreams(this, follows);
  }

  // What it is told about its subscriptions.

  /// A subscription is one from here on.
  ///
  /// @param position the last change of each log before the first one delivered live
  /// @param recovered as in [ServerFrames#subscribed]
  abstract void joined(
      Subscription subscription, List<EventId> position, @Nullable Boolean recovered);

  /// A subscription cannot be one.
  ///
  /// @param ref the client's name for it; null for none
  abstract void refused(@Nullable String ref, Problem why);

  /// A subscription that is one, or was about to be, cannot go on.
  abstract void ended(Subscription subscription, Problem why);

  /// What the client of a stream is told through.
  ///
  /// @param ref the client's name for it; null for none
  abstract StreamSink sink(String streamId, @Nullable String ref, RowForm form);

  /// Every subscription has caught up.
  abstract void caughtUp();

  final SyncLoop loop() {
    return loop;
  }

  final Transport transport() {
    return transport;
  }

  final Receiver receiver() {
    return receiver;
  }

  final SessionStreams streams() {
    return streams;
  }

  final boolean isJoining() {
    return joining > 0;
  }

  // How they come and go.

  final void subscribe(ClientFrame.Subscribe asked) {
    int max = loop.shared().options().subscriptionsMax();
    if (subscriptions.size() >= max) {
      String why = "A connection may hold at most %d subscriptions".formatted(max);
      refused(asked.ref(), Problem.of(ErrorCode.LIMIT_REACHED, why));
      return;
    }
    var subscription = new Subscription("s" + ++lastSubscription, asked.ref(), asked.wish());
    subscriptions.put(subscription.id(), subscription);
    loop.meter().subscriptions(1);
    follows.add(asked.wish().interest());
    joining++;
    new Joining(this, subscription, asked).begin();
  }

  /// From now on it is told of what happens.
  final void live(Subscription subscription) {
    subscription.become(Subscription.State.LIVE);
    receiver.places().add(named(subscription));
    joinedOrGone();
  }

  private static Named named(Subscription subscription) {
    return new Named(subscription.id(), subscription.wish());
  }

  final void failed(Subscription subscription, Problem why) {
    ended(subscription, why);
    end(subscription);
  }

  /// @return whether there was one of that id
  final boolean unsubscribe(String subscriptionId) {
    Subscription subscription = subscriptions.get(subscriptionId);
    if (subscription != null) {
      end(subscription);
    }
    return subscription != null;
  }

  private void end(Subscription subscription) {
    Subscription.State before = subscription.state();
    subscription.become(Subscription.State.OVER);
    subscriptions.remove(subscription.id());
    loop.meter().subscriptions(-1);
    Interest interest = subscription.wish().interest();
    if (follows.remove(interest)) {
      submit(new Command.Unfollow(this, interest));
    }
    if (before == Subscription.State.LIVE) {
      receiver.places().remove(named(subscription));
    } else {
      joinedOrGone();
    }
  }

  /// It may not follow any more: what follows because of it is over.
  final void noMore(@Nullable String collection, Problem why) {
    for (Subscription each : List.copyOf(subscriptions.values())) {
      if (Objects.equals(each.wish().topic().collection(), collection)) {
        failed(each, why);
      }
    }
  }

  private void joinedOrGone() {
    joining--;
    if (joining == 0) {
      caughtUp();
    }
  }

  /// The client takes more.
  final void onWritable() {
    loop.run(() -> {
      receiver.goOn();
      streams.goOn();
    });
  }

  @Override
  public void leave() {
    super.leave();
    streams.leave();
    receiver.places().removeAll();
    loop.forget(receiver);
    subscriptions.values().forEach(each -> each.become(Subscription.State.OVER));
    loop.meter().subscriptions(-subscriptions.size());
    subscriptions.clear();
    for (Interest interest : follows.all()) {
      loop.submitSurely(new Command.Unfollow(this, interest));
    }
  }
}
