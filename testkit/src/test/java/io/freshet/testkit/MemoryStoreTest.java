// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.Change;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import io.freshet.protocol.EventId;
import io.freshet.protocol.Position;
import io.freshet.protocol.json.JsonObject;
import io.freshet.spi.CommitResult;
import io.freshet.spi.LogState;
import io.freshet.spi.RequestKey;
import io.freshet.spi.Write;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What can be done to the reference store only.
final class MemoryStoreTest {
  private static final DocumentKey JACK = DocumentKey.ofRecordName("driver/jack");
  private static final DocumentKey JILL = DocumentKey.ofRecordName("driver/jill");

  private final MemoryStore store = new MemoryStore(VirtualClock.atNoon());

  private Change commit(Write write) {
    return ((CommitResult.Committed) store.commit(List.of(write)).getFirst()).change();
  }

  private LogState log() {
    return store.logs().getFirst();
  }

  @Test
  void losesItsNewestChangesAndAllThatHangsOnThem() {
    var request = new RequestKey("ada", "driver", "1");
    Change kept = commit(Writes.create(Document.missing(JACK), JsonObject.empty()));
    Change lost = commit(Writes.requested(request, Writes.set(kept.after(), "n", "1")));
    commit(Writes.create(Document.missing(JILL), JsonObject.empty()));

    store.loseAndBeginEpoch(2);

    assertEquals(1, log().head());
    assertEquals(2, log().epoch());
    assertEquals(List.of(kept), store.history(JACK, 0, 10));
    assertEquals(1, store.scan("driver", null, 10).size());
    assertEquals(1, store.scan("driver", null, 10).getFirst().offset());
    assertEquals(List.of(), store.outcome(request).toCompletableFuture().join());
    assertEquals(kept.position(), store.locate(kept.id()));
    assertEquals(new Position(log().log(), 1, 2), store.locate(lost.id()));
    assertNull(store.locate(EventId.of(0, 1, 4)));
  }

  @Test
  void namesThePlaceBeforeTheFirstChangeOfAnEpoch() {
    Change lost = commit(Writes.create(Document.missing(JACK), JsonObject.empty()));
    store.loseAndBeginEpoch(1);

    EventId begin = log().headId();
    assertEquals(new Position(log().log(), 2, 0), store.locate(begin));
    Change next = commit(Writes.create(Document.missing(JACK), JsonObject.empty()));

    assertTrue(lost.id().compareTo(begin) < 0);
    assertTrue(begin.compareTo(next.id()) < 0);
    assertEquals(new Position(log().log(), 2, 1), next.position());
    assertEquals(next.id(), log().headId());
  }

  @Test
  void dropsChangesButKeepsWhatTheyTold() {
    var request = new RequestKey("ada", "driver", "1");
    Change first =
        commit(
            Writes.requested(request, Writes.create(Document.missing(JACK), JsonObject.empty())));
    Change second = commit(Writes.set(first.after(), "n", "1"));
    store.dropBefore(3);

    assertEquals(List.of(), store.history(JACK, 0, 10));
    assertEquals(2, store.scan("driver", null, 10).getFirst().offset());
    assertEquals(List.of(first), store.outcome(request).toCompletableFuture().join());
    assertEquals(first.position(), store.locate(first.id()));
    assertEquals(second.id(), log().headId());
    assertEquals(3, log().oldest());
  }
}
