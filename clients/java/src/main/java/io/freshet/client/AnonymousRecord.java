// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A record that can change its name. What is subscribed to stays subscribed to, in the record of
/// the new name.
///
/// Threading: any thread.
public final class AnonymousRecord implements AutoCloseable {
  private final RecordClient client;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Wish<?>> wishes = new ArrayList<>();
  private @Nullable LiveRecord record;

  private static final class Wish<T> {
    final @Nullable String path;
    final Class<T> type;
    final Consumer<@Nullable T> listener;
    @Nullable Registration registration;

    Wish(@Nullable String path, Class<T> type, Consumer<@Nullable T> listener) {
      this.path = path;
      this.type = type;
      this.listener = listener;
    }

    /// @param triggerNow whether it is told what is there
    void registerAt(LiveRecord record, boolean triggerNow) {
      registration = record.subscribe(path, type, triggerNow, listener);
    }
  }

  AnonymousRecord(RecordClient client) {
    this.client = client;
  }

  /// From now on it is the record of that name; listeners are told what that one holds.
  ///
  /// @return completed when its data is there
  public CompletableFuture<LiveRecord> setName(String name) {
    lock.lock();
    try {
      LiveRecord before = record;
      LiveRecord next = client.getRecord(name);
      record = next;
      wishes.forEach(each -> each.registerAt(next, true));
      if (before != null) {
        before.discard();
      }
      return next.whenReady();
    } finally {
      lock.unlock();
    }
  }

  /// Null while it has none.
  public @Nullable String name() {
    LiveRecord present = present();
    return present == null ? null : present.name();
  }

  private @Nullable LiveRecord present() {
    lock.lock();
    try {
      return record;
    } finally {
      lock.unlock();
    }
  }

  private LiveRecord named() {
    LiveRecord present = present();
    if (present == null) {
      throw FreshetClientException.invalid("the anonymous record has no name: setName first");
    }
    return present;
  }

  /// Null while it has no name.
  public @Nullable Object get() {
    LiveRecord present = present();
    return present == null ? null : present.get();
  }

  /// Null while it has no name, or nothing at that path.
  public @Nullable Object get(String path) {
    LiveRecord present = present();
    return present == null ? null : present.get(path);
  }

  /// As [LiveRecord#set(Object)]. Throws `INVALID_ARGUMENT` while it has no name.
  public CompletableFuture<Void> set(Object data) {
    return named().set(data);
  }

  /// As [LiveRecord#set(String, Object)]. Throws `INVALID_ARGUMENT` while it has no name.
  public CompletableFuture<Void> set(String path, @Nullable Object value) {
    return named().set(path, value);
  }

  /// As [LiveRecord#erase]. Throws `INVALID_ARGUMENT` while it has no name.
  public CompletableFuture<Void> erase(String path) {
    return named().erase(path);
  }

  /// As [LiveRecord#delete]. Throws `INVALID_ARGUMENT` while it has no name.
  public CompletableFuture<Void> delete() {
    return named().delete();
  }

  /// As [LiveRecord#subscribe(String, Class, boolean, Consumer)], whatever its name is.
  ///
  /// @param path null for everything
  public <T> Registration subscribe(
      @Nullable String path, Class<T> type, Consumer<@Nullable T> listener) {
    lock.lock();
    try {
      var wish = new Wish<>(path, type, listener);
      wishes.add(wish);
      if (record != null) {
        wish.registerAt(record, false);
      }
      return () -> end(wish);
    } finally {
      lock.unlock();
    }
  }

  private void end(Wish<?> wish) {
    lock.lock();
    try {
      wishes.remove(wish);
      Registration registration = wish.registration;
      if (registration != null) {
        registration.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Wants no more of the record it is now. Nothing happens while it has no name.
  public void discard() {
    LiveRecord present = present();
    if (present != null) {
      present.discard();
    }
  }

  @Override
  public void close() {
    discard();
  }
}
