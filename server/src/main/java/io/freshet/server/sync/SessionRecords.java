// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.sync;

import io.freshet.engine.command.Command;
import io.freshet.engine.command.Condition;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.engine.feed.Outcome;
import io.freshet.engine.feed.Outcome.Watched;
import io.freshet.engine.feed.ReplyTo;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.server.gate.DoorReply;
import io.freshet.spi.RequestKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The live records of one connection: asks become commands, each with the reply that answers it in
/// the order of the engine's feed.
///
/// A write without `ref` is answered only if it is refused; a write that named no version and was
/// made to an open record is answered with what became of the record.
///
/// Threading: confined to the connection's event loop.
final class SessionRecords {
  private final SyncSession session;
  private final Map<DocumentKey, OpenRecord> open = new HashMap<>(2);
  private boolean hasListened;

  SessionRecords(SyncSession session) {
    this.session = session;
  }

  // Asks.

  /// @param bytes of the message
  void ask(@Nullable String ref, RecordAsk ask, int bytes) {
    switch (ask) {
      case RecordAsk.Open(DocumentKey key, boolean create) -> open(ref, key, create, bytes);
      case RecordAsk.Close(DocumentKey key) -> close(ref, key);
      case RecordAsk.Write write -> submit(new WriteReply(ref, bytes, write), write);
      case RecordAsk.Delete(DocumentKey key, String idempotencyKey) -> {
        var reply = new DeleteReply(ref, bytes, key);
        session.submit(new Command.Delete(reply, key, request(key, idempotencyKey)), reply);
      }
      case RecordAsk.Read(DocumentKey key, boolean withData) -> {
        var reply = new ReadReply(ref, bytes, withData);
        session.submit(new Command.Read(reply, key), reply);
      }
      case RecordAsk.Notify(List<DocumentKey> keys) -> {
        var reply = new PlainReply(ref, bytes, "", "");
        session.submit(new Command.Refresh(reply, keys), reply);
      }
      case RecordAsk.Listen(String pattern) -> {
        hasListened = true;
        var reply = new PlainReply(ref, bytes, "listening", pattern);
        session.submit(new Command.Listen(reply, ListenTopic.RECORD, pattern), reply);
      }
      case RecordAsk.Unlisten(String pattern) -> {
        var reply = new PlainReply(ref, bytes, "unlistened", pattern);
        session.submit(new Command.Unlisten(reply, ListenTopic.RECORD, pattern), reply);
      }
      case RecordAsk.Answer(String pattern, String name, boolean accept) -> {
        var reply = new PlainReply(null, bytes, "", "");
        session.submit(
            new Command.ListenAnswer(reply, ListenTopic.RECORD, pattern, name, accept), reply);
      }
    }
  }

  private void submit(WriteReply reply, RecordAsk.Write write) {
    session.submit(command(reply, write), reply);
  }

  private Command command(ReplyTo reply, RecordAsk.Write write) {
    DocumentKey key = write.key();
    Condition condition = write.condition();
    RequestKey request = request(key, write.idempotencyKey());
    if (write.operations() != null) {
      return new Command.Edit(reply, key, write.operations(), condition, write.create(), request);
    }
    if (write.data() == null) {
      throw new IllegalStateException("a whole write without data");
    }
    return new Command.Replace(reply, key, write.data(), condition, write.create(), request);
  }

  private @Nullable RequestKey request(DocumentKey key, @Nullable String idempotencyKey) {
    return idempotencyKey == null
        ? null
        : new RequestKey(session.principal().id(), key.recordName(), idempotencyKey);
  }

  private void open(@Nullable String ref, DocumentKey key, boolean create, int bytes) {
    OpenRecord record = open.get(key);
    if (record == null) {
      int max = session.loop().shared().options().subscriptionsMax();
      if (open.size() >= max) {
        String why = "A connection may have at most %d records open".formatted(max);
        session.refused(ref, Problem.of(ErrorCode.LIMIT_REACHED, why));
        return;
      }
      record = new OpenRecord(session, key);
      open.put(key, record);
      session.loop().meter().subscriptions(1);
    }
    record.unanswered++;
    var reply = new OpenReply(ref, bytes, record);
    session.submit(new Command.Watch(reply, List.of(key), create), reply);
  }

