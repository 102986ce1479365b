// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.filter.Model;
import io.freshet.protocol.filter.PrismaFilter;
import io.freshet.protocol.filter.StreamFilter;
import io.freshet.protocol.json.JsonObject;
import io.freshet.server.stream.Models;
import io.freshet.server.stream.StreamBounds;
import io.freshet.server.stream.StreamWish;
import io.freshet.server.stream.StreamWish.Mode;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What stream a client asks for, on `/ws` and over HTTP.
final class StreamArguments {
  /// The members that say so.
  static final Set<String> MEMBERS =
      Set.of(
          "collection",
          "name",
          "mode",
          "from",
          "window",
          "snapshot",
          "typed",
          "create",
          "update",
          "delete");

  private static final List<String> ACTIONS = List.of("create", "update", "delete");
  private static final int NAME_BYTES_MAX = 256;

  private final StreamBounds bounds;
  private final Models models;

  StreamArguments(StreamBounds bounds, Models models) {
    this.bounds = bounds;
    this.models = models;
  }

  /// @throws FreshetException if it cannot be read
  StreamWish read(Arguments given) {
    Mode mode = mode(given);
    String name = name(given, mode);
    Start start = start(given, mode);
    boolean snapshot = given.flag("snapshot", false);
    if (snapshot && (name == null || start instanceof Start.Earliest)) {
      throw Arguments.invalid(
          "Only a stream with a \"name\", from \"latest\" on, begins with a \"snapshot\"");
    }
    boolean typed = given.flag("typed", false);
    String collection = collection(given);
    StreamFilter filter = filter(given.members(), typed ? models.of(collection) : null);
    boolean live = mode == Mode.SUBSCRIBE;
    var terms = new StreamTerms(collection, name, start, snapshot, live, filter.deleteMembers());
    boolean windowed = mode == Mode.STREAM && (name != null || given.has("window"));
    int window = given.count("window", bounds.windowEvents(), StreamBounds.WINDOW_EVENTS_MAX);
    return new StreamWish(
        terms,
        filter.filter(),
        mode,
        windowed ? window : StreamWish.UNBOUNDED,
        bounds.windowBytes(),
        typed);
  }

  private static String collection(Arguments given) {
    String collection = given.text("collection");
    if (!DocumentKey.isCollection(collection)) {
      throw new FreshetException(
          ErrorCode.UNKNOWN_COLLECTION, "There can be no collection of this name");
    }
    return collection;
  }

  private static Mode mode(Arguments given) {
    return switch (given.optionalText("mode")) {
      case null -> Mode.STREAM;
      case "stream" -> Mode.STREAM;
      case "subscribe" -> Mode.SUBSCRIBE;
      case String _ -> throw Arguments.invalid("\"mode\" is one of \"stream\" and \"subscribe\"");
    };
  }

  private static @Nullable String name(Arguments given, Mode mode) {
    String name = given.optionalText("name");
    if (name != null) {
      if (mode == Mode.SUBSCRIBE) {
        throw Arguments.invalid("Only a stream has a \"name\"");
      }
      requireStreamName(name);
    }
    return name;
  }

  static void requireStreamName(String name) {
    boolean printable = name.chars().noneMatch(Character::isISOControl);
    if (name.isEmpty() || name.length() > NAME_BYTES_MAX || !printable) {
      throw Arguments.invalid(
          "The \"name\" of a stream has 1 to %d characters, none of them a control character"
              .formatted(NAME_BYTES_MAX));
    }
  }

  private static Start start(Arguments given, Mode mode) {
    String from = given.optionalText("from");
    if (from != null && mode == Mode.SUBSCRIBE && !from.equals("latest")) {
      throw Arguments.invalid("A live subscription begins now; \"from\" is for streams");
    }
    return switch (from) {
      case null -> Start.Latest.LATEST;
      case "latest" -> Start.Latest.LATEST;
      case "earliest" -> Start.Earliest.EARLIEST;
      case String text -> {
        EventId id = EventId.parse(text);
        if (id == null) {
          throw Arguments.invalid("\"from\" is \"latest\", \"earliest\" or the id of an event");
        }
        yield new Start.After(id);
      }
    };
  }

  private static StreamFilter filter(JsonObject given, @Nullable Model model) {
    JsonObject arguments = JsonObject.empty();
    for (String action : ACTIONS) {
      var value = given.get(action);
      if (value != null) {
        arguments = arguments.with(action, value);
      }
    }
    return PrismaFilter.read(arguments, model);
  }
}
