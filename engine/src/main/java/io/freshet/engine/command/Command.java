// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.command;

import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.engine.feed.Session;
import io.freshet.engine.guard.Face;
import io.freshet.engine.stream.CursorMove;
import io.freshet.engine.stream.Start;
import io.freshet.engine.stream.StreamHolder;
import io.freshet.engine.stream.StreamTerms;
import io.freshet.engine.stream.StreamTicket;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.spi.RequestKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something a session wants done. Each is answered exactly once through its [ReplyTo], except
/// [Unwatch], [Unfollow], [StreamSign], [Join] and [Leave], which need no answer.
public sealed interface Command {

  /// A command that may change one document.
  sealed interface DocumentWrite extends Command {
    ReplyTo replyTo();

    DocumentKey key();

    /// By whose rules it is judged.
    default Face face() {
      return Face.RECORDS;
    }

    /// Recognises a repetition, which is answered as the first time and changes nothing; null for
    /// none.
    default @Nullable RequestKey request() {
      return null;
    }
  }

  /// Replaces the whole document. Answered by `Committed` or `Rejected`.
  ///
  /// @param data an object or an array
  /// @param create whether a missing document is created
  record Replace(
      ReplyTo replyTo,
      DocumentKey key,
      JsonValue data,
      Condition condition,
      boolean create,
      @Nullable RequestKey request)
      implements DocumentWrite {
    /// One whose repetition is not recognised.
    public Replace(
        ReplyTo replyTo, DocumentKey key, JsonValue data, Condition condition, boolean create) {
      this(replyTo, key, data, condition, create, null);
    }
  }

  /// Edits fields, all or nothing. Answered by `Committed` or `Rejected`.
  record Edit(
      ReplyTo replyTo,
      DocumentKey key,
      List<FieldOperation> operations,
      Condition condition,
      boolean create,
      @Nullable RequestKey request)
      implements DocumentWrite {
    public Edit {
      operations = List.copyOf(operations);
    }

    /// One whose repetition is not recognised.
    public Edit(
        ReplyTo replyTo,
        DocumentKey key,
        List<FieldOperation> operations,
        Condition condition,
        boolean create) {
      this(replyTo, key, operations, condition, create, null);
    }
  }

  /// Deletes the document and drops its data. Answered by `Committed`, by `Done` when there is
  /// nothing to delete, or by `Rejected`. Everybody stops watching it.
  record Delete(ReplyTo replyTo, DocumentKey key, @Nullable RequestKey request)
      implements DocumentWrite {
    /// One whose repetition is not recognised.
    public Delete(ReplyTo replyTo, DocumentKey key) {
      this(replyTo, key, null);
    }
  }

  /// Opens a missing document, so that it exists at its revision with `{}`. Answered by
  /// `Committed`, by `Done` when it exists, or by `Rejected`. [Watch] does this by itself.
  record Open(ReplyTo replyTo, DocumentKey key) implements DocumentWrite {}

  /// Changes one document as the documents face does. Answered by `Committed`, `State` (there was
  /// nothing to do) or `Rejected`.
  record Revise(ReplyTo replyTo, DocumentKey key, Revision revision, Terms terms)
      implements DocumentWrite {
    @Override
    public Face face() {
      return Face.DOCUMENTS;
    }

    @Override
    public @Nullable RequestKey request() {
      return terms.request();
    }
  }

  /// Changes several documents of one log, each at most once, all or none. Each gets its own
  /// revision and change; the changes share a batch id. Answered by `Batched`.
  ///
  /// @param items at least one; their terms have no `request`
  /// @param request recognises a repetition of the whole; null for none
  record Batch(ReplyTo replyTo, List<Item> items, @Nullable RequestKey request) implements Command {
    public Batch {
      items = List.copyOf(items);
    }

    /// One of them.
    public record Item(DocumentKey key, Revision revision, Terms terms) {}
  }

  /// A command that concerns whole collections, or the past. The guard is asked whether the session
  /// may list, subscribe to or stream the collection (a history: read the document); what comes of
  /// it holds nothing that the session may not read.
  sealed interface OfCollection extends Command {}

  /// Reads a collection's documents page by page, expired ones as tombstones. Answered by `Scanned`
  /// or `Refused`. What it sees is committed, and at least as new as the feed at the moment it is
  /// asked; of one page, not of one moment.
  ///
  /// @param after only ids behind this one; null for all
  /// @param max most documents to look at
  record Scan(ReplyTo replyTo, String collection, @Nullable String after, int max)
      implements OfCollection {}

