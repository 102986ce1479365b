// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.feed.Publication;
import io.freshet.engine.feed.Seen;
import io.freshet.engine.feed.Sight;
import io.freshet.protocol.Change;
import io.freshet.protocol.filter.FilterIndex;
import io.freshet.protocol.filter.Transition;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Receivers of one event loop whose subscriptions are alike, down to their ids: they are sent the
/// same bytes. All that one delivery brings is joined into one buffer that they share by reference
/// count: one write per connection.
///
/// Threading: confined to that event loop.
final class Group {
  private final FilterIndex<Hook> index;
  private final Transport transport;
  private final List<Hook> hooks = new ArrayList<>(1);
  private final Set<Receiver> members = new LinkedHashSet<>(2);
  private List<Arrival> arrivals = List.of();

  /// Wishes not to be told of own writes.
  private int silentHooks;

  Group(FilterIndex<Hook> index, Transport transport) {
    this.index = index;
    this.transport = transport;
  }

  // What it wants.

  void add(String id, Wish wish) {
    var hook = new Hook(this, id, wish);
    hooks.add(hook);
    index.add(wish.filter(), hook);
    silentHooks += wish.echo() ? 0 : 1;
  }

  void remove(String id, Wish wish) {
    var hook = new Hook(this, id, wish);
    hooks.remove(hook);
    index.remove(wish.filter(), hook);
    silentHooks -= wish.echo() ? 0 : 1;
  }

  void removeAll() {
    for (Hook each : List.copyOf(hooks)) {
      remove(each.id(), each.wish());
    }
  }

  boolean wantsNothing() {
    return hooks.isEmpty();
  }

  /// Who is in it.
  Set<Receiver> members() {
    return members;
  }

  // What arrives.

  /// @return whether this is the first of a delivery
  @SuppressWarnings("ReferenceEquality") // publications are identities
  boolean arrive(
      Publication publication, @Nullable Sight sight, Seen seen, Hook hook, Transition transition) {
    Change change = publication.change();
    boolean first = arrivals.isEmpty();
    if (first) {
      arrivals = new ArrayList<>(4);
    }
    if (first || arrivals.getLast().publication() != publication) {
      arrivals.add(new Arrival(publication, sight, seen));
    }
    arrivals.getLast().add(hook, Arrival.leaves(hook.wish(), change, transition));
    return first;
  }

  /// Sends everybody what has arrived.
  void send(SyncLoop loop) {
    List<Arrival> all = arrivals;
    arrivals = List.of();
    if (all.stream().anyMatch(Arrival::isJudged)) {
      alike(all).forEach((seen, some) -> send(seen, some, loop));
    } else {
      send(all, members, loop);
    }
  }

  /// Those who see the same are sent the same bytes.
  private Map<List<Arrival>, Set<Receiver>> alike(List<Arrival> all) {
    var parts = new LinkedHashMap<List<Arrival>, Set<Receiver>>(2);
    for (Receiver member : members) {
      List<Arrival> seen = all.stream().filter(each -> each.isFor(member)).toList();
      if (!seen.isEmpty()) {
        parts.computeIfAbsent(seen, _ -> new LinkedHashSet<>()).add(member);
      }
    }
    return parts;
  }

  private void send(List<Arrival> all, Set<Receiver> members, SyncLoop loop) {
    Set<Receiver> writers = silentHooks > 0 ? writers(all, members, loop) : Set.of();
    for (Receiver writer : writers) {
      writer.receive(deliveries(all, writer, loop));
    }
    if (members.size() > writers.size()) {
      share(deliveries(all, null, loop), members, writers, loop.output());
    }
  }

  private static Set<Receiver> writers(List<Arrival> all, Set<Receiver> members, SyncLoop loop) {
    var writers = new HashSet<Receiver>();
    for (int i = 0; i < all.size(); i++) {
      Receiver writer = loop.receiverOf(all.get(i).publication().writer());
      if (writer != null && members.contains(writer)) {
        writers.add(writer);
      }
    }
    return writers;
  }

  /// @param receiver whose own writes are left out where it wants that; null for none
  @SuppressWarnings("ReferenceEquality") // receivers are identities
  private List<Delivery> deliveries(List<Arrival> all, @Nullable Receiver receiver, SyncLoop loop) {
    var deliveries = new ArrayList<Delivery>(all.size());
    for (int i = 0; i < all.size(); i++) {
      Arrival arrival = all.get(i);
      boolean own = receiver != null && loop.receiverOf(arrival.publication().writer()) == receiver;
      arrival.deliveries(transport, own, deliveries);
    }
    return deliveries;
  }

  private static void share(
      List<Delivery> deliveries, Set<Receiver> members, Set<Receiver> but, JsonOutput scratch) {
    boolean plain = deliveries.stream().noneMatch(each -> each.conflateMs() > 0);
    if (members.size() == 1 || !plain) {
      for (Receiver member : members) {
        if (!but.contains(member)) {
          member.receive(deliveries);
        }
      }
      return;
    }
    byte[][] frames = frames(deliveries, scratch);
    int bytes = 0;
    for (byte[] frame : frames) {
      bytes += frame.length;
    }
    boolean conflated = deliveries.stream().anyMatch(each -> each.conflateMs() == Wish.WHEN_SLOW);
    ByteBuf joined = null;
    for (Receiver member : members) {
      if (but.contains(member)) {
        continue;
      }
      if (member.isBehind(bytes, conflated)) {
        member.hold(deliveries);
      } else {
        joined = joined == null ? joined(frames, member.socket().allocate(bytes)) : joined;
        member.socket().sendShared(joined.retainedDuplicate(), frames.length);
      }
    }
    if (joined != null) {
      joined.release();
    }
  }

  private static byte[][] frames(List<Delivery> deliveries, JsonOutput scratch) {
    var frames = new byte[deliveries.size()][];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = deliveries.get(i).frame(scratch);
    }
    return frames;
  }

  private static ByteBuf joined(byte[][] frames, ByteBuf buffer) {
    for (byte[] frame : frames) {
      buffer.writeBytes(frame);
    }
    return buffer;
  }
}
