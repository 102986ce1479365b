// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.FieldOperation;
import io.freshet.protocol.path.PathEdit;
import io.freshet.protocol.path.RecordPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A record that is here and on the server at once. What is written is seen here at once, and by
/// everybody else when the server has it.
///
/// Paths are such as `pets[1].fur.color`; what is missing on the way is made when something is set.
///
/// Threading: any thread; nothing blocks, except writes under [WhenFull#WAIT]. Listeners of one
/// client are called one after the other.
public final class LiveRecord implements AutoCloseable {
  private final Records records;
  private final Hub hub;
  private final RecordState state;
  private final List<Listener> listeners = new ArrayList<>();
  private final List<Runnable> deleteListeners = new ArrayList<>(1);
  private final List<Consumer<Boolean>> providerListeners = new ArrayList<>(1);
  private final List<Consumer<FreshetClientException>> errorListeners = new ArrayList<>(1);
  private boolean isDiscarded;

  /// @param path null for the whole record
  private record Listener(@Nullable RecordPath path, Consumer<JsonValue> told, Object handle) {}

  LiveRecord(Records records, RecordState state) {
    this.records = records;
    this.hub = records.hub();
    this.state = state;
    hub.locked(() -> state.addHandle(this));
  }

  /// The name it was opened by.
  public String name() {
    return state.name;
  }

  /// Completes when the server has told what the record holds. Fails if it may not be opened, or
  /// not any more, and when nothing is tried any more to connect.
  public CompletableFuture<LiveRecord> whenReady() {
    return hub.locked(state::ready).thenApply(ready -> this);
  }

  /// Whether its data is here.
  public boolean isReady() {
    return hub.locked(state::isReady);
  }

  /// One more with every write, those on their way included.
  public long version() {
    return hub.locked(state::version);
  }

  /// Whether somebody has said to provide it, so that its data is not stale.
  public boolean hasProvider() {
    return hub.locked(state::hasProvider);
  }

  // Reading.

  /// Everything: a map, or a list. Empty until it is ready.
  public Object get() {
    Object data = PlainValues.of(data());
    if (data == null) {
      throw new IllegalStateException("a record is an object or a list");
    }
    return data;
  }

  /// Everything, read as a type.
  public <T> T get(Class<T> type) {
    return records.mapper().read(data(), DataType.of(type));
  }

  /// What is at a path; null if there is nothing.
  public @Nullable Object get(String path) {
    JsonValue found = PathEdit.find(data(), Records.pathOf(path));
    return found == null ? null : PlainValues.of(found);
  }

  /// What is at a path, read as a type; null if there is nothing.
  public <T> @Nullable T get(String path, Class<T> type) {
    JsonValue found = PathEdit.find(data(), Records.pathOf(path));
    return found == null || found == JsonNull.NULL
        ? null
        : records.mapper().read(found, DataType.of(type));
  }

  JsonValue data() {
    return hub.locked(state::data);
  }

  // Writing.

  /// Replaces everything.
  ///
  /// @param data a map, a record, or a list
  /// @return completed when the server has it; need not be waited for. Fails with
  ///   `REVISION_CONFLICT` if somebody else was first and the merge gave this write up
  public CompletableFuture<Void> set(Object data) {
    JsonValue written = records.mapper().write(data);
    if (!written.isContainer()) {
      throw FreshetClientException.invalid("a whole record is an object or a list");
    }
    return hub.locked(() -> state.write(written, null));
  }

  /// Sets what is at a path, and makes what is missing on the way.
  ///
  /// @return as of [#set(Object)]
  /// @throws FreshetClientException `INVALID_PATH` if it is no path, `INVALID_ARGUMENT` if the
  ///   value cannot be said as JSON
  public CompletableFuture<Void> set(String path, @Nullable Object value) {
    RecordPath parsed = Records.pathOf(path);
    JsonValue written = records.mapper().write(value);
    return hub.locked(() -> state.write(null, new FieldOperation.Set(parsed, written)));
  }

  /// Removes what is at a path; an element of a list becomes null.
  public CompletableFuture<Void> erase(String path) {
    RecordPath parsed = Records.pathOf(path);
    return hub.locked(() -> state.write(null, new FieldOperation.Erase(parsed)));
  }