  /// Reads one document's held changes, oldest first, without openings. Answered by `Changes` or
  /// `Refused`.
  ///
  /// @param after only revisions above this one
  record History(ReplyTo replyTo, DocumentKey key, long after, int max) implements OfCollection {}

  /// Reads the logs from a place on, without openings. Answered by `Replayed`, `Lost` or `Refused`.
  ///
  /// @param after the last change that is known, of the log to be read; null to begin with the
  ///   oldest one held in the log of the interest's collection
  /// @param max most changes to return; fewer are returned when they are large
  record Replay(ReplyTo replyTo, Interest interest, @Nullable EventId after, int max)
      implements OfCollection {}

  /// Starts following: every change of the interest is given to the session's outlet from the
  /// answer on. Answered by `Following`, `Behind`, `Lost` or `Refused`. An outlet gets each change
  /// once, however many of its sessions follow or watch.
  ///
  /// @param after the last changes that are known, one per log; what is missed since then comes
  ///   with the answer if it is little, otherwise the answer is `Behind`: replay first. Logs that
  ///   are not named are followed from now on
  record Follow(ReplyTo replyTo, Interest interest, List<EventId> after) implements OfCollection {
    public Follow {
      after = List.copyOf(after);
    }
  }

  /// Stops following. Not answered.
  record Unfollow(Session session, Interest interest) implements OfCollection {}

  /// A command that concerns change streams, which are replayed and followed by other commands.
  sealed interface OfStreams extends Command {}

  /// Begins a stream. Answered by `StreamOpened`, by `Lost` when its place cannot be gone on from,
  /// or by `Refused` (`STREAMS_DISABLED`, `UNKNOWN_COLLECTION`, `FORBIDDEN`, `LIMIT_REACHED`,
  /// `NAME_IN_USE`). It is open until [CloseStream], or until the session is gone ([Leave]) if it
  /// was begun by one that lasts.
  record OpenStream(ReplyTo replyTo, StreamTerms terms, StreamHolder holder) implements OfStreams {}

  /// Moves cursors forward. Those of streams that are not open any more stay. Answered by `Heads`.
  record MoveCursors(ReplyTo replyTo, List<CursorMove> moves) implements OfStreams {
    public MoveCursors {
      moves = List.copyOf(moves);
    }
  }

  /// The client of a stream is there. Not answered.
  record StreamSign(StreamTicket ticket) implements OfStreams {}

  /// Ends a stream; so its name and its place in the limit are free. Answered by `Done`, also if it
  /// has ended before.
  ///
  /// @param highestSent the last event sent under its name, in this life or before; null for none
  record CloseStream(ReplyTo replyTo, StreamTicket ticket, @Nullable EventId highestSent)
      implements OfStreams {}

  /// Lists open streams and kept places. Answered by `Streams` or `Refused`.
  record ListStreams(ReplyTo replyTo) implements OfStreams {}

  /// Places the cursor of a name anew. Answered by `Done` or `Refused` (`NAME_IN_USE`, `NOT_FOUND`,
  /// or the reasons for which a place cannot be begun from).
  record ResetStream(ReplyTo replyTo, String name, Start start) implements OfStreams {}

  /// Forgets the cursor of a name. Answered by `Done` or `Refused` (`NAME_IN_USE`, `NOT_FOUND`).
  record DeleteStream(ReplyTo replyTo, String name) implements OfStreams {}

  /// Reads one document without watching it. Answered by `State` or `Rejected`.
  ///
  /// @param face by whose rules
  record Read(ReplyTo replyTo, DocumentKey key, Face face) implements Command {
    /// Of a record.
    public Read(ReplyTo replyTo, DocumentKey key) {
      this(replyTo, key, Face.RECORDS);
    }
  }

  /// Starts watching documents. Answered by `Watching`, or by `Rejected` when the store fails.
  ///
  /// @param open whether missing documents are opened, so that they exist at their revision with
  ///   `{}` (a deepstream subscription does)
  record Watch(ReplyTo replyTo, List<DocumentKey> keys, boolean open) implements Command {
    public Watch {
      keys = List.copyOf(keys);
    }
  }

  /// Stops watching. Not answered.
  record Unwatch(Session session, List<DocumentKey> keys) implements Command {
    public Unwatch {
      keys = List.copyOf(keys);
    }
  }

  /// Reads the documents from the store again and sends watchers what differs. Answered by `Done`
  /// or `Rejected`.
  record Refresh(ReplyTo replyTo, List<DocumentKey> keys) implements Command {
    public Refresh {
      keys = List.copyOf(keys);
    }
  }

