// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.engine.guard.Face;
import io.freshet.protocol.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A committed change on its way to watchers and followers, with room for its encoding in each
/// protocol, so that it is encoded once however many event loops send it.
///
/// Watchers of the document see all of it. Of followers some may see less: for them there are
/// variants, which are publications themselves.
public final class Publication {
  private final Change change;
  private final @Nullable Session writer;
  private final @Nullable String requestId;
  private final @Nullable Sight documents;
  private final @Nullable Sight streams;
  private @Nullable Object encoded;
  private List<Variant> variants = List.of();

  private record Variant(Face face, Seen seen, Publication publication) {}

  /// @param writer the session that wrote it, if it is one of this node; it is not sent its own
  ///   change
  /// @param requestId the writer's name for what made it; null for none
  /// @param documents what followers of documents see; null if all see all
  /// @param streams what followers for streams see; null if all see all
  public Publication(
      Change change,
      @Nullable Session writer,
      @Nullable String requestId,
      @Nullable Sight documents,
      @Nullable Sight streams) {
    this.change = change;
    this.writer = writer;
    this.requestId = requestId;
    this.documents = documents;
    this.streams = streams;
  }

  public Change change() {
    return change;
  }

  public @Nullable Session writer() {
    return writer;
  }

  public @Nullable String requestId() {
    return requestId;
  }

  /// What the followers of this face see; null if all see all.
  public @Nullable Sight sight(Face face) {
    return switch (face) {
      case RECORDS -> null;
      case DOCUMENTS -> documents;
      case STREAMS -> streams;
    };
  }

  /// As it is for those who see this of it; null for nothing.
  public synchronized @Nullable Publication as(Face face, Seen seen) {
    if (seen == Seen.WHOLE) {
      return this;
    }
    for (Variant each : variants) {
      if (each.face == face && each.seen == seen) {
        return each.publication;
      }
    }
    Change shown = seen.show(face, change);
    if (shown == null) {
      return null;
    }
    var made = new Publication(shown, writer, requestId, null, null);
    var more = new ArrayList<>(variants);
    more.add(new Variant(face, seen, made));
    variants = more;
    return made;
  }

  /// The change in one gateway's encoding, made by the first loop that asks.
  ///
  /// @param type of the gateway's immutable encoded form
  public synchronized <T> T encoded(Class<T> type, Function<Change, T> encoder) {
    for (Object node = encoded; node instanceof Encodings(Object value, Object next); node = next) {
      if (type.isInstance(value)) {
        return type.cast(value);
      }
    }
    T value = encoder.apply(change);
    encoded = new Encodings(value, encoded);
    return value;
  }

  private record Encodings(Object value, @Nullable Object next) {}
}
