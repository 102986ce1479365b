// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.ingest.Sources;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.spi.Source;
import io.freshet.spi.Store;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The documents in memory, loaded from the store on demand and dropped by last use when they take
/// too much room.
final class Slots {
  /// What a slot takes besides its document, roughly, in bytes.
  private static final long SLOT_BYTES = 200;

  private final Store store;
  private final Sources sources;
  private final long cacheBytesMax;
  private final Consumer<Runnable> onEngineThread;
  private final Map<DocumentKey, Slot> slots = new HashMap<>();
  private List<Slot> toLoad = new ArrayList<>();
  private @Nullable Slot oldest;
  private @Nullable Slot newest;
  private long cachedBytes;
  private long arrivals;

  /// Slots whose lines may have got further; emptied before the outermost [#advance] returns.
  private final ArrayDeque<Slot> toAdvance = new ArrayDeque<>();

  private boolean advancing;

  /// @param onEngineThread runs a task in a later turn; called from any thread
  Slots(Store store, Sources sources, long cacheBytesMax, Consumer<Runnable> onEngineThread) {
    this.store = store;
    this.sources = sources;
    this.cacheBytesMax = cacheBytesMax;
    this.onEngineThread = onEngineThread;
  }

  int size() {
    return slots.size();
  }

  long cachedBytes() {
    return cachedBytes;
  }

  @Nullable Slot existing(DocumentKey key) {
    return slots.get(key);
  }

  /// The documents that somebody watches.
  List<DocumentKey> watched() {
    var found = new ArrayList<DocumentKey>();
    for (Slot slot : slots.values()) {
      if (!slot.watchers.isEmpty()) {
        found.add(slot.key);
      }
    }
    return found;
  }

  /// The slot, made if need be, as the one used last.
  Slot use(DocumentKey key) {
    Slot slot = slots.get(key);
    if (slot == null) {
      slot = new Slot(key);
      slots.put(key, slot);
    }
    if (!slot.listed) {
      slot.listed = true;
      slot.cachedBytes = SLOT_BYTES + Slot.sizeOf(slot.committed);
      cachedBytes += slot.cachedBytes;
      link(slot);
    } else if (slot.newer != null) {
      unlink(slot);
      link(slot);
    }
    return slot;
  }

  /// The last watcher left: a slot that was kept for its watchers only goes.
  void released(Slot slot) {
    if (!slot.listed && slot.watchers.isEmpty() && slot.isIdle()) {
      slots.remove(slot.key);
    }
  }

  /// The place of the next arrival.
  long nextOrder() {
    return arrivals++;
  }

  /// Runs the task as soon as the document is loaded and nothing of it waits before: now if it can.
  void whenReady(Slot slot, Runnable task) {
    if (slot.isReady()) {
      task.run();
    } else {
      await(slot, new Errand(nextOrder(), task));
    }
  }

  /// A task without further properties.
  private static final class Errand extends Waiter {
    private final Runnable task;

    Errand(long order, Runnable task) {
      super(order);
      this.task = task;
    }

    @Override
    void run() {
      task.run();
    }
  }

  /// Lets it wait for its turn.
  void await(Slot slot, Waiter waiter) {
    slot.joinLine(waiter);
    if (slot.committed == null) {
      request(slot);
    } else {
      advance(slot);
    }
  }

  /// As [#whenReady], for readers: they need the committed state only, and do not wait for commands
  /// of the document that wait for the guard.
  void whenLoaded(Slot slot, Runnable task) {
    if (slot.committed != null) {
      task.run();
      return;
    }
    slot.awaitLoaded(task);
    request(slot);
  }

  /// Asks for the document; it is loaded at the end of this round, together with others.
  void request(Slot slot) {
    if (!slot.loading && slot.ahead == null) {
      slot.loading = true;
      toLoad.add(slot);
    }
  }

  /// Starts the loads asked for. Answers that are there at once are used at once, and so on until
  /// nothing more is asked for.
  void load() {
    while (!toLoad.isEmpty()) {
      List<Slot> batch = toLoad;
      toLoad = new ArrayList<>();
      if (sources.isEmpty()) {
        load(null, batch);
      } else {
        split(batch).forEach((source, slots) -> load(source.orElse(null), slots));
      }
    }
  }

  /// By source: nobody else waits for a foreign database.
  private Map<Optional<Source>, List<Slot>> split(List<Slot> batch) {
    var bySource = new LinkedHashMap<Optional<Source>, List<Slot>>(2);
    for (Slot slot : batch) {
      var source = Optional.ofNullable(sources.of(slot.key.collection()));
      bySource.computeIfAbsent(source, each -> new ArrayList<>(batch.size())).add(slot);
    }
    return bySource;
  }

  private void load(@Nullable Source source, List<Slot> batch) {
    var keys = new ArrayList<DocumentKey>(batch.size());
    for (Slot slot : batch) {
      keys.add(slot.key);
    }
    CompletableFuture<List<Document>> stage = loadStage(source, keys);
    if (stage.isDone()) {
      loaded(source, batch, stage);
    } else {
      var _ =
          stage.whenComplete((d, e) -> onEngineThread.accept(() -> loaded(source, batch, stage)));
    }
  }