  /// Nothing is sent for it any more from here on.
  private void close(@Nullable String ref, DocumentKey key) {
    OpenRecord record = open.get(key);
    if (record == null) {
      session.refused(
          ref, Problem.of(ErrorCode.NOT_FOUND, "This connection has no such record open"));
      return;
    }
    record.isOver = true;
    session.loop().recordFanOut().remove(record);
    forget(record);
    session.submit(new Command.Unwatch(session, List.of(key)));
    session.tell(out -> RecordFrames.done(out, key, ref));
  }

  /// The server ended it: what is still to be answered stays wanted.
  void dropped(OpenRecord record) {
    session.loop().recordFanOut().remove(record);
    if (record.unanswered == 0) {
      forget(record);
    }
  }

  /// It may not be read here any more. One that is being asked for again stays wanted: its answer
  /// is on its way, and says what is so by then.
  void noMore(DocumentKey key, Problem why) {
    OpenRecord record = open.get(key);
    if (record != null && record.isLive) {
      dropped(record);
      session.loop().meter().refused(why.code());
      session.tell(out -> RecordFrames.noMore(out, key, why));
    }
  }

  /// It may not provide these records any more.
  void listensNoMore(String pattern, Problem why) {
    session.loop().meter().refused(why.code());
    session.tell(out -> RecordFrames.listensNoMore(out, pattern, why));
  }

  private void forget(OpenRecord record) {
    if (open.remove(record.key, record)) {
      session.loop().meter().subscriptions(-1);
    }
  }

  /// The connection is gone.
  void leave() {
    List<DocumentKey> keys = List.copyOf(open.keySet());
    for (OpenRecord each : open.values()) {
      each.isOver = true;
      session.loop().recordFanOut().remove(each);
    }
    open.clear();
    session.loop().meter().subscriptions(-keys.size());
    if (!keys.isEmpty()) {
      session.loop().submitSurely(new Command.Unwatch(session, keys));
    }
    if (hasListened) {
      session.loop().submitSurely(new Command.Leave(session));
    }
  }

  // Answers.

  private abstract class RecordReply extends DoorReply {
    final @Nullable String ref;

    RecordReply(@Nullable String ref, int bytes) {
      super(session, bytes);
      this.ref = ref;
    }

    final void refuse(Outcome.Rejected why) {
      session.refused(ref, problem(why));
    }
  }

  /// What the record is like is told only where the refusal is about that: whoever is refused for
  /// another reason may not be allowed to know.
  private static Problem problem(Outcome.Rejected why) {
    Document current = why.current();
    DocumentKey key = current.key();
    boolean isOfState =
        why.code() == ErrorCode.REVISION_CONFLICT || why.code() == ErrorCode.INVALID_VERSION;
    return new Problem(
            why.code(),
            why.message(),
            new Problem.Details(
                key.collection(),
                key.id(),
                null,
                isOfState ? current : null,
                false,
                isOfState && current.isLive()))
        .ofResult();
  }

  private final class OpenReply extends RecordReply {
    private final OpenRecord record;

    OpenReply(@Nullable String ref, int bytes, OpenRecord record) {
      super(ref, bytes);
      this.record = record;
    }

    @Override
    protected void answer(Outcome outcome) {
      record.unanswered--;
      switch (outcome) {
        case Outcome.Watching(List<Watched> watched) -> watching(watched.getFirst());
        case Outcome.Rejected why -> refused(why);
        case Outcome.Committed _,
            Outcome.Done _,
            Outcome.State _,
            Outcome.OfCollection _,
            Outcome.OfMessaging _ ->
            throw unexpected(outcome);
      }
    }

    private void watching(Watched watched) {
      switch (watched) {
        case Watched.Refused(Outcome.Rejected why) -> refused(why);
        case Watched.Snapshot(Document document, boolean hasProvider) -> {
          if (record.isOver) {
            unwatch();
          } else {
            session.loop().recordFanOut().add(record);
            record.revision = document.revision();
          }
          session.tell(out -> RecordFrames.opened(out, document, hasProvider, ref));
        }
      }
    }

    /// Closed before this answer: the engine may not have known what to unwatch when it was told.
    private void unwatch() {
      if (!open.containsKey(record.key)) {
        session.loop().submitSurely(new Command.Unwatch(session, List.of(record.key)));
      }
    }

