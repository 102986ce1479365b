// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.engine.guard.Face;
import io.freshet.protocol.Captured;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.Operation;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// What somebody may see of a change.
public enum Seen {
  /// All of it.
  WHOLE,
  /// The state after it: as if the document had not been there before.
  ENTERING,
  /// The state before it: as if the document were gone.
  LEAVING,
  NOTHING;

  /// The change as it is seen: it holds nothing that is not. Streams are told of a document that
  /// comes into view as of one that is created, and of one that goes out of view as of one that is
  /// deleted; topics keep the operation, and the state that is not seen is [Life#MISSING].
  ///
  /// @return null for nothing
  public @Nullable Change show(Face face, Change change) {
    return switch (this) {
      case WHOLE -> change;
      case ENTERING -> entering(face, change);
      case LEAVING -> leaving(face, change);
      case NOTHING -> null;
    };
  }

  private static Change entering(Face face, Change change) {
    Captured told = change.captured();
    Operation operation = face == Face.STREAMS ? Operation.CREATE : change.operation();
    return with(
        change,
        operation,
        hidden(change.before()),
        change.after(),
        told == null ? null : new Captured(null, told.hidden(), told.partial()));
  }

  private static Change leaving(Face face, Change change) {
    if (face != Face.STREAMS) {
      return with(change, change.operation(), change.before(), hidden(change.after()), null);
    }
    Captured told = change.captured();
    JsonObject former = change.before().data() instanceof JsonObject row ? row : null;
    return with(
        change,
        Operation.DELETE,
        change.before(),
        gone(change.after()),
        told == null ? null : new Captured(former, told.hidden(), false));
  }

  private static Document hidden(Document document) {
    return as(document, Life.MISSING, JsonObject.empty());
  }

  private static Document gone(Document document) {
    return as(document, Life.TOMBSTONE, JsonNull.NULL);
  }

  private static Document as(Document document, Life life, JsonValue data) {
    return new Document(
        document.key(), life, document.revision(), data, 0, document.updatedAt(), 0, "");
  }

  private static Change with(
      Change change,
      Operation operation,
      Document before,
      Document after,
      @Nullable Captured captured) {
    return new Change(
        change.id(),
        change.position(),
        operation,
        before,
        after,
        null,
        change.actor(),
        change.batch(),
        captured);
  }
}
