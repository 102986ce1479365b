// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.RecordPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// All live records of a client, through all connections.
///
/// Threading: guarded by the hub's lock, except what [RecordClient] passes on.
final class Records {
  /// Answers to closings are not waited for.
  private static final String CLOSING = "close";

  private final Hub hub;
  private final Mapper mapper;
  private final Line line;
  private final Backoff backoff;
  private final Room room;
  private final Refs refs;
  private final Listens listens;
  private final Map<String, RecordState> byName = new LinkedHashMap<>();

  /// What is answered in the order in which it happened: writes of live records, and openings.
  private final Map<String, RecordWrite> writes = new HashMap<>();

  private final Map<String, RecordState> openings = new HashMap<>();
  private MergeStrategy strategy = MergeStrategy.REMOTE_WINS;
  private int pending;
  private long count;

  Records(Hub hub, Mapper mapper, QueueLimits limits, Backoff backoff, Line line) {
    this.hub = hub;
    this.mapper = mapper;
    this.backoff = backoff;
    this.room = new Room(hub, limits);
    this.line = line;
    this.refs = new Refs(hub, limits, line);
    this.listens = new Listens(hub, line, refs);
  }

  // What its records share.

  Hub hub() {
    return hub;
  }

  Mapper mapper() {
    return mapper;
  }

  Line line() {
    return line;
  }

  Listens listens() {
    return listens;
  }

  MergeStrategy mergeStrategy() {
    return strategy;
  }

  void setMergeStrategy(MergeStrategy own) {
    hub.locked(() -> {
      strategy = own;
    });
  }

  boolean isUp() {
    return line.isUp();
  }

  /// @return whether one more write may wait for its answer
  boolean awaitRoom() {
    return room.await(() -> pending);
  }

  FreshetClientException noRoom() {
    return room.noRoom();
  }

  void pending(int more) {
    pending += more;
    if (more < 0) {
      room.free();
    }
  }

  long waitMs(int failures) {
    return backoff.waitMs(failures, hub.timing().chance());
  }

  void send(RecordWrite write, long version) {
    String ref = "w" + ++count;
    writes.put(ref, write);
    line.send(write.frame(ref, write.record.name, version));
  }

  String askToOpen(RecordState record) {
    String ref = "o" + ++count;
    if (line.isUp()) {
      openings.put(ref, record);
      line.send(
          new FrameText("record")
              .text("op", "open")
              .text("ref", ref)
              .text("name", record.name)
              .flag("create", true)
              .end());
    }
    return ref;
  }

  // The program's.

  RecordState hold(String name) {
    return hub.locked(() -> {
      line.requireOpen();
      RecordState record = byName.get(name);
      if (record == null) {
        record = new RecordState(hub, this, name, line.nextOrder());
        byName.put(name, record);
        record.open();
      }
      record.holds++;
      return record;
    });
  }

  /// One handle less. The server is told when its last write is answered.
  void release(RecordState record) {
    record.holds--;
    settled(record);
  }

  void settled(RecordState record) {
    if (record.holds > 0 || record.isGone() || byName.get(record.name) != record) {
      return;
    }
    if (record.isSettled()) {
      line.send(
          new FrameText("record")
              .text("op", "close")
              .text("ref", CLOSING)
              .text("name", record.name)
              .end());
      record.end();
    }
  }

  void forget(RecordState record) {
    byName.remove(record.name, record);
    openings.values().remove(record);
  }

  CompletableFuture<Void> delete(RecordState record) {
    return hub.locked(() -> {
      record.beingDeleted(true);
      return refs.write(frame -> frame.text("op", "delete").text("name", record.name))
          .whenComplete((answer, failure) ->
              hub.locked(() -> {
                if (failure == null) {
                  record.deleted();
                } else {
                  record.beingDeleted(false);
                }
              }))
          .thenApply(answer -> null);
    });
  }

  CompletableFuture<Long> head(String name) {
    return hub.locked(() -> {
      RecordState held = byName.get(name);
      return held != null && held.isReady()
          ? CompletableFuture.completedFuture(held.version())
          : read("head", name).thenApply(answer -> answer.number("revision", -1));
    });
  }

  private CompletableFuture<Frame> read(String op, String name) {
    return refs.ask("record", frame -> frame.text("op", op).text("name", name));
  }

  private CompletableFuture<JsonValue> snapshotOf(String name) {
    return hub.locked(() -> {
      RecordState held = byName.get(name);
      return held != null && held.isReady()
          ? CompletableFuture.completedFuture(held.data())
          : read("snapshot", name).thenApply(Records::dataOf);
    });
  }

  private static JsonValue dataOf(Frame answer) {
    JsonValue data = answer.value("data");
    return data == null ? JsonObject.empty() : data;
  }

  CompletableFuture<Object> snapshot(String name) {
    return snapshotAs(name, Object.class);
  }

  <T> CompletableFuture<T> snapshotAs(String name, Class<T> type) {
    return snapshotOf(name).thenApply(data -> mapper.read(data, DataType.of(type)));
  }

