// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import io.freshet.protocol.EventId;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Cursor;
import io.freshet.spi.CursorLease;
import io.freshet.spi.Cursors;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/// The cursors: all of them in memory, moved there, and written behind by a thread of their own, so
/// that neither an acknowledgement waits for the disk nor a cursor for the store's other work.
///
/// **Threads.** Any. `lock` guards the state and is held shortly. `writing` orders the writes; each
/// writes what is true by then, so the newest always comes last. It is taken first.
final class RocksCursors implements Cursors, AutoCloseable {
  private static final long PAUSE_NANOS = 500_000_000L;
  private static final int FORMAT = 1;

  private final Database database;
  private final Meta meta;
  private final InstantSource clock;
  private final Gate gate;
  private final Consumer<String> onFailure;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, CursorLease> leases = new TreeMap<>();
  private final Thread thread;
  private Set<String> unwritten = new HashSet<>();
  private long lastToken;
  private volatile boolean stopped;

  /// Whether the store works; both throw `UNAVAILABLE` if not.
  interface Gate {
    void requireOpen();

    void requireWritable();
  }

  /// Finds what is on disk.
  ///
  /// @param onFailure told when writing behind failed; from then on nothing is
  RocksCursors(Opening parts, InstantSource clock, Gate gate, Consumer<String> onFailure) {
    this.database = parts.database;
    this.meta = parts.meta;
    this.clock = clock;
    this.gate = gate;
    this.onFailure = onFailure;
    this.lastToken = meta.lastLease();
    this.thread = Thread.ofPlatform().name("freshet-cursors").daemon().unstarted(this::loop);
    try (var view = database.view();
        RocksIterator iterator = view.iterate(database.cursors)) {
      for (iterator.seekToFirst(); view.standsOnEntry(iterator); iterator.next()) {
        String name = new String(iterator.key(), StandardCharsets.UTF_8);
        leases.put(name, decode(name, iterator.value()));
      }
    }
  }

  void start() {
    thread.start();
  }

  private void loop() {
    while (!stopped) {
      LockSupport.parkNanos(this, PAUSE_NANOS);
      if (!stopped) {
        try {
          write(Database.Sync.LOG);
        } catch (FreshetException e) {
          onFailure.accept(String.valueOf(e.getMessage()));
          return;
        }
      }
    }
  }

  @Override
  public CursorLease lease(String name, String collection) {
    gate.requireWritable();
    CursorLease lease;
    lock.lock();
    try {
      CursorLease before = leases.get(name);
      EventId place = before == null ? null : before.cursor().place();
      long movedAtMs = before == null ? 0 : before.cursor().movedAtMs();
      lease = put(new Cursor(name, collection, place, movedAtMs));
    } finally {
      lock.unlock();
    }
    write(Database.Sync.LOG);
    return lease;
  }

  /// Under a new token; the lock is held.
  private CursorLease put(Cursor cursor) {
    var lease = new CursorLease(++lastToken, cursor);
    leases.put(cursor.name(), lease);
    unwritten.add(cursor.name());
    return lease;
  }

  @Override
  public boolean advance(String name, long token, EventId place) {
    gate.requireOpen();
    lock.lock();
    try {
      CursorLease lease = leases.get(name);
      if (lease == null || lease.token() != token) {
        return false;
      }
      if (isAhead(name, lease.cursor().place(), place)) {
        leases.put(name, new CursorLease(token, moved(lease.cursor(), place)));
        unwritten.add(name);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static boolean isAhead(String name, @Nullable EventId before, EventId place) {
    if (before == null) {
      return true;
    }
    if (before.tag() != place.tag()) {
      throw new IllegalArgumentException(
          "Cursor " + name + " stands at " + before + ", not in the log of " + place);
    }
    return place.compareTo(before) > 0;
  }

  private Cursor moved(Cursor cursor, EventId place) {
    return new Cursor(cursor.name(), cursor.collection(), place, clock.millis());
  }

  @Override
  public List<Cursor> list() {
    gate.requireOpen();
    lock.lock();
    try {
      return leases.values().stream().map(CursorLease::cursor).toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable Cursor find(String name) {
    gate.requireOpen();
    lock.lock();
    try {
      CursorLease lease = leases.get(name);
      return lease == null ? null : lease.cursor();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean reset(String name, EventId place) {
    gate.requireWritable();
    lock.lock();
    try {
      CursorLease lease = leases.get(name);
      if (lease == null) {
        return false;
      }
      put(moved(lease.cursor(), place));
    } finally {
      lock.unlock();
    }
    write(Database.Sync.LOG_AND_SYNC);
    return true;
  }

  @Override
  public boolean delete(String name) {
    gate.requireWritable();
    lock.lock();
    try {
      if (leases.remove(name) == null) {
        return false;
      }
      unwritten.add(name);
    } finally {
      lock.unlock();
    }
    write(Database.Sync.LOG_AND_SYNC);
    return true;
  }

  /// Writes what has changed; without waiting for anything when nothing has.
  ///
  /// @throws FreshetException `UNAVAILABLE`
  private void write(Database.Sync sync) {
    writing.lock();
    try (var batch = new WriteBatch()) {
      Set<String> names = fill(batch);
      if (names.isEmpty()) {
        return;
      }
      try {
        database.write(batch, sync);
      } catch (RocksDBException | RuntimeException e) {
        takeBack(names);
        throw e;
      }
    } catch (RocksDBException e) {
      throw Refusals.unavailable("Cursors could not be written: " + e.getMessage());
    } finally {
      writing.unlock();
    }
  }

  /// @return the names of what is in the batch
  private Set<String> fill(WriteBatch batch) throws RocksDBException {
    Set<String> names;
    List<@Nullable CursorLease> states = new ArrayList<>();
    long token;
    lock.lock();
    try {
      names = unwritten;
      if (names.isEmpty()) {
        return names;
      }
      unwritten = new HashSet<>();
      names.forEach(name -> states.add(leases.get(name)));
      token = lastToken;
    } finally {
      lock.unlock();
    }
    int i = 0;
    for (String name : names) {
      CursorLease lease = states.get(i++);
      byte[] key = name.getBytes(StandardCharsets.UTF_8);
      if (lease == null) {
        batch.delete(database.cursors, key);
      } else {
        batch.put(database.cursors, key, encode(lease));
      }
    }
    meta.putLastLease(batch, token);
    return names;
  }

  private void takeBack(Set<String> names) {
    lock.lock();
    try {
      unwritten.addAll(names);
    } finally {
      lock.unlock();
    }
  }

  private static byte[] encode(CursorLease lease) {
    Cursor cursor = lease.cursor();
    var out = new ByteWriter(64);
    out.u8(FORMAT);
    out.varint(lease.token());
    out.text(cursor.collection());
    out.varint(cursor.movedAtMs());
    EventId place = cursor.place();
    if (place != null) {
      out.fixed64(place.high());
      out.fixed64(place.low());
    }
    return out.copy();
  }

  private static CursorLease decode(String name, byte[] value) {
    var in = new ByteReader(value);
    if (in.u8() != FORMAT) {
      throw Refusals.malformed("the cursor " + name + " has an unknown format");
    }
    long token = in.varint();
    String collection = in.text();
    long movedAtMs = in.varint();
    EventId place = in.remaining() == 0 ? null : new EventId(in.fixed64(), in.fixed64());
    return new CursorLease(token, new Cursor(name, collection, place, movedAtMs));
  }

  /// Stops writing behind; what is left is written by [#writeLast].
  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// For a clean stop.
  void writeLast() {
    write(Database.Sync.LOG);
  }
}
