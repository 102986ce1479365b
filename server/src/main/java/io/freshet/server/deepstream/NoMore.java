// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream;

import io.freshet.engine.feed.Ended;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.deepstream.wire.Action;
import io.freshet.server.deepstream.wire.EventAction;
import io.freshet.server.deepstream.wire.PresenceAction;
import io.freshet.server.deepstream.wire.RecordAction;
import io.freshet.server.deepstream.wire.RpcAction;
import org.jspecify.annotations.Nullable;

/// Tells a session what it has no more because it may not have it any more: as the refusal of the
/// message it once began with, which is what the official client passes on to its user.
final class NoMore {
  private NoMore() {}

  static void tell(DeepstreamSession session, Ended what, ErrorCode code, String why) {
    if (session.isClosed()) {
      return;
    }
    session.loop().meter().refused(Refusals.kind(code));
    switch (what) {
      case Ended.Watch(var key) -> {
        drop(session.records(), key);
        session.send(
            Refusals.message(
                    Refusals.ofSubscription(code),
                    RecordAction.SUBSCRIBECREATEANDREAD,
                    code.name(),
                    why)
                .name(key.recordName()));
      }
      case Ended.Event(String name) -> {
        drop(session.events(), name);
        tell(session, Terms.EVENT, EventAction.SUBSCRIBE, name, code, why);
      }
      case Ended.Procedure(String name) -> {
        drop(session.procedures(), name);
        tell(session, Terms.RPC, RpcAction.PROVIDE, name, code, why);
      }
      case Ended.Presence(String user) -> {
        drop(session.users(), user == null ? NameSubscribing.EVERYBODY : user);
        Action action = user == null ? PresenceAction.SUBSCRIBE_ALL : PresenceAction.SUBSCRIBE;
        tell(session, Terms.PRESENCE, action, user, code, why);
      }
      case Ended.Listening(var topic, String pattern) -> {
        ListenTerms terms = ListenTerms.of(topic);
        session.send(Refusals.tell(terms.refusal(code), terms.listen(), code, why).name(pattern));
      }
      case Ended.Follow _ -> throw new IllegalStateException("nobody here follows collections");
    }
  }

  /// One that is being asked for again stays wanted: its answer is on its way.
  private static <K> void drop(Subscriptions<K> held, K key) {
    Subscription<K> subscription = held.find(key);
    if (subscription != null) {
      held.dropped(subscription);
    }
  }

  private static void tell(
      DeepstreamSession session,
      Terms terms,
      Action original,
      @Nullable String name,
      ErrorCode code,
      String why) {
    session.send(Refusals.tell(terms.denial(code), original, code, why).name(name));
  }
}