  /// @param path null for the whole record
  CompletableFuture<Void> setData(String name, @Nullable String path, @Nullable Object value) {
    JsonValue written = mapper.write(value);
    RecordPath parsed = path == null ? null : pathOf(path);
    if (parsed == null && !written.isContainer()) {
      throw FreshetClientException.invalid("a whole record is an object or a list");
    }
    return hub.locked(() -> {
      RecordState held = byName.get(name);
      if (held != null) {
        return parsed == null
            ? held.write(written, null)
            : held.write(null, new FieldOperation.Set(parsed, written));
      }
      return refs.write(
              frame -> {
                frame.text("op", "set").text("name", name).flag("upsert", true);
                if (parsed == null) {
                  frame.value("data", written);
                } else {
                  frame.raw("patch", RecordWrite.patch(parsed, written));
                }
              })
          .thenApply(answer -> null);
    });
  }

  CompletableFuture<Void> eraseData(String name, String path) {
    RecordPath parsed = pathOf(path);
    return hub.locked(() -> {
      RecordState held = byName.get(name);
      if (held != null) {
        return held.write(null, new FieldOperation.Erase(parsed));
      }
      return refs.write(frame ->
              frame
                  .text("op", "erase")
                  .text("name", name)
                  .raw("patch", RecordWrite.patch(parsed, null)))
          .thenApply(answer -> null);
    });
  }

  static RecordPath pathOf(String path) {
    return orInvalid(() -> RecordPath.parse(path));
  }

  private static <T> T orInvalid(Supplier<T> read) {
    try {
      return read.get();
    } catch (FreshetException e) {
      throw FreshetClientException.of(e.status(), e.code().name(), String.valueOf(e.getMessage()));
    }
  }

  CompletableFuture<Void> notifyOf(Collection<String> names) {
    JsonValue list = mapper.write(names);
    return hub.locked(() ->
        refs.ask("record", frame -> frame.text("op", "notify").value("names", list))
            .thenApply(answer -> null));
  }

  // The wire's.

  /// What a new connection has to send.
  List<Outgoing> waiting() {
    var outgoing = new ArrayList<Outgoing>();
    for (RecordState each : byName.values()) {
      if (each.isToOpen()) {
        outgoing.add(new Outgoing(each.order, each::open));
      }
    }
    outgoing.addAll(listens.waiting());
    outgoing.addAll(refs.waiting());
    return outgoing;
  }

  /// Whether nothing is open, and nothing waits for an answer.
  boolean isIdle() {
    return byName.isEmpty() && writes.isEmpty() && openings.isEmpty() && waiting().isEmpty();
  }

  void down() {
    writes.values().forEach(each -> each.record.unanswered(each));
    writes.clear();
    openings.clear();
    byName.values().forEach(RecordState::down);
    listens.down();
    refs.down();
  }

  /// There will be no connection: who waits is told. Records stay, with what is written to them,
  /// for another one.
  void over(FreshetClientException why) {
    refs.over(String.valueOf(why.getMessage()));
    byName.values().forEach(each -> each.failWaiters(why));
  }

  /// Nothing will ever be sent any more.
  void close() {
    var why = FreshetClientException.unavailable("this client was closed");
    refs.over(String.valueOf(why.getMessage()));
    List.copyOf(byName.values()).forEach(each -> each.close(why));
    room.wakeAll();
  }

  void received(Frame frame) {
    RecordState record = byName.get(frame.text("name", ""));
    switch (frame.type()) {
      case "record" -> answered(frame);
      case "recordUpdate" -> with(record, each -> each.updated(frame));
      case "recordDeleted" -> with(record, RecordState::deleted);
      case "recordProvider" -> with(record, each -> each.provider(frame.flag("hasProvider")));
      case "listening", "unlistened" -> refs.answer(frame);
      case "listenFound" -> listens.found(frame);
      case "listenRemoved" -> listens.removed(frame);
      default -> {} // listenTimedOut: somebody else is asked
    }
  }

  private static void with(
      @Nullable RecordState record, java.util.function.Consumer<RecordState> action) {
    if (record != null) {
      action.accept(record);
    }
  }

  private void answered(Frame frame) {
    String ref = frame.text("ref", "");
    RecordWrite write = writes.remove(ref);
    RecordState opened = openings.remove(ref);
    if (write != null) {
      write.record.accepted(write, frame);
    } else if (opened != null) {
      opened.opened(frame);
    } else {
      refs.answer(frame);
    }
  }

  /// @return whether the error was about a record
  boolean refuse(Frame frame) {
    String ref = frame.text("ref", "");
    if (ref.equals(CLOSING)) {
      return true; // somebody has deleted it: it is closed
    }
    RecordWrite write = writes.remove(ref);
    RecordState opened = openings.remove(ref);
    if (write != null) {
      write.record.refused(write, frame.error());
    } else if (opened != null) {
      opened.openingFailed(frame.error());
    } else if (frame.has("name") && !frame.has("ref")) {
      with(byName.get(frame.text("name", "")), each -> each.ended(frame.error()));
    } else {
      return refs.answer(frame) || !frame.has("ref") && listens.refuse(frame);
    }
    return true;
  }
}