  /// Deletes it for everybody.
  public CompletableFuture<Void> delete() {
    return records.delete(state);
  }

  /// What becomes of it when it is changed here and elsewhere at once.
  public void setMergeStrategy(MergeStrategy strategy) {
    hub.locked(() -> state.setMergeStrategy(strategy));
  }

  // Listening.

  /// Told of everything after every change, one's own included.
  ///
  /// @return ends it
  public Registration subscribe(Consumer<Object> listener) {
    return subscribe(null, Object.class, false, data -> listener.accept(orEmpty(data)));
  }

  private static Object orEmpty(@Nullable Object data) {
    return data == null ? Map.of() : data;
  }

  /// Told of what is at a path whenever that changes; of null when it is removed.
  ///
  /// @return ends it
  public Registration subscribe(String path, Consumer<@Nullable Object> listener) {
    return subscribe(path, Object.class, false, listener);
  }

  /// As the others.
  ///
  /// @param path null for everything
  /// @param type what it is read as
  /// @param triggerNow whether it is also told what is there now, as soon as that is known
  public <T> Registration subscribe(
      @Nullable String path, Class<T> type, boolean triggerNow, Consumer<@Nullable T> listener) {
    RecordPath parsed = path == null ? null : Records.pathOf(path);
    var handle = new Object();
    Consumer<JsonValue> told =
        value ->
            listener.accept(
                value == JsonNull.NULL ? null : records.mapper().read(value, DataType.of(type)));
    var added = new Listener(parsed, told, handle);
    var isEnded = new AtomicBoolean();
    if (triggerNow) {
      CompletableFuture<Void> unused =
          hub.locked(state::ready).thenRun(() -> hub.locked(() -> begin(added, isEnded)));
    } else {
      hub.locked(() -> listeners.add(added));
    }
    return () -> {
      isEnded.set(true);
      hub.locked(() -> listeners.removeIf(each -> each.handle.equals(handle)));
    };
  }

  /// The record's data is known.
  private void begin(Listener listener, AtomicBoolean isEnded) {
    if (!isEnded.get() && !isDiscarded) {
      listeners.add(listener);
      tell(listener.path, listener.told, state.data());
    }
  }

  private void tell(@Nullable RecordPath path, Consumer<JsonValue> told, JsonValue data) {
    JsonValue value = at(path, data);
    hub.tell(() -> told.accept(value));
  }

  private static JsonValue at(@Nullable RecordPath path, JsonValue data) {
    JsonValue found = path == null ? data : PathEdit.find(data, path);
    return found == null ? JsonNull.NULL : found;
  }

  void changed(JsonValue before, JsonValue after) {
    for (Listener each : listeners) {
      JsonValue value = at(each.path, after);
      if (each.path == null || !value.equals(at(each.path, before))) {
        hub.tell(() -> each.told.accept(value));
      }
    }
  }

  /// Told when somebody has deleted it.
  public LiveRecord onDelete(Runnable listener) {
    hub.locked(() -> deleteListeners.add(listener));
    return this;
  }

  void deleted() {
    deleteListeners.forEach(hub::tell);
    state.removeHandle(this);
    isDiscarded = true;
  }

  /// Told when a provider comes or goes.
  public LiveRecord onProvider(Consumer<Boolean> listener) {
    hub.locked(() -> providerListeners.add(listener));
    return this;
  }

  void providerChanged(boolean now) {
    providerListeners.forEach(each -> hub.tell(() -> each.accept(now)));
  }

  /// Told of what went wrong, besides the future of the call that it was about.
  public LiveRecord onError(Consumer<FreshetClientException> listener) {
    hub.locked(() -> errorListeners.add(listener));
    return this;
  }

  boolean failed(FreshetClientException why) {
    errorListeners.forEach(each -> hub.tell(() -> each.accept(why)));
    return !errorListeners.isEmpty();
  }

  // The end.

  /// Wants no more of it: its listeners are told nothing any more. Writes still reach the server.
  public void discard() {
    hub.locked(() -> {
      if (!isDiscarded) {
        isDiscarded = true;
        listeners.clear();
        state.removeHandle(this);
        records.release(state);
      }
    });
  }

  /// As [#discard].
  @Override
  public void close() {
    discard();
  }
}