  private CompletableFuture<List<Document>> loadStage(
      @Nullable Source source, List<DocumentKey> keys) {
    try {
      CompletionStage<List<Document>> stage =
          source == null ? store.load(keys) : sources.load(source, keys);
      return stage.toCompletableFuture();
    } catch (FreshetException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void loaded(
      @Nullable Source source, List<Slot> batch, CompletableFuture<List<Document>> stage) {
    if (stage.isCompletedExceptionally()) {
      FreshetException failure = failureOf(stage);
      if (failure.code() == ErrorCode.DOCUMENT_TOO_LARGE && batch.size() > 1) {
        // One of the rows; whoever asked for another one gets that.
        batch.forEach(slot -> load(source, List.of(slot)));
        return;
      }
      batch.forEach(slot -> failed(slot, failure));
      return;
    }
    List<Document> documents = stage.join();
    for (int i = 0; i < batch.size(); i++) {
      loaded(batch.get(i), documents.get(i));
    }
  }

  private void loaded(Slot slot, Document document) {
    slot.loading = false;
    if (slot.committed != null) {
      serve(slot);
    } else if (!slot.watchers.isEmpty() && document.revision() > slot.knownRevision) {
      slot.ahead = document;
    } else {
      set(slot, document);
      serve(slot);
    }
  }

  private void serve(Slot slot) {
    takeReaders(slot).forEach(Runnable::run);
    advance(slot);
  }

  private static List<Runnable> takeReaders(Slot slot) {
    List<Runnable> readers = slot.readers;
    slot.readers = null;
    return readers == null ? List.of() : readers;
  }

  /// The store cannot load: whoever waits is told so through a slot that stays unloaded, unless the
  /// feed has brought its state meanwhile.
  private void failed(Slot slot, FreshetException failure) {
    slot.loading = false;
    if (slot.committed != null) {
      serve(slot);
      return;
    }
    List<Waiter> waiting = slot.line == null ? List.of() : List.copyOf(slot.line);
    slot.pins++;
    loadFailure = failure;
    takeReaders(slot).forEach(Runnable::run);
    for (Waiter each : waiting) {
      each.busy = false;
      each.leave(slot);
      each.run();
    }
    loadFailure = null;
    slot.pins--;
  }

  private @Nullable FreshetException loadFailure;

  /// Why the document of the task now running could not be loaded; null when it could.
  @Nullable FreshetException loadFailure() {
    return loadFailure;
  }

  static FreshetException failureOf(CompletableFuture<?> stage) {
    Throwable thrown = stage.exceptionNow();
    Throwable inner = thrown.getCause();
    Throwable cause = thrown instanceof CompletionException && inner != null ? inner : thrown;
    return cause instanceof FreshetException typed
        ? typed
        : new FreshetException(
            ErrorCode.UNAVAILABLE, "The store failed: " + cause.getMessage(), cause);
  }

  /// Runs what waits, in order, until somebody has to wait on.
  void advance(Slot slot) {
    if (slot.line != null) {
      toAdvance.add(slot);
      if (!advancing) {
        advancing = true;
        advanceAll();
      }
    }
  }

  /// Lets several join their lines before anybody goes on: whoever arrived first is first then.
  void together(Runnable joining) {
    boolean outermost = !advancing;
    advancing = true;
    joining.run();
    if (outermost) {
      advanceAll();
    }
  }

  private void advanceAll() {
    for (Slot next = toAdvance.poll(); next != null; next = toAdvance.poll()) {
      Waiter first = due(next);
      while (first != null) {
        first.leave(next);
        first.run();
        first = due(next);
      }
    }
    advancing = false;
  }

  private static @Nullable Waiter due(Slot slot) {
    Waiter first = slot.line == null || slot.committed == null ? null : slot.line.peek();
    return first != null && first.isDue() ? first : null;
  }

  /// Takes a new committed state.
  void set(Slot slot, Document document) {
    slot.committed = document;
    slot.knownRevision = document.revision();
    if (slot.listed) {
      long bytes = SLOT_BYTES + Slot.sizeOf(document);
      cachedBytes += bytes - slot.cachedBytes;
      slot.cachedBytes = bytes;
    }
  }

  /// Forgets the committed state, to be loaded again when needed.
  void forget(Slot slot) {
    slot.committed = null;
    unlist(slot);
  }

  private void unlist(Slot slot) {
    if (slot.listed) {
      slot.listed = false;
      cachedBytes -= slot.cachedBytes;
      unlink(slot);
    }
  }

  /// Drops documents not used for longest until the rest fits. A watched one keeps its slot.
  void evict() {
    Slot slot = oldest;
    for (int looked = 0; slot != null && cachedBytes > cacheBytesMax && looked < 10_000; looked++) {
      Slot next = slot.newer;
      if (slot.isIdle()) {
        forget(slot);
        released(slot);
      }
      slot = next;
    }
  }

  private void link(Slot slot) {
    slot.older = newest;
    slot.newer = null;
    if (newest == null) {
      oldest = slot;
    } else {
      newest.newer = slot;
    }
    newest = slot;
  }

  private void unlink(Slot slot) {
    if (slot.older == null) {
      oldest = slot.newer;
    } else {
      slot.older.newer = slot.newer;
    }
    if (slot.newer == null) {
      newest = slot.older;
    } else {
      slot.newer.older = slot.older;
    }
    slot.older = null;
    slot.newer = null;
  }
}
