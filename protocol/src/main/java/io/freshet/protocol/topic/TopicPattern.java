// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.topic;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a subscription of the documents face is for (Sync contract 4.1): a topic
/// `sync.<collection>.updated|created|deleted`, or a pattern of topics in which `*` stands for one
/// segment and `>` or `**` at the end for one or more. It comes to one collection or all, and a set
/// of kinds.
public final class TopicPattern {
  private static final String SOURCE = "sync";
  private static final int SEGMENTS = 3;
  private static final int LENGTH_MAX = 256;
  private static final int SHOWN_MAX = 80;

  private final String text;
  private final @Nullable String collection;
  private final Set<TopicKind> kinds;

  private TopicPattern(String text, @Nullable String collection, Set<TopicKind> kinds) {
    this.text = text;
    this.collection = collection;
    this.kinds = kinds;
  }

  /// @throws FreshetException `INVALID_ARGUMENT` for a text no topic can match
  public static TopicPattern parse(String text) {
    String[] segments = text.length() > LENGTH_MAX ? new String[0] : text.split("\\.", -1);
    boolean open = segments.length > 0 && isRest(segments[segments.length - 1]);
    if (open ? segments.length > SEGMENTS : segments.length != SEGMENTS) {
      throw refused(text, "it must have three segments");
    }
    var pattern = new String[] {"*", "*", "*"};
    System.arraycopy(segments, 0, pattern, 0, open ? segments.length - 1 : SEGMENTS);
    if (!pattern[0].equals("*") && !pattern[0].equals(SOURCE)) {
      throw refused(text, "topics begin with \"sync\"");
    }
    return new TopicPattern(text, collection(text, pattern[1]), kinds(text, pattern[2]));
  }

  private static boolean isRest(String segment) {
    return segment.equals(">") || segment.equals("**");
  }

  private static @Nullable String collection(String text, String segment) {
    if (segment.equals("*")) {
      return null;
    }
    if (!DocumentKey.isCollection(segment)) {
      throw refused(
          text,
          "the second segment must be the name of a collection, or * for all (a wildcard stands for"
              + " a whole segment)");
    }
    return segment;
  }

  private static Set<TopicKind> kinds(String text, String segment) {
    if (segment.equals("*")) {
      return EnumSet.allOf(TopicKind.class);
    }
    for (TopicKind kind : TopicKind.values()) {
      if (kind.text().equals(segment)) {
        return EnumSet.of(kind);
      }
    }
    throw refused(text, "the last segment must be updated, created or deleted, or * for all three");
  }

  private static FreshetException refused(String text, String why) {
    String shown = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text;
    return new FreshetException(
        ErrorCode.INVALID_ARGUMENT,
        "There is no topic \""
            + shown
            + "\": "
            + why
            + ". Subscribe to"
            + " sync.<collection>.updated, .created or .deleted, with * for one segment or > for"
            + " the rest");
  }

  /// The only collection this is about; null when it is about all.
  public @Nullable String collection() {
    return collection;
  }

  /// At least one.
  public Set<TopicKind> kinds() {
    return Set.copyOf(kinds);
  }

  /// Whether the topic of that collection and kind is one of these.
  public boolean matches(String ofCollection, TopicKind kind) {
    return kinds.contains(kind) && isAbout(ofCollection);
  }

  /// Whether a change of a document of that collection is sent to a subscriber of this.
  public boolean matches(String ofCollection, Operation operation) {
    return isAbout(ofCollection) && carrying(operation) != null;
  }

  private boolean isAbout(String ofCollection) {
    return collection == null || collection.equals(ofCollection);
  }

  /// The topic under which a subscriber of this is sent such a change: `updated` if that is among
  /// its kinds, otherwise the kind that carries the change.
  ///
  /// @throws IllegalArgumentException when no kind of this carries it
  public String topicOf(String ofCollection, Operation operation) {
    TopicKind kind = carrying(operation);
    if (kind == null) {
      throw new IllegalArgumentException(text + " carries no " + operation);
    }
    return SOURCE + "." + ofCollection + "." + kind.text();
  }

  /// `UPDATED` comes first in its enumeration.
  private @Nullable TopicKind carrying(Operation operation) {
    for (TopicKind kind : kinds) {
      if (kind.carries(operation)) {
        return kind;
      }
    }
    return null;
  }

  /// Equal when the same topics match, however that was written.
  @Override
  public boolean equals(Object other) {
    return other instanceof TopicPattern that
        && kinds.equals(that.kinds)
        && Objects.equals(collection, that.collection);
  }

  @Override
  public int hashCode() {
    return 31 * kinds.hashCode() + Objects.hashCode(collection);
  }

  /// As it was written.
  @Override
  public String toString() {
    return text;
  }
}
