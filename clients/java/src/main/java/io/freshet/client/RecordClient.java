// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Live records: JSON data that is here and on the server at once, and follows every change of it.
///
/// Threading: any thread. Nothing blocks, except writes under [WhenFull#WAIT].
public final class RecordClient {
  private final Records records;

  RecordClient(Records records) {
    this.records = records;
  }

  /// The record of that name, which is made if there is none. Each call has to be matched by a
  /// [LiveRecord#discard] or `close`; the server is told of the first and the last.
  public LiveRecord getRecord(String name) {
    return new LiveRecord(records, records.hold(name));
  }

  /// The list of that name, a record that is a list of names.
  public LiveList getList(String name) {
    return new LiveList(getRecord(name));
  }

  /// A record that can change its name, with all subscriptions staying.
  public AnonymousRecord getAnonymousRecord() {
    return new AnonymousRecord(this);
  }

  /// Whether there is such a record, without making one.
  public CompletableFuture<Boolean> has(String name) {
    return head(name).thenApply(version -> version >= 0);
  }

  /// The version a record is at, without opening it; -1 if there is none.
  public CompletableFuture<Long> head(String name) {
    return records.head(name);
  }

  /// A record's data, without opening it: a map or a list. Fails with `NOT_FOUND` if there is none.
  public CompletableFuture<Object> snapshot(String name) {
    return records.snapshot(name);
  }

  /// As the other, read as a type.
  public <T> CompletableFuture<T> snapshot(String name, Class<T> type) {
    return records.snapshotAs(name, type);
  }

  /// Writes a whole record without opening it. Made if there is none.
  ///
  /// @return completed when it is kept; need not be waited for
  public CompletableFuture<Void> setData(String name, Object data) {
    return records.setData(name, null, data);
  }

  /// Writes a part of a record without opening it.
  ///
  /// @param path such as `pets[1].fur.color`
  public CompletableFuture<Void> setData(String name, String path, @Nullable Object value) {
    return records.setData(name, path, value);
  }

  /// Removes a part of a record without opening it.
  public CompletableFuture<Void> erase(String name, String path) {
    return records.eraseData(name, path);
  }

  /// Is asked to provide records whose names match, whenever somebody opens one; also those open
  /// now.
  ///
  /// @param pattern a regular expression, found anywhere in the name
  /// @return completed when the server has registered it
  public CompletableFuture<Void> listen(String pattern, Consumer<ListenRequest> listener) {
    return records.listens().add(pattern, listener);
  }

  /// Is asked no more. What was accepted is provided no longer.
  public CompletableFuture<Void> unlisten(String pattern) {
    return records.listens().remove(pattern);
  }

  /// Says that records were changed in the database behind the server's back.
  public CompletableFuture<Void> notify(Collection<String> names) {
    return records.notifyOf(names);
  }

  /// What becomes of records that are changed here and elsewhere at once, unless they have their
  /// own strategy. At first [MergeStrategy#REMOTE_WINS].
  public void setMergeStrategy(MergeStrategy strategy) {
    records.setMergeStrategy(strategy);
  }
}
