// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.EngineHarness.Client;
import io.freshet.engine.EngineHarness.Reply;
import io.freshet.engine.command.Command;
import io.freshet.engine.feed.ListenTopic;
import io.freshet.protocol.DocumentKey;
import io.freshet.testkit.MemoryStore;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/// Long work is cut into slices so that commands get their turn in between. A slice puts the next
/// one in while the engine still looks at what is due, if the timers' thread is quick.
class SlicedTurnsTest {
  private static final int NAMES = 20;

  @Test
  void aTurnTakesOneSliceHoweverQuicklyTheNextOneComes() {
    var harness = new EngineHarness(new MemoryStore(InstantSource.system()));
    Client watcher = harness.client("watcher");
    for (int i = 0; i < NAMES; i++) {
      watcher.watch(true, DocumentKey.ofRecordName("slow/" + "a".repeat(40) + i));
    }
    harness.settle();
    harness.hasten = true;

    Client listener = harness.client("listener");
    harness.submit(new Command.Listen(new Reply(listener), ListenTopic.RECORD, "(a+)+\\1!$"));
    int turns = 0;
    for (int before = 0; harness.engine.turn() > 0; before = harness.hastened) {
      assertTrue(harness.hastened - before <= 1, "slices in one turn");
      turns++;
    }
    assertTrue(harness.hastened >= NAMES / 2, harness.hastened + " slices are no long work");
    assertTrue(turns >= harness.hastened, turns + " turns");
  }
}
