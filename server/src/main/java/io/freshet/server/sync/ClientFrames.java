// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.EventId;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.filter.Filter;
import io.freshet.protocol.filter.Scope;
import io.freshet.protocol.filter.SyncFilter;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.topic.TopicPattern;
import io.freshet.server.sync.SyncRequest.Conditions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads what clients say on `/ws`.
///
/// Immutable; any thread.
final class ClientFrames {
  /// A request id of this length is taken for one nobody else uses, by which a repetition is known.
  static final int IDEMPOTENT_CHARACTERS_MIN = 16;

  /// Longest name a client may give to a frame.
  static final int NAME_CHARACTERS_MAX = 256;

  private static final Set<String> OF_FRAME = Set.of("type", "ref");
  private static final Set<String> OF_SUBSCRIBE =
      Set.of(
          "topic",
          "returnMode",
          "filter",
          "id",
          "scope",
          "snapshot",
          "recover",
          "echo",
          "conflate");
  private static final Set<String> OF_SYNC = Set.of("type", "requestId", "op", "service", "id");
  private static final int RECOVER_MAX = 64;

  private final SyncReader reader;
  private final RecordReader records;
  private final StreamArguments streams;

  ClientFrames(SyncReader reader, RecordReader records, StreamArguments streams) {
    this.reader = reader;
    this.records = records;
    this.streams = streams;
  }

  /// Reads one frame; never throws for what the client says.
  ClientFrame read(JsonValue value) {
    String ref = null;
    String requestId = null;
    try {
      var frame = Arguments.of(value, "A frame");
      ref = name(frame, "ref");
      requestId = name(frame, "requestId");
      return read(frame, ref, requestId);
    } catch (FreshetException e) {
      return new ClientFrame.Unreadable(ref, requestId, e);
    }
  }

  /// By what a repetition of the frame is known; null if it has no name nobody else uses.
  static @Nullable String idempotencyKey(@Nullable String requestId) {
    return requestId != null && requestId.length() >= IDEMPOTENT_CHARACTERS_MIN ? requestId : null;
  }

  private static @Nullable String name(Arguments frame, String member) {
    String name = frame.optionalText(member);
    if (name != null && name.length() > NAME_CHARACTERS_MAX) {
      throw Arguments.invalid(
          "\"%s\" may have %d characters".formatted(member, NAME_CHARACTERS_MAX));
    }
    return name;
  }

  private ClientFrame read(Arguments frame, @Nullable String ref, @Nullable String requestId) {
    String type = frame.text("type");
    return switch (type) {
      case "sync" -> sync(frame, requestId);
      case "subscribe" -> subscribe(frame, ref);
      case "unsubscribe" -> {
        frame.allowOnly(OF_FRAME, Set.of("subscriptionId"));
        yield new ClientFrame.Unsubscribe(ref, frame.text("subscriptionId"));
      }
      case "stream" -> {
        frame.allowOnly(OF_FRAME, StreamArguments.MEMBERS);
        yield new ClientFrame.Stream(ref, streams.read(frame));
      }
      case "ack" -> ack(frame);
      case "stop" -> {
        frame.allowOnly(OF_FRAME, Set.of("streamId"));
        yield new ClientFrame.StopStream(ref, frame.text("streamId"));
      }
      case "record" -> new ClientFrame.OfRecord(ref, records.read(frame, requestId));
      case "listen" -> new ClientFrame.OfRecord(ref, RecordReader.listen(frame));
      case "unlisten" -> new ClientFrame.OfRecord(ref, RecordReader.unlisten(frame));
      case "listenAnswer" -> new ClientFrame.OfRecord(ref, RecordReader.answer(frame));
      case "ping" -> new ClientFrame.Ping(ref);
      case "auth" -> new ClientFrame.Auth(frame.members().without("type").without("ref"), ref);
      default ->
          throw Arguments.invalid(
              "There is no frame of that type; there are ack, auth, listen, listenAnswer, ping,"
                  + " record, stop, stream, subscribe, sync, unlisten and unsubscribe");
    };
  }

