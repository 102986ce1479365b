// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.command.Revision;
import io.freshet.engine.feed.Outcome;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.Document.Life;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.Operation;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.filter.Row;
import io.freshet.server.sync.SyncAnswer.Body;
import io.freshet.server.sync.SyncRequest.Conditions;
import io.freshet.spi.Listed;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes answers of what became of requests.
///
/// Immutable; any thread.
public final class Answering {
  private final InstantSource clock;

  /// @param clock tells which documents' time is over
  public Answering(InstantSource clock) {
    this.clock = clock;
  }

  /// @param outcome of the request's command
  public SyncAnswer answer(SyncRequest request, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Rejected rejected -> SyncAnswer.of(problem(request, rejected));
      case Outcome.Refused(ErrorCode code, String message) -> SyncAnswer.refused(code, message);
      case Outcome.Committed(Change change) when request instanceof SyncRequest.Revise ->
          committed(change);
      case Outcome.State(Document document) -> state(request, document);
      case Outcome.Scanned(var documents, String next)
          when request instanceof SyncRequest.Listing list ->
          page(documents, next, list);
      case Outcome.Changes(var changes, boolean more) -> changes(changes, more);
      case Outcome.Batched(var items, int failed) when request instanceof SyncRequest.Batch batch ->
          results(batch, items, failed);
      case Outcome.Committed _,
          Outcome.Watching _,
          Outcome.OfCollection _,
          Outcome.Done _,
          Outcome.OfMessaging _ ->
          throw new IllegalStateException("no answer to this request: " + outcome.getClass());
    };
  }

  private static SyncAnswer committed(Change change) {
    Document after = change.after();
    return after.isLive()
        ? new SyncAnswer(
            change.operation() == Operation.CREATE ? SyncAnswer.CREATED : SyncAnswer.OK,
            new Body.Whole(after, false))
        : new SyncAnswer(SyncAnswer.OK, new Body.Gone(after));
  }

  private SyncAnswer state(SyncRequest request, Document document) {
    boolean deleted = isDeleted(document);
    return switch (request) {
      case SyncRequest.Get(DocumentKey key, boolean includeDeleted)
          when !document.isLive() && !(deleted && includeDeleted) || deleted && !includeDeleted ->
          SyncAnswer.of(notFound(key, document));
      case SyncRequest.Revise revise when revise.revision() == Revision.Delete.DELETE ->
          new SyncAnswer(SyncAnswer.OK, new Body.Gone(document));
      case SyncRequest.Get _,
          SyncRequest.Revise _,
          SyncRequest.Listing _,
          SyncRequest.History _,
          SyncRequest.Batch _ ->
          new SyncAnswer(SyncAnswer.OK, new Body.Whole(document, deleted));
    };
  }

  private boolean isDeleted(Document document) {
    return document.life() == Life.TOMBSTONE || document.isExpired(clock.millis());
  }

  private Problem notFound(DocumentKey key, Document document) {
    boolean deleted = isDeleted(document);
    String name = name(key);
    return new Problem(
        ErrorCode.NOT_FOUND,
        deleted ? name + " was deleted" : "There is no document " + name,
        new Problem.Details(
            key.collection(), key.id(), null, deleted ? document : null, deleted, false));
  }

  static String name(DocumentKey key) {
    return key.collection() + "/" + key.id();
  }

  private Problem problem(SyncRequest request, Outcome.Rejected rejected) {
    if (!(request instanceof SyncRequest.Revise revise)) {
      return about(rejected, null, false);
    }
    return about(rejected, expected(revise.conditions()), revise.returnCurrent());
  }

  private static @Nullable Long expected(Conditions conditions) {
    return conditions.expectedRevision() != null
        ? conditions.expectedRevision()
        : conditions.ifMatch();
  }

  /// What the document is like is told only where the refusal is about that: whoever is refused for
  /// another reason may not be allowed to know.
  private Problem about(
      Outcome.Rejected rejected, @Nullable Long expectedRevision, boolean returnCurrent) {
    Document current = rejected.current();
    boolean deleted = isDeleted(current);
    boolean ofState =
        switch (rejected.code()) {
          case REVISION_CONFLICT, ALREADY_EXISTS, TEST_FAILED, PRECONDITION_FAILED -> true;
          case NOT_FOUND -> deleted;
          case ErrorCode _ -> false;
        };
    DocumentKey key = current.key();
    var problem =
        new Problem(
            rejected.code(),
            rejected.message(),
            new Problem.Details(
                key.collection(),
                key.id(),
                ofState ? expectedRevision : null,
                ofState ? current : null,
                deleted,
                returnCurrent && ofState && current.isLive()));
    return problem.ofResult();
  }

  // Several.

  private SyncAnswer page(
      List<Listed> documents, @Nullable String next, SyncRequest.Listing request) {
    var shown = new ArrayList<Body.Whole>(documents.size());
    for (Listed each : documents) {
      Document document = each.document();
      boolean deleted = isDeleted(document);
      boolean wanted = deleted ? request.includeDeleted() : document.isLive();
      if (wanted && request.filter().matches(Row.of(document, Operation.SNAPSHOT))) {
        shown.add(new Body.Whole(document, deleted));
      }
    }
    return new SyncAnswer(SyncAnswer.OK, new Body.Page(shown, next));
  }

  private static SyncAnswer changes(List<Change> changes, boolean more) {
    Long next = more && !changes.isEmpty() ? changes.getLast().revision() : null;
    return new SyncAnswer(SyncAnswer.OK, new Body.Changes(changes, next));
  }

  private SyncAnswer results(SyncRequest.Batch batch, List<Outcome> items, int failed) {
    var results = new ArrayList<SyncAnswer>(items.size());
    for (int i = 0; i < items.size(); i++) {
      results.add(answer(batch.items().get(i), items.get(i)));
    }
    int status = failed < 0 ? SyncAnswer.OK : results.get(failed).status();
    return new SyncAnswer(status, new Body.Results(results));
  }
}
