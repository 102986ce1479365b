// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The answer to a request, the same for every transport: a status and what goes with it. The
/// transport adds its framing.
///
/// Immutable; any thread.
public final class SyncAnswer {
  static final int OK = 200;
  static final int CREATED = 201;

  private final int status;
  private final Body body;

  /// What an answer holds.
  sealed interface Body {
    /// @param deleted whether it counts as deleted
    record Whole(Document document, boolean deleted) implements Body {}

    /// The document was deleted.
    record Gone(Document document) implements Body {}

    /// @param next where to go on; null at the end
    record Page(List<Whole> documents, @Nullable String next) implements Body {}

    /// @param next the revision to go on from; null at the end
    record Changes(List<Change> changes, @Nullable Long next) implements Body {}

    record Results(List<SyncAnswer> results) implements Body {}

    record Refusal(Problem problem) implements Body {}
  }

  SyncAnswer(int status, Body body) {
    this.status = status;
    this.body = body;
  }

  /// A refusal.
  public static SyncAnswer refused(ErrorCode code, String message) {
    return of(Problem.of(code, message));
  }

  /// A refusal.
  public static SyncAnswer refused(FreshetException why) {
    return of(Problem.of(why));
  }

  static SyncAnswer of(Problem problem) {
    return new SyncAnswer(problem.status(), new Body.Refusal(problem));
  }

  /// As in HTTP.
  public int status() {
    return status;
  }

  /// The one document this is about, as it is now; null if it is about none or several, or a
  /// refusal.
  public @Nullable Document document() {
    return switch (body) {
      case Body.Whole(Document document, boolean _) -> document;
      case Body.Gone(Document document) -> document;
      case Body.Page _, Body.Changes _, Body.Results _, Body.Refusal _ -> null;
    };
  }

  /// Why it was refused; null if it was not. Why it was refused; null if it was not.
  public @Nullable ErrorCode refusal() {
    return body instanceof Body.Refusal(Problem problem) ? problem.code() : null;
  }

  /// All about why it was refused; null if it was not.
  @Nullable Problem problem() {
    return body instanceof Body.Refusal(Problem problem) ? problem : null;
  }

  /// The text of an HTTP answer's body.
  ///
  /// @param requestId told to whoever was refused; null for none
  public String text(@Nullable String requestId) {
    var out = new JsonOutput();
    if (body instanceof Body.Whole || body instanceof Body.Gone) {
      writeDocument(out);
    } else {
      writeMembers(out.raw("{"), requestId);
      out.raw("}");
    }
    return out.toString();
  }

  /// The members a frame on a socket has for it.
  void writeMembers(JsonOutput out, @Nullable String requestId) {
    switch (body) {
      case Body.Whole _, Body.Gone _ -> writeDocument(out.raw("\"document\":"));
      case Body.Page(var documents, String next) -> {
        out.raw("\"documents\":[");
        for (int i = 0; i < documents.size(); i++) {
          Body.Whole each = documents.get(i);
          DocumentText.write(i == 0 ? out : out.raw(","), each.document, each.deleted);
        }
        out.raw("],\"next\":");
        writeNext(out, next);
      }
      case Body.Changes(var changes, Long next) -> {
        out.raw("\"changes\":[");
        for (int i = 0; i < changes.size(); i++) {
          ChangeText.writeHistory(i == 0 ? out : out.raw(","), changes.get(i));
        }
        out.raw("],\"next\":").raw(next == null ? "null" : Long.toString(next));
      }
      case Body.Results(var results) -> writeResults(out, results);
      case Body.Refusal(Problem problem) -> problem.writeMembers(out, requestId);
    }
  }

  private static void writeNext(JsonOutput out, @Nullable String next) {
    if (next == null) {
      out.raw("null");
    } else {
      out.string(next);
    }
  }

  private static void writeResults(JsonOutput out, List<SyncAnswer> results) {
    out.raw("\"results\":[");
    for (int i = 0; i < results.size(); i++) {
      SyncAnswer each = results.get(i);
      out.raw(i == 0 ? "{\"status\":" : ",{\"status\":").number(each.status).raw(",");
      if (each.body instanceof Body.Refusal(Problem problem)) {
        problem.writeMembers(out.raw("\"error\":{"), null);
        out.raw("}");
      } else {
        each.writeMembers(out, null);
      }
      out.raw("}");
    }
    out.raw("]");
  }

  private void writeDocument(JsonOutput out) {
    if (body instanceof Body.Whole(Document document, boolean deleted)) {
      DocumentText.write(out, document, deleted);
    } else if (body instanceof Body.Gone(Document document)) {
      DocumentText.writeGone(out, document);
    }
  }
}
