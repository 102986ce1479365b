// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.error.ErrorCode;
import java.util.List;
import java.util.Set;

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
