// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A record that is a list of names, mostly of other records.
///
/// Threading: as [LiveRecord].
public final class LiveList implements AutoCloseable {
  private final LiveRecord record;

  LiveList(LiveRecord record) {
    this.record = record;
  }

  /// A list's entries; empty for what is no list.
  private static List<String> entriesOf(JsonValue data) {
    var entries = new ArrayList<String>();
    if (data instanceof JsonArray array) {
      for (JsonValue each : array) {
        if (each instanceof JsonString text) {
          entries.add(text.value());
        }
      }
    }
    return entries;
  }

  /// What happened to one entry.
  public sealed interface EntryChange {
    /// Which one: what stands in the list.
    String entry();

    /// It is in the list once more.
    ///
    /// @param index where it is now; likewise of `Moved`
    record Added(String entry, int index) implements EntryChange {}

    /// It stands elsewhere now.
    record Moved(String entry, int index) implements EntryChange {}

    /// It is in the list once less.
    ///
    /// @param index where it was
    record Removed(String entry, int index) implements EntryChange {}
  }

  /// The name of the record it is.
  public String name() {
    return record.name();
  }

  /// As [LiveRecord#whenReady].
  public CompletableFuture<LiveList> whenReady() {
    return record.whenReady().thenApply(ready -> this);
  }

  /// A copy of the entries as they are here. Empty until it is ready.
  public List<String> getEntries() {
    return entriesOf(record.data());
  }

  /// Whether it has no entries.
  public boolean isEmpty() {
    return getEntries().isEmpty();
  }

  /// Replaces all entries. As of every write here, the future is that of [LiveRecord#set(Object)].
  public CompletableFuture<Void> setEntries(List<String> entries) {
    return record.set(List.copyOf(entries));
  }

  /// Appends an entry; it may be there already.
  public CompletableFuture<Void> addEntry(String entry) {
    var entries = new ArrayList<>(getEntries());
    entries.add(entry);
    return record.set(entries);
  }

  /// @param index 0 to as many as there are
  public CompletableFuture<Void> addEntry(String entry, int index) {
    var entries = new ArrayList<>(getEntries());
    entries.add(index, entry);
    return record.set(entries);
  }

  /// All that are equal.
  public CompletableFuture<Void> removeEntry(String entry) {
    var entries = new ArrayList<>(getEntries());
    entries.removeIf(entry::equals);
    return record.set(entries);
  }

  /// Nothing happens unless it stands there.
  public CompletableFuture<Void> removeEntry(String entry, int index) {
    var entries = new ArrayList<>(getEntries());
    if (index < entries.size() && entries.get(index).equals(entry)) {
      entries.remove(index);
    }
    return record.set(entries);
  }

  /// Told of all entries after every change.
  public Registration subscribe(Consumer<List<String>> listener) {
    return record.subscribe(data -> listener.accept(entries(data)));
  }

  /// Told entry by entry what was added or moved, in the order of the list, and what was removed.
  public Registration onEntries(Consumer<EntryChange> listener) {
    var known = new ArrayList<>(getEntries());
    return record.subscribe(data -> {
      List<String> next = entries(data);
      differences(known, next).forEach(listener);
      known.clear();
      known.addAll(next);
    });
  }

  private static List<String> entries(Object data) {
    var entries = new ArrayList<String>();
    if (data instanceof List<?> list) {
      list.forEach(each -> entries.add(String.valueOf(each)));
    }
    return entries;
  }

  private static List<EntryChange> differences(List<String> before, List<String> after) {
    Map<String, List<Integer>> was = placesOf(before);
    Map<String, List<Integer>> is = placesOf(after);
    var changes = new ArrayList<EntryChange>();
    is.forEach((entry, places) -> {
      List<Integer> old = was.getOrDefault(entry, List.of());
      for (int place : places) {
        if (old.size() < places.size() && !old.contains(place)) {
          changes.add(new EntryChange.Added(entry, place));
        } else if (!old.contains(place)) {
          changes.add(new EntryChange.Moved(entry, place));
        }
      }
    });
    was.forEach((entry, places) -> {
      int left = is.getOrDefault(entry, List.of()).size();
      for (int i = left; i < places.size(); i++) {
        changes.add(new EntryChange.Removed(entry, places.get(i)));
      }
    });
    return changes;
  }

  private static Map<String, List<Integer>> placesOf(List<String> entries) {
    var places = new LinkedHashMap<String, List<Integer>>();
    for (int i = 0; i < entries.size(); i++) {
      places.computeIfAbsent(entries.get(i), each -> new ArrayList<>(1)).add(i);
    }
    return places;
  }

  /// Deletes the list, not what it names, for everybody.
  public CompletableFuture<Void> delete() {
    return record.delete();
  }

  /// The record it is.
  public LiveRecord record() {
    return record;
  }

  /// As [LiveRecord#discard].
  public void discard() {
    record.discard();
  }

  @Override
  public void close() {
    discard();
  }
}
