// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.follow;

import io.freshet.engine.feed.Seen;
import io.freshet.engine.guard.Asking;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Captured;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Asks the guard about single documents and changes for those who may not see all of a collection.
/// Nothing is loaded for it: a rule that wants to see other documents hides this one.
///
/// Threading: the engine's thread only.
public final class Rows {
  private final Asking asking;

  public Rows(Asking asking) {
    this.asking = asking;
  }

  /// Whether everybody sees the same of this document.
  boolean isSameForAll(Face face, DocumentKey key) {
    return asking.isSameForAll(face, key);
  }

  boolean mayRead(Principal principal, Face face, Document document) {
    return mayRead(principal, face, document, Map.of());
  }

  /// @param loaded other documents that the rule may look at
  boolean mayRead(
      Principal principal, Face face, Document document, Map<DocumentKey, Document> loaded) {
    var subject = new Subject.OfDocument(document, document);
    return asking.ask(principal, face, GuardAction.READ, subject, loaded)
        instanceof GuardAnswer.Allow;
  }

  Seen seen(Principal principal, Face face, Change change) {
    return seen(principal, face, change, Map.of());
  }

  /// A state that is known in part is judged as one that may not be seen: what is not known might
  /// forbid it. So is what a source says of a row that is not held.
  private Seen seen(
      Principal principal, Face face, Change change, Map<DocumentKey, Document> loaded) {
    Document before = change.before();
    Document after = change.after();
    Captured captured = change.captured();
    boolean sees =
        after.isLive()
            && (captured == null || !captured.partial())
            && mayRead(principal, face, after, loaded);
    if (!before.isLive() || change.operation() == Operation.SNAPSHOT) {
      boolean tellsMore = captured != null && captured.former() != null;
      return !sees ? Seen.NOTHING : tellsMore ? Seen.ENTERING : Seen.WHOLE;
    }
    boolean saw = mayRead(principal, face, before, loaded);
    if (!after.isLive()) {
      return saw ? Seen.WHOLE : Seen.NOTHING;
    }
    if (sees) {
      return saw ? Seen.WHOLE : Seen.ENTERING;
    }
    return saw ? Seen.LEAVING : Seen.NOTHING;
  }

  /// The change as it is seen; null for nothing.
  @Nullable Change show(
      Principal principal, Face face, Change change, Map<DocumentKey, Document> loaded) {
    return seen(principal, face, change, loaded).show(face, change);
  }

  /// The changes as they are seen, without those that are not.
  List<Change> show(Principal principal, Face face, List<Change> changes) {
    var shown = new ArrayList<Change>(changes.size());
    for (Change each : changes) {
      Change seen = show(principal, face, each, Map.of());
      if (seen != null) {
        shown.add(seen);
      }
    }
    return shown;
  }
}
