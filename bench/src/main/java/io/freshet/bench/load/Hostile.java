// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;
import java.util.Locale;

/// What attackers cost everybody else: a [PacedPair] for each [Attack].
final class Hostile {
  private final URI url;
  private final Report report = new Report();
  private final PacedPair pair;
  private final String only;

  Hostile(URI url, ServerProcess server, Arguments args) {
    this.url = url;
    pair = new PacedPair(url, server, args, "20", report);
    only = args.text("attack", "all").toUpperCase(Locale.ROOT).replace('-', '_');
    args.refuseUnknown();
  }

  Report run() {
    Report idle = pair.measured("idle");
    for (Attack attack : Attack.values()) {
      if (only.equals("ALL") || only.equals(attack.name())) {
        String name = attack.name().toLowerCase(Locale.ROOT);
        pair.compare(name, idle, () -> attack.untilInterrupted(url));
      }
    }
    return report;
  }
}
