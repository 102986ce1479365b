// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.permissions.Permissions;
import io.freshet.server.rows.RowRules.Rules;
import io.freshet.server.rows.RowRules.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Nothing of a document leaves through any door to somebody who may not read it, whatever is
/// written, asked, followed, reloaded and reconnected there and elsewhere; and whoever may read it
/// and follows it is told.
///
/// Every state of every document carries a mark of its own, which is looked for in all bytes sent.
final class EveryDoorTest {
  private static final int STEPS = 600;
  private static final Set<String> DOORS =
      Set.of(
          "/deepstream",
          "/ws",
          "/api/sync/stream",
          "/api/streams",
          "/stream",
          "/subscribe",
          "HTTP");

  @TempDir Path directory;
  private House house;
  private Permissions permissions;
  private Ledger ledger;
  private final List<Caller> callers = new ArrayList<>();

  private void begin(long seed) {
    ledger = new Ledger(new Random(seed));
    ledger.rules.place(file());
    permissions = new Permissions(file(), java.time.InstantSource.system());
    house = new House(permissions);
    permissions.followedBy(house.engine::renewRules);
    for (String user : RowRules.USERS) {
      callers.add(new RecordsCaller(house, ledger, user));
      callers.add(new DocumentsCaller(house, ledger, user));
      callers.add(EventsCaller.ofTopics(house, ledger, user));
      callers.add(EventsCaller.ofChanges(house, ledger, user));
      callers.add(PulseCaller.ofStreams(house, ledger, user));
      callers.add(PulseCaller.ofSubscriptions(house, ledger, user));
      callers.add(new HttpCaller(house, ledger, user));
    }
  }

  private Path file() {
    return directory.resolve("permissions.yml");
  }

  @AfterEach
  void close() {
    house.close();
  }

  @ParameterizedTest
  @MethodSource("io.freshet.testkit.Seeds#all")
  void tellsWhatMayBeKnownAndNothingElse(long seed) {
    begin(seed);
    for (int i = 0; i < STEPS; i++) {
      step();
    }
    assertEquals(new TreeSet<>(DOORS), ledger.told.keySet());
    ledger.told.forEach(
        (door, told) -> assertTrue(told > STEPS / 30, () -> ledger.told.toString()));
  }

  private void step() {
    Caller caller = callers.get(ledger.random.nextInt(callers.size()));
    switch (ledger.random.nextInt(12)) {
      case 0 -> reload(RowRules.ALL.get(ledger.random.nextInt(RowRules.ALL.size())));
      case 1 -> caller.reconnect();
      case 2, 3, 4, 5, 6 -> write(caller, ledger.draw(caller.anyCollection(), caller.anyId()));
      default -> act(caller);
    }
    callers.forEach(Caller::heard);
  }

  private void reload(Rules next) {
    ledger.rules = next;
    next.place(file());
    permissions.refresh();
    house.settle();
    callers.forEach(Caller::renewed);
  }

  private void act(Caller caller) {
    caller.act();
    changed();
  }

  private void write(Caller writer, State state) {
    if (!writer.write(state)) {
      return;
    }
    for (Caller caller : callers) {
      if (caller != writer && caller.isToBeTold(state)) {
        caller.hears(Set.of(state.mark()));
      }
    }
    changed();
  }

  /// What is there may be something else now.
  private void changed() {
    for (String collection : RowRules.COLLECTIONS) {
      for (int id = 0; id < 4; id++) {
        String key = collection + "/" + id;
        callers.forEach(caller -> caller.changed(key));
      }
    }
  }
}
