// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.decide.Expiry;
import io.freshet.engine.decide.GuardCheck;
import io.freshet.engine.guard.Asking;
import io.freshet.engine.guard.Face;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.guard.GuardAction;
import io.freshet.engine.guard.GuardAnswer;
import io.freshet.engine.guard.GuardRequest;
import io.freshet.engine.guard.Principal;
import io.freshet.engine.guard.Subject;
import io.freshet.protocol.Document;
import io.freshet.protocol.DocumentKey;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// Asks the guard, and loads what it wants to see first.
final class Guarding implements Asking {
  private final Guard guard;
  private final InstantSource clock;
  private final Slots slots;
  private long epoch;

  Guarding(Guard guard, InstantSource clock, Slots slots) {
    this.guard = guard;
    this.clock = clock;
    this.slots = slots;
  }

  /// Milliseconds since 1970.
  long nowMs() {
    return clock.millis();
  }

  /// @param loaded what [#load] has brought so far
  GuardCheck check(Principal principal, Face face, Map<DocumentKey, Document> loaded) {
    return (action, subject) -> ask(principal, face, action, subject, loaded);
  }

  @Override
  public GuardAnswer ask(
      Principal principal,
      Face face,
      GuardAction action,
      Subject subject,
      Map<DocumentKey, Document> loaded) {
    return guard.check(new GuardRequest(principal, face, action, subject, clock.millis(), loaded));
  }

  @Override
  public boolean isSameForAll(Face face, DocumentKey key) {
    return guard.isSameForAll(face, key);
  }

  @Override
  public boolean looksAtContent(Face face, DocumentKey key) {
    return guard.looksAtContent(face, key);
  }

  @Override
  public long epoch() {
    return epoch;
  }

  /// The rules have been replaced.
  void renewed() {
    epoch++;
  }

  @Override
  public void load(List<DocumentKey> keys, Map<DocumentKey, Document> into, Runnable then) {
    int[] outstanding = {keys.size() + 1};
    Runnable arrived =
        () -> {
          if (--outstanding[0] == 0) {
            then.run();
          }
        };
    for (DocumentKey key : keys) {
      Slot slot = slots.use(key);
      slot.pins++;
      slots.whenLoaded(
          slot,
          () -> {
            slot.pins--;
            Document committed = slot.committed;
            if (committed != null) {
              into.put(key, Expiry.asOf(committed, nowMs()));
            }
            arrived.run();
          });
    }
    arrived.run();
  }
}
