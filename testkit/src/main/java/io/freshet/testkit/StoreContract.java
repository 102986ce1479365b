// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.LogId;
import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonValue;
import io.freshet.protocol.path.PathEdit;
import io.freshet.spi.CommitResult;
import io.freshet.spi.LogState;
import io.freshet.spi.Store;
import io.freshet.spi.Write;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.function.Executable;

/// What the contract suites share: one store per test and words for what is done to it.
public abstract class StoreContract {
  private static final int READ_MAX = 61;

  protected final VirtualClock clock = VirtualClock.atNoon();
  private @Nullable Store opened;

  /// Opens a store; a persistent one on this test's own place, with what an earlier store of the
  /// same test left there.
  protected abstract Store open(InstantSource clock);

  @AfterEach
  void closeStore() {
    if (opened != null) {
      opened.close();
      opened = null;
    }
  }

  /// The store under test.
  protected final Store store() {
    if (opened == null) {
      opened = open(clock);
    }
    return opened;
  }

  /// Stops the store cleanly; [#store] opens it again.
  protected final void stop() {
    closeStore();
  }

  /// Called where a store may rearrange what it holds (write it to disk, stop and start), and
  /// nobody must notice.
  protected void settle() {}

  protected static DocumentKey key(String recordName) {
    return DocumentKey.ofRecordName(recordName);
  }

  protected static JsonValue json(String text) {
    return Json.parse(text);
  }

  protected final Document load(DocumentKey key) {
    return store().load(List.of(key)).toCompletableFuture().join().getFirst();
  }

  protected final LogState log(DocumentKey key) {
    return log(store().logOf(key.collection()));
  }

  private LogState log(LogId log) {
    return store().logs().stream()
        .filter(state -> state.log().equals(log))
        .findFirst()
        .orElseThrow();
  }

  /// Commits one write that must be accepted.
  protected final Change commit(Write write) {
    return commitAll(List.of(write)).getFirst();
  }

  /// Commits writes that must all be accepted.
  protected final List<Change> commitAll(List<Write> writes) {
    var changes = new ArrayList<Change>();
    for (CommitResult result : store().commit(writes)) {
      changes.add(assertInstanceOf(CommitResult.Committed.class, result).change());
    }
    assertEquals(writes.size(), changes.size());
    return changes;
  }

  /// Loads the document, decides a write on it and commits it.
  protected final Change commitOn(DocumentKey key, Decide decide) {
    return commit(decide.on(load(key)));
  }

  /// Every held change of the log, read in small pieces.
  protected final List<Change> readAll(LogId log, @Nullable String collection) {
    long from = log(log).oldest();
    var all = new ArrayList<Change>();
    while (true) {
      List<Change> piece = store().read(log, collection, from, READ_MAX);
      if (piece.isEmpty()) {
        return all;
      }
      all.addAll(piece);
      from = piece.getLast().position().offset() + 1;
    }
  }

  /// Invariant 3: the logs, applied to nothing, give exactly the documents that load answers.
  protected final void assertLogsGiveTheDocuments(List<DocumentKey> keys) {
    Map<DocumentKey, Document> replayed = new HashMap<>();
    for (LogState state : store().logs()) {
      for (Change change : readAll(state.log(), null)) {
        Document before = replayed.getOrDefault(change.key(), Document.missing(change.key()));
        assertEquals(before, change.before(), "before of " + change.position());
        if (change.operations() != null) {
          assertEquals(
              change.after().data(), PathEdit.applyAll(before.data(), change.operations()));
        }
        replayed.put(change.key(), change.after());
      }
    }
    List<Document> loaded = store().load(keys).toCompletableFuture().join();
    for (int i = 0; i < keys.size(); i++) {
      DocumentKey key = keys.get(i);
      assertEquals(replayed.getOrDefault(key, Document.missing(key)), loaded.get(i));
    }
  }

  protected static FreshetException assertRefused(ErrorCode code, Executable action) {
    FreshetException refusal = assertThrows(FreshetException.class, action);
    assertEquals(code, refusal.code(), refusal.getMessage());
    return refusal;
  }

  /// Makes a write of a document's state.
  @FunctionalInterface
  protected interface Decide {
    Write on(Document current);
  }
}
