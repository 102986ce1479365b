// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.RowChange;
import io.freshet.spi.SnapshotProgress;
import io.freshet.spi.SourceSink;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads rows of tables while their changes are told, and hands them to the reader of the log at
/// the place where they are right ([Window] says why they are).
///
/// A read is: a mark into the database's log, a query, another mark. One read is under way at a
/// time; it takes all rows asked for meanwhile, and a chunk of one scan.
///
/// **Threads.** One of its own asks the database. The reader's thread calls the methods of
/// [Watermarks], anybody the others; none of them blocks.
final class WatermarkReads implements Reads {
  private static final Logger LOG = LoggerFactory.getLogger(WatermarkReads.class);
  private static final int COMMITS_MAX = 1 << 17;
  private static final int FETCH_MAX = 200;
  private static final Duration PAUSE_MAX = Duration.ofSeconds(2);
  private static final Duration PAUSE_MIN = Duration.ofMillis(2);

  private final PostgresOptions options;
  private final Supplier<TableMap> tables;
  private final Duration patience;
  private final Thread thread;
  private final WindowQueries queries;
  private final Object lock = new Object();

  // All of this is guarded by the lock.
  private final Fetches fetches = new Fetches();
  private final Scans scans = new Scans();
  private final RecentCommits commits = new RecentCommits(COMMITS_MAX);
  private @Nullable SourceSink sink;
  private @Nullable Window current;
  private boolean restored;
  private boolean live;
  private boolean closed;
  private long windows;
  private long turn;
  private String trouble = "the database cannot be reached";

  private volatile boolean open;

  /// @param tables as they are known now
  /// @param patience after which somebody who waits for a row is told that it cannot be read
  WatermarkReads(
      PostgresOptions options,
      Supplier<TableMap> tables,
      ThreadFactory threads,
      Duration patience) {
    this.options = options;
    this.tables = tables;
    this.patience = patience;
    this.queries = new WindowQueries(options);
    this.thread = threads.newThread(this::run);
    thread.setName("freshet-" + options.name() + "-rows");
    thread.start();
  }

  // What the source's users ask for.

