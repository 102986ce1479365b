// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One record as the server has it, and as it is here: that and the writes the server has not
/// answered yet. What the server says of a record comes in the order in which it happened, so the
/// first of the two is an exact copy.
///
/// Threading: guarded by the hub's lock.
final class RecordState {
  private enum Stage {
    OPENING,
    READY,
    /// The program's strategy is being asked.
    MERGING,
    GONE
  }

  /// A write that stands: one's own, or what the server says of another.
  private record Turn(@Nullable RecordWrite own, Frame frame) {}

  final String name;
  final long order;

  /// How many handles there are.
  int holds;

  private final Hub hub;
  private final Records records;
  private final List<LiveRecord> handles = new ArrayList<>(1);
  private final ArrayDeque<RecordWrite> pending = new ArrayDeque<>();
  private Stage stage = Stage.OPENING;
  private @Nullable String openRef;
  private boolean wasReady;

  /// What the server said ahead of its turn, by version: of one batch of writes the answers to
  /// one's own come behind everybody else's.
  private final TreeMap<Long, Turn> turns = new TreeMap<>();

  /// Writes sent on this connection and not answered, those a merge has overtaken included.
  private int inFlight;

  private boolean needsMerge;
  private JsonValue confirmed = JsonObject.empty();
  private long confirmedVersion;
  private JsonValue local = JsonObject.empty();
  private boolean hasProvider;

  /// Why nothing more happens to it; null if it was deleted or discarded.
  private @Nullable FreshetClientException ending;

  private boolean isBeingDeleted;

  /// Openings that failed in a row.
  private int refusals;

  private @Nullable MergeStrategy strategy;
  private List<CompletableFuture<Void>> waiters = new ArrayList<>(1);

  RecordState(Hub hub, Records records, String name, long order) {
    this.hub = hub;
    this.records = records;
    this.name = name;
    this.order = order;
  }

  // What it is.

  JsonValue data() {
    return local;
  }

  /// With the writes that are on their way.
  long version() {
    return confirmedVersion + pending.size();
  }

  boolean isReady() {
    return wasReady && stage != Stage.GONE;
  }

  boolean isGone() {
    return stage == Stage.GONE;
  }

  boolean isSettled() {
    return stage == Stage.READY && pending.isEmpty();
  }

  boolean hasProvider() {
    return hasProvider;
  }

  void setMergeStrategy(MergeStrategy own) {
    strategy = own;
  }

  void addHandle(LiveRecord handle) {
    handles.add(handle);
  }

  void removeHandle(LiveRecord handle) {
    handles.remove(handle);
  }

  CompletableFuture<Void> ready() {
    if (isReady()) {
      return CompletableFuture.completedFuture(null);
    }
    var waiter = new CompletableFuture<Void>();
    if (isGone()) {
      hub.fail(waiter, gone());
    } else {
      waiters.add(waiter);
    }
    return waiter;
  }

  // Writing.

  CompletableFuture<Void> write(@Nullable JsonValue data, @Nullable FieldOperation edit) {
    var done = new CompletableFuture<Void>();
    if (!records.awaitRoom()) {
      return CompletableFuture.failedFuture(records.noRoom());
    } else if (isGone()) {
      return CompletableFuture.failedFuture(gone());
    }
    var write = new RecordWrite(this, data, edit);
    JsonValue next;
    try {
      next = write.appliedTo(local);
    } catch (FreshetException e) {
      return CompletableFuture.failedFuture(
          FreshetClientException.of(e.status(), e.code().name(), String.valueOf(e.getMessage())));
    }
    if (next.equals(local) && isReady()) {
      done.complete(null);
      return done;
    }
    write.waiters.add(done);
    pending.add(write);
    records.pending(1);
    become(next);
    if (stage == Stage.READY) {
      transmit(write, confirmedVersion + pending.size());
    }
    return done;
  }

  private void transmit(RecordWrite write, long version) {
    if (records.isUp() && !write.isInFlight) {
      write.isInFlight = true;
      write.wasSent = true;
      inFlight++;
      records.send(write, version);
    }
  }

  private void transmitAll() {
    long version = confirmedVersion;
    for (RecordWrite each : pending) {
      transmit(each, ++version);
    }
  }

  /// Local data changed: subscribers are told.
  private void become(JsonValue next) {
    JsonValue before = local;
    local = next;
    if (!before.equals(next)) {
      for (LiveRecord each : List.copyOf(handles)) {
        each.changed(before, next);
      }
    }
  }

  private void rebuild() {
    JsonValue next = confirmed;
    for (RecordWrite each : pending) {
      try {
        next = each.appliedTo(next);
      } catch (FreshetException e) {
        // It no longer fits what the server has; the server will say so.
      }
    }
    become(next);
  }

  // Opening.

  void open() {
    openRef = records.askToOpen(this);
  }

  /// The connection fell.
  void down() {
    openRef = null;
    inFlight = 0;
    turns.clear();
    pending.forEach(RecordWrite::down);
    if (stage == Stage.READY) {
      stage = Stage.OPENING;
    }
  }

