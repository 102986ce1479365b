// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.filter;

import io.freshet.protocol.Captured;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Operation;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// What a filter looks at: one state of one document, and what has just been done to it.
///
/// @param documentId the document's id within its collection
/// @param operation what was done; `SNAPSHOT` for a state that is read
/// @param data the state the filter's fields are looked up in
/// @param previous the state before, for filters that ask about it; null when there was none or it
///   is not known
/// @param partial whether members that are not there are unknown, so that nothing said of them is
///   true; otherwise they are null (lists: empty). For rows a source knows in part: the key of a
///   deleted row, an update without its large columns
public record Row(
    String documentId,
    Operation operation,
    JsonValue data,
    @Nullable JsonValue previous,
    boolean partial) {

  /// The row a change stream tests and shows: the document a change left behind, or for a delete
  /// the one it took away.
  public static Row of(Change change) {
    return Action.of(change.operation()) == Action.DELETE ? deleted(change) : after(change);
  }

  /// The document a change left behind.
  public static Row after(Change change) {
    Document before = change.before();
    Captured captured = change.captured();
    JsonValue held = before.isLive() ? before.data() : null;
    JsonValue previous = captured == null ? held : captured.former();
    boolean partial = captured != null && captured.partial();
    return new Row(change.key().id(), change.operation(), change.after().data(), previous, partial);
  }

  /// Of a source's row, what it tells of it: perhaps no more than its key.
  private static Row deleted(Change change) {
    Captured captured = change.captured();
    if (captured == null) {
      return before(change);
    }
    JsonObject former = captured.former();
    JsonObject known = former == null ? JsonObject.empty() : former;
    return new Row(change.key().id(), change.operation(), known, null, true);
  }

  /// The document a change was made on.
  public static Row before(Change change) {
    return of(change.before(), change.operation());
  }

  /// A document as it stands, in a list or a snapshot.
  public static Row of(Document document, Operation operation) {
    return new Row(document.key().id(), operation, document.data(), null, false);
  }
}
