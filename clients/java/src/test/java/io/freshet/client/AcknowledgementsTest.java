// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// When the server is told of what was handled.
class AcknowledgementsTest {
  private final TestLine line = new TestLine();
  private final List<String> sent = new ArrayList<>();

  private Acknowledgements of(int window) {
    return new Acknowledgements(line.hub, window, sent::add);
  }

  private void handle(Acknowledgements acknowledgements, int first, int last) {
    line.hub.locked(() -> {
      for (int i = first; i <= last; i++) {
        acknowledgements.add("c" + i, false);
      }
    });
  }

  /// As on a connection that has been up for a while.
  private Acknowledgements settled(int window) {
    Acknowledgements acknowledgements = of(window);
    handle(acknowledgements, -2047, 0);
    line.timing.pass(2);
    sent.clear();
    return acknowledgements;
  }

  @Test
  void onANewConnectionEachTellsOfTwiceAsMany() {
    Acknowledgements acknowledgements = of(0);
    handle(acknowledgements, 1, 7);
    assertEquals(List.of("c1", "c3", "c7"), sent);
    line.hub.locked(acknowledgements::clear);
    handle(acknowledgements, 8, 10);
    assertEquals(List.of("c1", "c3", "c7", "c8", "c10"), sent);
  }

  @Test
  void whatIsHandledInOneMomentIsToldTogether() {
    Acknowledgements acknowledgements = settled(0);
    handle(acknowledgements, 1, 100);
    assertEquals(List.of(), sent);
    line.timing.pass(2);
    assertEquals(List.of("c100"), sent);
    line.timing.pass(1000);
    assertEquals(List.of("c100"), sent);
    handle(acknowledgements, 101, 101);
    line.timing.pass(2);
    assertEquals(List.of("c100", "c101"), sent);
  }

  @Test
  void halfAWindowIsToldAtOnceSoThatTheServerGoesOn() {
    handle(settled(0), 1, 300);
    assertEquals(List.of("c128", "c256"), sent);
    sent.clear();
    handle(settled(1), 1, 3);
    assertEquals(List.of("c1", "c2", "c3"), sent);
    sent.clear();
    handle(settled(65_536), 1, 1500);
    assertEquals(List.of("c1024"), sent);
  }

  @Test
  void whatTheProgramSaysItselfIsToldAtOnce() {
    Acknowledgements acknowledgements = settled(0);
    handle(acknowledgements, 1, 3);
    line.hub.locked(() -> acknowledgements.add("c4", true));
    assertEquals(List.of("c4"), sent);
    line.timing.pass(1000);
    assertEquals(List.of("c4"), sent);
  }

  @Test
  void nothingIsToldOnceItWasCleared() {
    Acknowledgements acknowledgements = settled(0);
    handle(acknowledgements, 1, 3);
    line.hub.locked(acknowledgements::clear);
    line.timing.pass(1000);
    assertEquals(List.of(), sent);
  }

  @Test
  void theRestIsToldWhenItIsAskedFor() {
    Acknowledgements acknowledgements = settled(0);
    handle(acknowledgements, 1, 3);
    line.hub.locked(acknowledgements::flush);
    line.hub.locked(acknowledgements::flush);
    assertEquals(List.of("c3"), sent);
  }
}