  /// A command that concerns no document: listening, events, calls, presence. Those of one session
  /// are decided one after the other, also when one has to wait for documents a permission rule
  /// wants to see.
  sealed interface OfMessaging extends Command {
    Session session();
  }

  /// One of them that is answered.
  sealed interface Answered extends OfMessaging {
    ReplyTo replyTo();

    @Override
    default Session session() {
      return replyTo().session();
    }
  }

  /// Registers as a provider for names matching a pattern. Answered by `Done` or `Refused`
  /// (`INVALID_PATTERN`, `LIMIT_REACHED`, `FORBIDDEN`).
  record Listen(ReplyTo replyTo, ListenTopic topic, String pattern) implements Answered {}

  /// Withdraws it. Answered by `Done`.
  record Unlisten(ReplyTo replyTo, ListenTopic topic, String pattern) implements Answered {}

  /// A listener's answer to [io.freshet.engine.feed.ListenSignal.Kind#FOUND]. Answered by `Done`;
  /// ignored unless this session was the one asked.
  record ListenAnswer(
      ReplyTo replyTo, ListenTopic topic, String pattern, String name, boolean accept)
      implements Answered {}

  /// Starts receiving events. Answered by `PerName`.
  record Subscribe(ReplyTo replyTo, List<String> names) implements Answered {
    public Subscribe {
      names = List.copyOf(names);
    }
  }

  /// Stops receiving events. Answered by `PerName`. A [Subscribe] sent before it is answered before
  /// it, so a door that notes subscribers when they are answered forgets them at this answer (too).
  record Unsubscribe(ReplyTo replyTo, List<String> names) implements Answered {
    public Unsubscribe {
      names = List.copyOf(names);
    }
  }

  /// Sends an event to all of its other subscribers, at most once, kept nowhere. Answered by `Done`
  /// when it is on its way, or by `Refused`.
  ///
  /// @param data null for an event without data
  record Emit(ReplyTo replyTo, String name, @Nullable JsonValue data) implements Answered {}

  /// Becomes a provider of procedures. Answered by `PerName`.
  record Provide(ReplyTo replyTo, List<String> names) implements Answered {
    public Provide {
      names = List.copyOf(names);
    }
  }

  /// Provides procedures no more. What was being called goes on. Answered by `PerName`.
  record Unprovide(ReplyTo replyTo, List<String> names) implements Answered {
    public Unprovide {
      names = List.copyOf(names);
    }
  }

  /// Calls a procedure. Answered by `Done` when the call has begun, or by `Refused`; what becomes
  /// of the call is told by [io.freshet.engine.feed.FeedItem.ToCaller], behind that answer, and
  /// ends with a final [io.freshet.engine.feed.CallSignal].
  ///
  /// @param correlationId the caller's, unique among its calls under way
  record Call(ReplyTo replyTo, String name, String correlationId, @Nullable JsonValue data)
      implements Answered {}

  /// What a provider says to a call it was offered. Answered by `Done`; by `CallMismatch` when this
  /// session was not the one asked, has answered already, or accepts twice.
  record CallAnswer(ReplyTo replyTo, String name, String correlationId, ProviderAnswer answer)
      implements Answered {}

  /// Is told when a user's first connection comes and its last one goes. Answered by `PerName`.
  ///
  /// @param users empty for everybody (then the answer has one result)
  record WatchPresence(ReplyTo replyTo, List<String> users) implements Answered {
    public WatchPresence {
      users = List.copyOf(users);
    }
  }

  /// Is told no more. Answered by `PerName`.
  record UnwatchPresence(ReplyTo replyTo, List<String> users) implements Answered {
    public UnwatchPresence {
      users = List.copyOf(users);
    }
  }

  /// Asks who is there. Answered by `Present` or `Refused`.
  ///
  /// @param users those asked about; empty for everybody
  record QueryPresence(ReplyTo replyTo, List<String> users) implements Answered {
    public QueryPresence {
      users = List.copyOf(users);
    }
  }

  /// The session's user is there. Submitted once, before the client learns that it is logged in,
  /// and only by doors whose connections count as presence. Not answered.
  record Join(Session session) implements OfMessaging {}

  /// The session is gone: it listens, subscribes, provides, calls and counts no more. Documents it
  /// watches are given up by [Unwatch]. Not answered.
  record Leave(Session session) implements OfMessaging {}
}
