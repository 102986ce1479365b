// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.EventId;
import io.freshet.server.stream.StreamLag;
import io.freshet.spi.SnapshotProgress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the server says on `/ws`, except events ([EventFrame]). Each method writes one frame and
/// returns the output.
final class ServerFrames {
  private ServerFrames() {}

  /// @param expiresAt when the login ends; null for never
  static JsonOutput welcome(
      JsonOutput out,
      long connectionId,
      long heartbeatMs,
      String user,
      @Nullable Instant expiresAt,
      @Nullable String ref) {
    out.raw("{\"type\":\"welcome\",\"connectionId\":\"").raw(Long.toString(connectionId));
    out.raw("\",\"heartbeatMs\":").number(heartbeatMs).raw(",\"resumed\":false");
    return login(out, user, expiresAt, ref);
  }

  /// The login goes on.
  static JsonOutput authenticated(
      JsonOutput out, String user, @Nullable Instant expiresAt, @Nullable String ref) {
    return login(out.raw("{\"type\":\"authenticated\""), user, expiresAt, ref);
  }

  private static JsonOutput login(
      JsonOutput out, String user, @Nullable Instant expiresAt, @Nullable String ref) {
    out.raw(",\"user\":").string(user);
    if (expiresAt != null) {
      out.raw(",\"expiresAt\":").number(expiresAt.toEpochMilli());
    }
    return end(out, ref);
  }

  static JsonOutput pong(JsonOutput out, @Nullable String ref) {
    return end(out.raw("{\"type\":\"pong\""), ref);
  }

  private static JsonOutput end(JsonOutput out, @Nullable String ref) {
    if (ref != null) {
      out.raw(",\"ref\":").string(ref);
    }
    return out.raw("}");
  }

  static JsonOutput result(JsonOutput out, String requestId, SyncAnswer answer) {
    out.raw("{\"type\":\"result\",\"requestId\":").string(requestId);
    out.raw(",\"status\":").number(answer.status()).raw(",");
    answer.writeMembers(out, null);
    return out.raw("}");
  }

  static JsonOutput error(
      JsonOutput out, @Nullable String ref, @Nullable String requestId, Problem problem) {
    out.raw("{\"type\":\"error\",");
    problem.writeMembers(out, requestId);
    return end(out, ref);
  }

  /// A subscription is over.
  static JsonOutput ended(JsonOutput out, Subscription subscription, Problem problem) {
    out.raw("{\"type\":\"error\",\"subscriptionId\":\"").raw(subscription.id()).raw("\",");
    problem.writeMembers(out, null);
    return end(out, subscription.ref());
  }

  /// @param position the last change of each log before the first one delivered live
  /// @param recovered whether nothing was missed since where the subscriber wanted to go on; null
  ///   if it wanted to begin
  static JsonOutput subscribed(
      JsonOutput out,
      Subscription subscription,
      List<EventId> position,
      @Nullable Boolean recovered) {
    out.raw("{\"type\":\"subscribed\",\"subscriptionId\":\"").raw(subscription.id());
    out.raw("\",\"topic\":");
    writePlace(out, subscription, position, recovered);
    return end(out, subscription.ref());
  }

  /// The topic, and from where on events come.
  static void writePlace(
      JsonOutput out,
      Subscription subscription,
      List<EventId> position,
      @Nullable Boolean recovered) {
    out.string(subscription.wish().topic().toString()).raw(",\"position\":[");
    for (int i = 0; i < position.size(); i++) {
      out.raw(i == 0 ? "\"" : ",\"").raw(position.get(i).text()).raw("\"");
    }
    out.raw("]");
    if (recovered != null) {
      out.raw(",\"recovered\":").raw(recovered ? "true" : "false");
    }
  }

  static JsonOutput unsubscribed(JsonOutput out, String subscriptionId, @Nullable String ref) {
    out.raw("{\"type\":\"unsubscribed\",\"subscriptionId\":").string(subscriptionId);
    return end(out, ref);
  }

  // Change streams.

  /// A stream has its place.
  ///
  /// @param after the last change before its first one; null when that is not known
  /// @param resumed whether the place was kept under its name
  static JsonOutput streaming(
      JsonOutput out,
      String streamId,
      @Nullable String ref,
      @Nullable EventId after,
      boolean resumed) {
    out.raw("{\"type\":\"streaming\",\"streamId\":\"").raw(streamId);
    if (after == null) {
      out.raw("\",\"resumedAfter\":null");
    } else {
      out.raw("\",\"resumedAfter\":\"").raw(after.text());
      out.raw("\",\"epoch\":\"").raw(Integer.toString(after.tag())).raw("\"");
    }
    return end(out.raw(",\"resumed\":").raw(resumed ? "true" : "false"), ref);
  }

  /// How far a stream is behind.
  static JsonOutput streamState(JsonOutput out, String streamId, StreamLag lag) {
    out.raw("{\"type\":\"streamState\",\"streamId\":\"").raw(streamId).raw("\",");
    return writeLag(out, lag).raw("}");
  }

  /// The members that say so.
  static JsonOutput writeLag(JsonOutput out, StreamLag lag) {
    out.raw("\"lagEvents\":").number(lag.events()).raw(",\"lagMs\":").number(lag.ms());
    out.raw(",\"dropped\":").number(lag.dropped());
    SnapshotProgress snapshot = lag.snapshot();
    if (snapshot != null) {
      out.raw(",\"snapshot\":{\"rows\":").number(snapshot.rows());
      out.raw(",\"estimate\":").number(snapshot.estimate());
      out.raw(",\"done\":").raw(snapshot.done() ? "true}" : "false}");
    }
    return out;
  }

  static JsonOutput streamFailed(
      JsonOutput out, String streamId, @Nullable String ref, Problem problem) {
    out.raw("{\"type\":\"error\",\"streamId\":\"").raw(streamId).raw("\",");
    problem.writeMembers(out, null);
    return end(out, ref);
  }

  static JsonOutput stopped(JsonOutput out, String streamId, @Nullable String ref) {
    return end(out.raw("{\"type\":\"stopped\",\"streamId\":\"").raw(streamId).raw("\""), ref);
  }
}
