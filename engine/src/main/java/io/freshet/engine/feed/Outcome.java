// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.engine.stream.SnapshotReading;
import io.freshet.engine.stream.StreamState;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.EventId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.spi.Listed;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What became of a command.
public sealed interface Outcome {
  /// The write stands in the log, durable as its collection asks for.
  record Committed(Change change) implements Outcome {}

  /// The committed state of one document.
  record State(Document document) implements Outcome {}

  /// The documents now watched, one per key asked for, in that order. Handling this answer must add
  /// the session to the loop's watchers before anything else is handled.
  record Watching(List<Watched> documents) implements Outcome {}

  /// One document of [Watching].
  sealed interface Watched {
    /// Watched from this state on: the next change delivered follows it without a gap.
    record Snapshot(Document document, boolean hasProvider) implements Watched {}

    /// Not watched.
    record Refused(Rejected rejection) implements Watched {}
  }

  /// What commands are answered with that concern several documents.
  sealed interface OfCollection extends Outcome {}

  /// What became of each item of a batch, in its order: all `Committed`, or none. An item that was
  /// in order where another was not is `Rejected` with the other's code.
  ///
  /// @param failed place of the item that decides the whole; -1 when all is well
  record Batched(List<Outcome> items, int failed) implements OfCollection {}

  /// @param next where to go on; null at the end
  record Scanned(List<Listed> documents, @Nullable String next) implements OfCollection {}

  /// @param more whether there are further ones behind the last
  record Changes(List<Change> changes, boolean more) implements OfCollection {}

  /// @param upTo the last change looked at, also when it was not of the interest: where to go on
  /// @param atHead whether nothing was behind it at that moment
  record Replayed(List<Change> changes, EventId upTo, boolean atHead) implements OfCollection {}

  /// The session follows. Handling this answer must begin the delivery before anything else is
  /// handled.
  ///
  /// @param missed the changes since the place asked for, in log order
  /// @param position the last change of each log before the first one delivered live
  record Following(List<Change> missed, List<EventId> position) implements OfCollection {}

  /// The place asked for is too far behind to follow from: replay first.
  enum Behind implements OfCollection {
    BEHIND
  }

  /// It cannot be gone on from this place.
  ///
  /// @param code `CURSOR_EXPIRED` when changes behind it are no longer held, `SOURCE_GAP` when the
  ///   log began a new epoch or never gave this id
  /// @param position the last change of each log now
  record Lost(ErrorCode code, String message, List<EventId> position) implements OfCollection {}

  /// What commands are answered with that concern streams.
  sealed interface OfStreams extends OfCollection {}

  /// A stream is open.
  ///
  /// @param after the last change before its first one; null when it begins with the oldest held
  /// @param resumed whether the place was kept
  /// @param highestSent the last event that was sent under its name before; null if that is not
  ///   known. Acknowledgements up to there count
  /// @param snapshot whose rows it brings; null for none
  record StreamOpened(
      StreamTicket ticket,
      @Nullable EventId after,
      boolean resumed,
      @Nullable EventId highestSent,
      @Nullable SnapshotReading snapshot)
      implements OfStreams {}

  /// The last change of each log that has been published.
  record Heads(List<EventId> position) implements OfStreams {}

  record Streams(List<StreamState> states) implements OfStreams {}

  /// There was nothing to do, and that is fine: deleting what is not there, an accepted listener.
  enum Done implements Outcome {
    DONE
  }

  /// Not done.
  ///
  /// @param message for the user: what is wrong and what to do
  /// @param current the document's committed state at this point of the feed
  record Rejected(ErrorCode code, String message, Document current) implements Outcome {}

  /// What commands are answered with that concern no document: listening, events, calls, presence.
  sealed interface OfMessaging extends Outcome {}

  /// Not done.
  ///
  /// @param message for the user: what is wrong and what to do
  record Refused(ErrorCode code, String message) implements OfMessaging, OfName {}

  /// What became of each name of the command, in its order.
  record PerName(List<OfName> results) implements OfMessaging {}

  /// One result of [PerName].
  sealed interface OfName {}

  /// One result of [PerName] that is no refusal.
  enum Plain implements OfName {
    /// Done.
    CHANGED,
    /// It was so before: already subscribed or provided, or not at all.
    UNCHANGED
  }

  /// Who is there: of the users asked about, or of everybody (the asking session's own user
  /// included; a door may leave it out).
  record Present(Set<String> users) implements OfMessaging {}

  /// The answer of a provider that was not taken.
  enum CallMismatch implements OfMessaging {
    /// The call is unknown, over, or somebody else's.
    NO_SUCH_CALL,
    /// The provider had accepted before.
    ALREADY_ACCEPTED
  }
}
