// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

class RecentCommitsTest {
  private static final int SIZE = 1 << 10;

  @Test
  void whatWasRunningOrHadNotBegunIsHidden() {
    Visibility seen = Visibility.parse("10:20:12,15");
    assertEquals(new Visibility(10, 20, Set.of(12L, 15L)), seen);
    assertTrue(seen.hides(12));
    assertTrue(seen.hides(20));
    assertTrue(seen.hides(21));
    assertFalse(seen.hides(9));
    assertFalse(seen.hides(19));
    assertFalse(Visibility.parse("20:20:").hides(19));
  }

  /// The log has the lower half of the numbers only.
  @Test
  void numbersAreTheClosestOnes() {
    Visibility seen = Visibility.parse("4294967290:4294967300:4294967295");
    assertTrue(seen.hides((int) 4294967295L));
    assertFalse(seen.hides((int) 4294967294L));
    assertFalse(seen.hides((int) 4294967299L));
    assertTrue(seen.hides((int) 4294967300L));
    assertEquals(4294967295L, seen.number(-1));
    assertEquals(4294967297L, seen.number(1));
  }

  @Test
  void onlyThoseBeforeThePlaceCount() {
    var commits = new RecentCommits(SIZE);
    commits.add(11);
    long place = commits.count();
    commits.add(12);
    Visibility seen = Visibility.parse("12:20:12");
    assertFalse(commits.areHidden(seen, place));
    assertTrue(commits.areHidden(seen, commits.count()));
  }

  @Test
  void thoseThatAreOverAreForgotten() {
    var commits = new RecentCommits(SIZE);
    for (int xid = 1; xid <= SIZE; xid++) {
      commits.add(xid);
    }
    assertTrue(commits.isHalfFull());
    commits.settle(Visibility.parse("7:2000:7"));
    assertFalse(commits.isHalfFull());
    assertTrue(commits.areHidden(Visibility.parse("7:2000:7"), commits.count()));
    assertFalse(commits.areHidden(Visibility.parse("2000:2000:"), commits.count()));
  }

  /// Of one that had to be forgotten it is not known whether it was a commit at all.
  @Test
  void theForgottenCountAsHiddenUntilTheyAreOver() {
    var commits = new RecentCommits(SIZE);
    for (int xid = 1; xid <= 2 * SIZE; xid++) {
      commits.add(xid);
    }
    Visibility held = Visibility.parse("5:5000:5");
    assertTrue(commits.areHidden(held, commits.count()));
    commits.settle(held);
    assertTrue(commits.areHidden(held, commits.count()));
    // Later than all that were forgotten: it may run.
    assertFalse(commits.areHidden(Visibility.parse("4000:5000:4000"), commits.count()));
    commits.settle(Visibility.parse("4000:5000:4000"));
    assertFalse(commits.isHalfFull());
    assertFalse(commits.areHidden(Visibility.parse("5:5000:5"), commits.count()));
  }
}