  /// Whether a new connection has to open it: not while it is being deleted, which would make it
  /// anew.
  boolean isToOpen() {
    return !isBeingDeleted;
  }

  void opened(Frame frame) {
    refusals = 0;
    JsonValue data = frame.value("data");
    JsonValue remote = data == null ? JsonObject.empty() : data;
    long version = Math.max(0, frame.number("revision", 0));
    provider(frame.flag("hasProvider"));
    openRef = null;
    boolean wasMerging = stage == Stage.MERGING;
    boolean wasConnected = stage == Stage.READY;
    int done = wasReady && !wasConnected ? doneOf(remote, version) : 0;
    boolean isSame = wasReady && done >= 0;
    for (int i = 0; i < done; i++) {
      settle(pending.remove());
    }
    boolean hasConflict = !pending.isEmpty() && (wasReady && !isSame || wasConnected);
    confirmed = remote;
    confirmedVersion = version;
    turns.headMap(version, true).clear();
    if (wasMerging) {
      return; // what the strategy answers is written over this
    }
    stage = Stage.READY;
    if (hasConflict) {
      conflict();
    } else {
      rebuild();
      transmitAll();
    }
    if (!wasReady && stage != Stage.GONE) {
      becomeReady();
    }
    records.settled(this);
  }

  private void becomeReady() {
    wasReady = true;
    List<CompletableFuture<Void>> waiting = waiters;
    waiters = new ArrayList<>(1);
    waiting.forEach(hub::complete);
  }

  /// How many of the writes whose answer was lost are in what the server has; -1 if it has
  /// something else.
  private int doneOf(JsonValue remote, long version) {
    long done = version - confirmedVersion;
    if (done < 0 || done > pending.size()) {
      return pending.isEmpty() ? 0 : -1;
    }
    JsonValue data = confirmed;
    int count = 0;
    for (RecordWrite each : pending) {
      if (count == done) {
        break;
      }
      data = each.appliedTo(data);
      count++;
    }
    return pending.isEmpty() || data.equals(remote) ? count : -1;
  }

  void openingFailed(FreshetClientException why) {
    openRef = null;
    if (why.isPassing()) {
      hub.after(records.waitMs(refusals++), this::openAgain);
    } else {
      ended(why);
    }
  }

  /// Unless that has happened meanwhile.
  private void openAgain() {
    if (openRef == null && records.isUp() && !isGone() && stage != Stage.READY && isToOpen()) {
      open();
    }
  }

  // What happens.

  /// Somebody else's write.
  void updated(Frame frame) {
    long version = frame.number("revision", 0);
    if (version > confirmedVersion && stage != Stage.GONE && wasReady) {
      turns.put(version, new Turn(null, frame));
      takeTurns();
    }
  }

  /// A write of this client stands, also one that a merge has overtaken.
  void accepted(RecordWrite write, Frame frame) {
    inFlight--;
    long version = frame.number("revision", confirmedVersion + 1);
    if (isGone()) {
      if (pending.remove(write)) {
        settle(write);
      }
      return;
    } else if (version > confirmedVersion) {
      turns.put(version, new Turn(write, frame));
    } else if (pending.remove(write)) {
      settle(write);
    }
    takeTurns();
    records.settled(this);
  }

  private void takeTurns() {
    try {
      Turn next = turns.remove(confirmedVersion + 1);
      while (next != null) {
        take(next);
        confirmedVersion++;
        next = turns.remove(confirmedVersion + 1);
      }
    } catch (FreshetException e) {
      reopen();
      return;
    }
    if (!turns.isEmpty()) {
      if (inFlight == 0) {
        reopen(); // something is missing
      }
    } else if (stage == Stage.READY && needsMerge && !pending.isEmpty()) {
      conflict();
    } else if (stage == Stage.READY && pending.isEmpty()) {
      needsMerge = false;
      become(confirmed);
    }
  }

  private void take(Turn turn) {
    RecordWrite own = turn.own;
    JsonValue data = turn.frame.value("data");
    if (own == null) {
      JsonValue next =
          data == null ? RecordWrite.patched(confirmed, turn.frame.objects("patch")) : data;
      RecordWrite first = pending.peek();
      if (first != null && first.mayHaveMade(next, confirmed)) {
        settle(pending.remove());
      } else {
        needsMerge = true;
      }
      confirmed = next;
      return;
    }
    confirmed = data == null ? own.appliedTo(confirmed) : data;
    if (pending.remove(own)) {
      settle(own);
    } else {
      needsMerge = true; // given up here, and done there: as if it were somebody else's
    }
  }

  private void reopen() {
    turns.clear();
    if (openRef == null) {
      open();
    }
  }

  void refused(RecordWrite write, FreshetClientException why) {
    inFlight--;
    boolean isConflict = why.is("REVISION_CONFLICT", "INVALID_VERSION");
    if (isGone()) {
      fail(write, isConflict ? gone() : why);
      return;
    } else if (isConflict) {
      needsMerge |= pending.contains(write);
    } else if (fail(write, why)) {
      rebuild();
      tellError(why);
    }
    takeTurns();
    records.settled(this);
  }