  @Override
  public CompletionStage<?> fetch(List<DocumentKey> keys) {
    var future = new CompletableFuture<Void>();
    TableMap known = tables.get();
    var distinct = new LinkedHashSet<DocumentKey>();
    for (DocumentKey key : keys) {
      if (known.isUnknown() || known.captured(key.collection()) != null) {
        distinct.add(key);
      }
    }
    if (distinct.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(unavailable("the source is closed"));
      }
      fetches.add(List.copyOf(distinct), future);
      lock.notifyAll();
    }
    limit(future);
    return future;
  }

  /// Fails it when it takes too long.
  private void limit(CompletableFuture<Void> future) {
    var later = CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS);
    later.execute(() -> future.completeExceptionally(unavailable(trouble())));
  }

  private String trouble() {
    synchronized (lock) {
      return trouble;
    }
  }

  private FreshetException unavailable(String why) {
    return new FreshetException(
        ErrorCode.UNAVAILABLE,
        "The row is not held here and could not be read from the database of the source %s: %s"
            .formatted(options.name(), why));
  }

  @Override
  public CompletionStage<?> complete(String collection) {
    var future = new CompletableFuture<Void>();
    synchronized (lock) {
      Scan scan = scans.completing(collection);
      if (scan == null) {
        return CompletableFuture.completedFuture(null);
      }
      if (closed) {
        return CompletableFuture.failedFuture(unavailable("the source is closed"));
      }
      scan.waiting.add(future);
      lock.notifyAll();
    }
    watch(future, collection);
    return future;
  }

  /// A table may take long to read; but nobody waits for a database that is away, or for a table
  /// that is.
  private void watch(CompletableFuture<Void> future, String collection) {
    var later = CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS);
    later.execute(() -> {
      if (future.isDone()) {
        return;
      }
      boolean readable = tables.get().captured(collection) != null;
      synchronized (lock) {
        if (!live || !readable) {
          future.completeExceptionally(
              unavailable(live ? "the table of " + collection + " is not captured" : trouble));
        }
      }
      watch(future, collection);
    });
  }

  @Override
  public CompletionStage<?> snapshot(String collection, String run) {
    var begun = new CompletableFuture<Void>();
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(unavailable("the source is closed"));
      }
      scans.addRun(collection, run, begun);
      lock.notifyAll();
    }
    limit(begun);
    return begun;
  }

  @Override
  public void cancel(String run) {
    synchronized (lock) {
      scans.cancel(run);
    }
  }

  @Override
  public @Nullable SnapshotProgress progress(String run) {
    synchronized (lock) {
      Scan scan = scans.run(run);
      if (scan == null) {
        return null;
      }
      Table table = tables.get().captured(scan.collection);
      Window window = current;
      boolean durable =
          window == null || window.scan != scan || window.state() != Window.State.RETURNED;
      return new SnapshotProgress(
          scan.rows(), table == null ? 0 : table.estimate(), scan.isDone() && durable);
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      stop();
      fetches.failAll(unavailable("the source is closed"));
      for (Scan scan : scans.all()) {
        scan.waiting.forEach(
            each -> each.completeExceptionally(unavailable("the source is closed")));
      }
      lock.notifyAll();
    }
    queries.abort();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // What the reader of the log tells.

  @Override
  public void connected(SourceSink to, JsonObject progress) {
    synchronized (lock) {
      stop();
      sink = to;
      scans.restore(progress, !restored);
      restored = true;
      scans.all().stream().filter(Scan::isDone).forEach(this::finish);
      live = true;
      lock.notifyAll();
    }
  }

  @Override
  public void disconnected() {
    synchronized (lock) {
      stop();
      trouble = "the database cannot be reached";
      lock.notifyAll();
    }
  }

  private void stop() {
    live = false;
    open = false;
    if (current != null) {
      current.giveUp();
    }
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void changed(String collection, String id) {
    synchronized (lock) {
      if (current != null && open) {
        current.changed(collection, id);
      }
    }
  }

  @Override
  public void truncated(String collection) {
    synchronized (lock) {
      if (current != null && open) {
        current.truncated(collection);
      }
    }
  }

  @Override
  public void committed(int xid) {
    synchronized (lock) {
      commits.add(xid);
      if (commits.isHalfFull()) {
        lock.notifyAll();
      }
    }
  }

  @Override
  public List<RowChange> message(String content) {
    synchronized (lock) {
      Window window = current;
      if (window == null || window.isOver()) {
        return List.of();
      }
      if (content.equals(window.id + " low")) {
        window.open(commits.count());
        open = true;
      } else if (content.equals(window.id + " high")) {
        open = false;
        List<RowChange> rows = window.close(commits, fetches);
        if (rows == null) {
          trouble = "a transaction whose commit is written waits for a standby, or the row changes";
          lock.notifyAll();
          return List.of();
        }
        // Lest nothing is appended: somebody waits for the changes before this to be durable.
        turn++;
        return rows;
      }
      return List.of();
    }
  }

  @Override
  public void appended() {
    synchronized (lock) {
      scans.durable();
      Window window = current;
      if (window == null || window.state() != Window.State.RETURNED) {
        return;
      }
      window.done();
      window.settled().forEach(fetches::settled);
      if (window.scan != null) {
        ended(window.scan);
      }
      lock.notifyAll();
    }
  }

  private void ended(Scan scan) {
    FreshetException refusal = scan.refusal();
    if (refusal != null) {
      LOG.warn("{}: reading a table has stopped: {}", options.name(), refusal.getMessage());
      scans.refused(scan).forEach(each -> each.completeExceptionally(refusal));
    } else if (scan.isDone()) {
      finish(scan);
    }
  }

  private void finish(Scan scan) {
    scans.finished(scan);
    scan.waiting.forEach(each -> each.complete(null));
    scan.waiting.clear();
  }

  @Override
  public JsonObject progress() {
    synchronized (lock) {
      JsonObject text = scans.text();
      return turn == 0 ? text : text.with("turn", JsonNumber.of(turn));
    }
  }

  @Override
  public void refreshHeld() {
    synchronized (lock) {
      if (current != null) {
        current.giveUp();
      }
      open = false;
      scans.refreshHeld(tables.get().collections());
      lock.notifyAll();
    }
  }

  /// How many reads were begun.
  long begun() {
    synchronized (lock) {
      return windows;
    }
  }

  // What the thread of its own does.

  private void run() {
    long pauseMs = 0;
    try (queries) {
      while (awaitWork(pauseMs)) {
        pauseMs = readOnce() ? 0 : Math.min(Math.max(pauseMs * 2, PAUSE_MIN.toMillis()), max());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long max() {
    return PAUSE_MAX.toMillis();
  }

  /// @param pauseMs to wait in any case
  /// @return false when closed
  private boolean awaitWork(long pauseMs) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMs);
    synchronized (lock) {
      while (!closed) {
        long restMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (restMs > 0) {
          lock.wait(restMs);
        } else if (live && hasWork()) {
          return true;
        } else {
          lock.wait();
        }
      }
      return false;
    }
  }

  private boolean hasWork() {
    return !fetches.isEmpty() || scans.next(this::isReadable) != null || commits.isHalfFull();
  }

  private boolean isReadable(String collection) {
    return tables.get().captured(collection) != null;
  }

  /// @return whether it came to something
  private boolean readOnce() throws InterruptedException {
    Window window = begin();
    try {
      if (window == null) {
        settle();
        return true;
      }
      SourceSink held;
      synchronized (lock) {
        held = sink;
      }
      queries.read(
          window,
          tables.get(),
          held,
          result -> {
            synchronized (lock) {
              window.read(result);
            }
          });
      return awaitEnd(window);
    } catch (SQLException | RuntimeException e) {
      // One that should not be must not end the thread: whoever asks next would wait for ever.
      LOG.debug("{}: reading rows failed", options.name(), e);
      synchronized (lock) {
        trouble = String.valueOf(e.getMessage());
        open = false;
        if (window != null) {
          window.giveUp();
        }
      }
      return false;
    }
  }

  private @Nullable Window begin() {
    synchronized (lock) {
      scans.forget(this::isReadable);
      List<DocumentKey> keys = fetches.next(FETCH_MAX);
      Scan scan = scans.next(this::isReadable);
      if (keys.isEmpty() && scan == null) {
        return null;
      }
      trouble = "the database's log is behind";
      // A mark that another process has left is told apart by the time.
      current =
          new Window(queries.name() + ++windows, keys, scan, new RowSize(options.rowBytesMax()));
      return current;
    }
  }

  private boolean awaitEnd(Window window) throws InterruptedException {
    synchronized (lock) {
      while (!window.isOver()) {
        lock.wait();
      }
      return window.state() == Window.State.DONE;
    }
  }

  private void settle() throws SQLException {
    Visibility seen = queries.visibility();
    synchronized (lock) {
      commits.settle(seen);
    }
  }
}