    private void refused(Outcome.Rejected why) {
      if (!record.isOver && !record.isLive) {
        dropped(record);
      }
      refuse(why);
    }
  }

  private final class WriteReply extends RecordReply {
    private final DocumentKey key;
    private final boolean isOfAnyVersion;

    WriteReply(@Nullable String ref, int bytes, RecordAsk.Write write) {
      super(ref, bytes);
      this.key = write.key();
      this.isOfAnyVersion = write.condition() instanceof Condition.Any;
    }

    @Override
    protected void answer(Outcome outcome) {
      switch (outcome) {
        case Outcome.Committed(var change) -> {
          OpenRecord record = open.get(key);
          boolean isSurprising = isOfAnyVersion && record != null && record.isLive;
          if (ref != null || isSurprising) {
            session.tell(out -> RecordFrames.state(out, change.after(), isSurprising, ref));
          }
        }
        case Outcome.Done _ -> session.tell(out -> RecordFrames.done(out, key, ref));
        case Outcome.Rejected why -> refuse(why);
        case Outcome.State _, Outcome.Watching _, Outcome.OfCollection _, Outcome.OfMessaging _ ->
            throw unexpected(outcome);
      }
    }
  }

  private final class DeleteReply extends RecordReply {
    private final DocumentKey key;

    DeleteReply(@Nullable String ref, int bytes, DocumentKey key) {
      super(ref, bytes);
      this.key = key;
    }

    @Override
    protected void answer(Outcome outcome) {
      switch (outcome) {
        case Outcome.Committed _, Outcome.Done _ ->
            session.tell(out -> RecordFrames.done(out, key, ref));
        case Outcome.Rejected why -> refuse(why);
        case Outcome.State _, Outcome.Watching _, Outcome.OfCollection _, Outcome.OfMessaging _ ->
            throw unexpected(outcome);
      }
    }
  }

  private final class ReadReply extends RecordReply {
    private final boolean withData;

    ReadReply(@Nullable String ref, int bytes, boolean withData) {
      super(ref, bytes);
      this.withData = withData;
    }

    @Override
    protected void answer(Outcome outcome) {
      switch (outcome) {
        case Outcome.State(Document document) when withData && !document.isRecord() ->
            session.refused(
                ref,
                Problem.of(
                    ErrorCode.NOT_FOUND, "There is no record " + document.key().recordName()));
        case Outcome.State(Document document) ->
            session.tell(out -> RecordFrames.state(out, document, withData, ref));
        case Outcome.Rejected why -> refuse(why);
        case Outcome.Committed _,
            Outcome.Done _,
            Outcome.Watching _,
            Outcome.OfCollection _,
            Outcome.OfMessaging _ ->
            throw unexpected(outcome);
      }
    }
  }

  /// Of what has no state.
  private final class PlainReply extends RecordReply {
    private final String type;
    private final String pattern;

    /// @param type of the answer; empty for that of records
    PlainReply(@Nullable String ref, int bytes, String type, String pattern) {
      super(ref, bytes);
      this.type = type;
      this.pattern = pattern;
    }

    @Override
    protected void answer(Outcome outcome) {
      switch (outcome) {
        case Outcome.Done _ -> done();
        case Outcome.PerName(List<Outcome.OfName> results) -> perName(results);
        case Outcome.Refused(ErrorCode code, String message) ->
            session.refused(ref, Problem.of(code, message));
        case Outcome.Rejected why -> refuse(why);
        case Outcome.Committed _,
            Outcome.State _,
            Outcome.Watching _,
            Outcome.OfCollection _,
            Outcome.Present _,
            Outcome.CallMismatch _ ->
            throw unexpected(outcome);
      }
    }

    private void perName(List<Outcome.OfName> results) {
      for (Outcome.OfName each : results) {
        if (each instanceof Outcome.Refused(ErrorCode code, String message)) {
          session.refused(ref, Problem.of(code, message));
          return;
        }
      }
      done();
    }

    private void done() {
      if (!type.isEmpty()) {
        session.tell(out -> RecordFrames.listening(out, type, pattern, ref));
      } else if (ref != null) {
        session.tell(out -> RecordFrames.done(out, ref));
      }
    }
  }
}