  /// @return whether it was still waited for
  private boolean fail(RecordWrite write, FreshetClientException why) {
    boolean isWaiting = pending.remove(write);
    if (isWaiting) {
      records.pending(-1);
      write.waiters.forEach(each -> hub.fail(each, why));
    }
    return isWaiting;
  }

  /// The connection fell before the answer. A live record will see by itself what became of the
  /// write.
  void unanswered(RecordWrite write) {
    if (isGone()) {
      fail(write, uncertain("the connection fell"));
    }
  }

  private static FreshetClientException uncertain(String why) {
    return FreshetClientException.notDurable(
        why + "; whether the write was done is not known", null);
  }

  private void settle(RecordWrite write) {
    records.pending(-1);
    write.waiters.forEach(hub::complete);
  }

  // Merging.

  private void conflict() {
    needsMerge = false;
    MergeStrategy own = strategy == null ? records.mergeStrategy() : strategy;
    if (own.equals(MergeStrategy.REMOTE_WINS)) {
      merged(Optional.of(confirmed), false);
    } else if (own.equals(MergeStrategy.LOCAL_WINS)) {
      merged(Optional.of(local), false);
    } else {
      stage = Stage.MERGING;
      Object here = PlainValues.of(local);
      Object there = PlainValues.of(confirmed);
      if (here == null || there == null) {
        throw new IllegalStateException("a record is an object or a list");
      }
      var conflict = new MergeStrategy.Conflict(name, here, version(), there, confirmedVersion);
      hub.tell(() -> ask(own, conflict));
    }
  }

  private void ask(MergeStrategy own, MergeStrategy.Conflict conflict) {
    Optional<JsonValue> result;
    try {
      result = own.merge(conflict).map(records.mapper()::write);
    } catch (RuntimeException e) {
      hub.locked(() -> {
        merged(Optional.empty(), true);
        tellError(FreshetClientException.causeOf(e));
      });
      return;
    }
    hub.locked(() -> merged(result, true));
  }

  /// @param wasAsked whether the program has decided
  private void merged(Optional<JsonValue> result, boolean wasAsked) {
    if (wasAsked && stage != Stage.MERGING) {
      return;
    }
    stage = records.isUp() ? Stage.READY : Stage.OPENING;
    List<RecordWrite> overtaken = new ArrayList<>(pending);
    pending.clear();
    records.pending(-overtaken.size());
    JsonValue data = result.orElse(confirmed);
    var why =
        FreshetClientException.of(
            409, "REVISION_CONFLICT", name + " was changed elsewhere at the same time");
    if (data.equals(confirmed)) {
      overtaken.forEach(each -> each.waiters.forEach(waiter -> hub.fail(waiter, why)));
      become(confirmed);
    } else {
      var write = new RecordWrite(this, data, null);
      overtaken.forEach(each -> write.waiters.addAll(each.waiters));
      pending.add(write);
      records.pending(1);
      become(data);
      if (stage == Stage.READY) {
        transmit(write, confirmedVersion + 1);
      }
    }
    if (result.isEmpty()) {
      tellError(FreshetClientException.of(409, "MERGE_FAILED", name + " could not be merged"));
    }
    records.settled(this);
  }

  // The end.

  void deleted() {
    if (isGone()) {
      return;
    }
    end();
    for (LiveRecord each : List.copyOf(handles)) {
      each.deleted();
    }
  }

  /// It cannot be opened, or may not be read any more: what is here stays as it is.
  void ended(FreshetClientException why) {
    if (isGone()) {
      return;
    }
    ending = why;
    end();
    failWaiters(why);
    tellError(why);
  }

  /// There will be no connection, for now.
  void failWaiters(FreshetClientException why) {
    List<CompletableFuture<Void>> waiting = waiters;
    waiters = new ArrayList<>(1);
    waiting.forEach(each -> hub.fail(each, why));
  }

  /// The client is closed.
  void close(FreshetClientException why) {
    ending = why;
    for (RecordWrite each : List.copyOf(pending)) {
      fail(each, each.wasSent ? uncertain("this client was closed") : why);
    }
    end();
    failWaiters(why);
  }

  /// Nothing more happens to it. Writes that were sent are still answered.
  void end() {
    stage = Stage.GONE;
    for (RecordWrite each : List.copyOf(pending)) {
      if (!each.isInFlight) {
        fail(each, gone());
      }
    }
    records.forget(this);
  }

  void beingDeleted(boolean now) {
    isBeingDeleted = now;
    openAgain();
  }

  private FreshetClientException gone() {
    return ending == null
        ? FreshetClientException.of(404, "NOT_FOUND", name + " was deleted or discarded")
        : ending;
  }

  void provider(boolean now) {
    if (now != hasProvider) {
      hasProvider = now;
      for (LiveRecord each : List.copyOf(handles)) {
        each.providerChanged(now);
      }
    }
  }

  private void tellError(FreshetClientException why) {
    boolean isTold = false;
    for (LiveRecord each : List.copyOf(handles)) {
      isTold |= each.failed(why);
    }
    if (!isTold) {
      records.line().failed(why);
    }
  }

  @Nullable String openRef() {
    return openRef;
  }
}
