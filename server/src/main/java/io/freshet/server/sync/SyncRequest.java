// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Revision;
import io.freshet.engine.command.Terms;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.guard.Face;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.filter.Filter;
import io.freshet.spi.RequestKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One thing asked of the documents face, read and checked as far as that goes without the
/// documents; the same for every transport.
public sealed interface SyncRequest {
  /// What the engine is asked.
  Command command(ReplyTo replyTo);

  /// Changes one document.
  ///
  /// @param idScope what the idempotency key is unique within
  /// @param returnCurrent whether a refusal for its revision carries the document as it is
  record Revise(
      DocumentKey key,
      Revision revision,
      Conditions conditions,
      String idScope,
      boolean returnCurrent)
      implements SyncRequest {
    @Override
    public Command command(ReplyTo replyTo) {
      return new Command.Revise(replyTo, key, revision, conditions.terms(replyTo, idScope));
    }
  }

  /// Reads one document.
  record Get(DocumentKey key, boolean includeDeleted) implements SyncRequest {
    @Override
    public Command command(ReplyTo replyTo) {
      return new Command.Read(replyTo, key, Face.DOCUMENTS);
    }
  }

  /// Reads a collection page by page.
  ///
  /// @param after only ids behind this one; null for all
  /// @param limit most documents to look at; those the filter leaves out count too
  record Listing(
      String service, @Nullable String after, int limit, Filter filter, boolean includeDeleted)
      implements SyncRequest {
    @Override
    public Command command(ReplyTo replyTo) {
      return new Command.Scan(replyTo, service, after, limit);
    }
  }

  /// Reads the held changes of one document.
  ///
  /// @param sinceRevision only revisions above this one
  record History(DocumentKey key, long sinceRevision, int limit) implements SyncRequest {
    @Override
    public Command command(ReplyTo replyTo) {
      return new Command.History(replyTo, key, sinceRevision, limit);
    }
  }

  /// Changes several documents, all or none.
  record Batch(List<Revise> items, Conditions conditions) implements SyncRequest {
    private static final String SCOPE = "batch";

    public Batch {
      items = List.copyOf(items);
    }

    @Override
    public Command command(ReplyTo replyTo) {
      var asked =
          items.stream()
              .map(item ->
                  new Command.Batch.Item(
                      item.key, item.revision, item.conditions.terms(replyTo, SCOPE)))
              .toList();
      return new Command.Batch(replyTo, asked, conditions.terms(replyTo, SCOPE).request());
    }
  }

  /// What a request says beside what it wants done.
  ///
  /// @param expectedRevision as in [Terms]
  /// @param ifMatch as in [Terms]
  /// @param idempotencyKey recognises a repetition; null for none
  /// @param requestId the client's name for this request; null for none
  record Conditions(
      @Nullable Long expectedRevision,
      @Nullable Long ifMatch,
      @Nullable String idempotencyKey,
      @Nullable String requestId) {
    /// None.
    public static final Conditions NONE = new Conditions(null, null, null, null);

    Conditions expecting(@Nullable Long revision) {
      return new Conditions(revision, ifMatch, idempotencyKey, requestId);
    }

    Terms terms(ReplyTo replyTo, String scope) {
      RequestKey request =
          idempotencyKey == null
              ? null
              : new RequestKey(replyTo.session().principal().id(), scope, idempotencyKey);
      return new Terms(expectedRevision, ifMatch, request, requestId);
    }
  }
}