  private static ClientFrame ack(Arguments frame) {
    frame.allowOnly(OF_FRAME, Set.of("streamId", "id"));
    EventId id = EventId.parse(frame.text("id"));
    if (id == null) {
      throw Arguments.invalid("\"id\" has to be the id of an event");
    }
    return new ClientFrame.StreamAck(frame.text("streamId"), id);
  }

  // Operations.

  private ClientFrame sync(Arguments frame, @Nullable String requestId) {
    if (requestId == null) {
      throw Arguments.invalid("\"requestId\" is missing");
    }
    SyncRequest request =
        reader.read(
            SyncOperation.of(frame.text("op")),
            frame.optionalText("service"),
            frame.optionalText("id"),
            frame,
            OF_SYNC,
            new Conditions(null, null, idempotencyKey(requestId), requestId));
    return new ClientFrame.Sync(requestId, request);
  }

  // Subscriptions.

  private static ClientFrame subscribe(Arguments frame, @Nullable String ref) {
    frame.allowOnly(OF_FRAME, OF_SUBSCRIBE);
    return subscribe(frame.members(), ref);
  }

  /// @param options as in a subscribe frame; other members are left alone
  static ClientFrame.Subscribe subscribe(JsonObject options, @Nullable String ref) {
    var given = new Arguments(options);
    Wish wish = wish(given);
    boolean snapshot = given.flag("snapshot", false);
    if (snapshot && wish.topic().collection() == null) {
      throw Arguments.invalid("A snapshot is of one service: name it in the topic");
    }
    return new ClientFrame.Subscribe(ref, wish, snapshot, recover(given));
  }

  private static Wish wish(Arguments given) {
    String mode = given.optionalText("returnMode");
    String scope = given.optionalText("scope");
    return new Wish(
        TopicPattern.parse(given.text("topic")),
        mode == null ? ReturnMode.FULL : ReturnMode.parse(mode),
        filter(given),
        scope == null ? Scope.ALL : Scope.parse(scope),
        given.flag("echo", true),
        conflate(given));
  }

  private static Filter filter(Arguments given) {
    Filter filter = given.has("filter") ? SyncFilter.read(given.object("filter")) : Filter.ALL;
    String id = given.optionalText("id");
    return id == null
        ? filter
        : filter.and(SyncFilter.read(JsonObject.of("id", JsonString.of(id))));
  }

  private static int conflate(Arguments given) {
    if (!given.has("conflate")) {
      return Wish.NOT_CONFLATED;
    }
    return switch (given.value("conflate")) {
      case JsonBoolean flag -> flag == JsonBoolean.TRUE ? Wish.WHEN_SLOW : Wish.NOT_CONFLATED;
      case JsonNumber _ -> given.count("conflate", 0, Wish.CONFLATE_MS_MAX);
      case JsonValue _ ->
          throw Arguments.invalid(
              "\"conflate\" has to be true, false or a number of milliseconds up to "
                  + Wish.CONFLATE_MS_MAX);
    };
  }

  private static @Nullable List<EventId> recover(Arguments given) {
    if (!given.has("recover")) {
      return null;
    }
    return switch (given.value("recover")) {
      case JsonString id -> List.of(eventId(id));
      case JsonArray ids when ids.size() <= RECOVER_MAX -> eventIds(ids);
      case JsonValue _ -> throw noEventId();
    };
  }

  private static List<EventId> eventIds(JsonArray ids) {
    var read = new ArrayList<EventId>();
    var tags = new HashSet<Integer>();
    for (JsonValue each : ids) {
      EventId id = eventId(each);
      if (!tags.add(id.tag())) {
        throw Arguments.invalid("\"recover\" names two events of one log; give the later one");
      }
      read.add(id);
    }
    return read;
  }

  private static EventId eventId(JsonValue value) {
    EventId id = value instanceof JsonString text ? EventId.parse(text.value()) : null;
    if (id == null) {
      throw noEventId();
    }
    return id;
  }

  private static FreshetException noEventId() {
    return Arguments.invalid("\"recover\" has to be the id of an event, or a list of them");
  }
}
