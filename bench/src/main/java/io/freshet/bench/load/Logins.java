// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// What it costs those who are in when many log in at once with a password that is expensive to
/// check: a [PacedPair] beside rounds of logins sent together. In a round every client connects
/// first, then all send their login, then all wait for the answer; a refused one makes the run
/// void.
final class Logins {
  private final URI url;
  private final int clients;
  private final String login;
  private final Report report = new Report();
  private final PacedPair pair;
  private final AtomicInteger succeeded = new AtomicInteger();
  private final List<Exception> failures = new ArrayList<>();

  Logins(URI url, ServerProcess server, Arguments args) {
    this.url = url;
    clients = args.count("clients", 1000);
    login =
        "{\"username\":\"%s\",\"password\":\"%s\"}"
            .formatted(args.text("username", "bench"), args.text("password", "bench"));
    pair = new PacedPair(url, server, args, "30", report);
    args.refuseUnknown();
  }

  Report run() {
    Report idle = pair.measured("idle");
    pair.compare("logins", idle, this::untilInterrupted);
    synchronized (failures) {
      if (!failures.isEmpty()) {
        throw new LoadException("logins failed", failures.getFirst());
      }
    }
    report.put("logins_succeeded", succeeded.get());
    if (succeeded.get() == 0) {
      throw new LoadException("no login was answered while the others were measured");
    }
    return report;
  }

  private void untilInterrupted() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        round();
      }
    } catch (IOException | LoadException e) {
      synchronized (failures) {
        failures.add(e);
      }
    }
  }

  private void round() throws IOException {
    var all = new ArrayList<HostileClient>(clients);
    try {
      for (int i = 0; i < clients && isWanted(); i++) {
        var client = new HostileClient(url, 4096);
        all.add(client);
        client.challenge(url);
      }
      if (!isWanted()) {
        return;
      }
      for (HostileClient client : all) {
        client.sendLogin(login);
      }
      for (HostileClient client : all) {
        if (!isWanted()) {
          return;
        }
        client.expectWelcome();
        succeeded.incrementAndGet();
      }
    } finally {
      for (HostileClient client : all) {
        client.close();
      }
    }
  }

  private static boolean isWanted() {
    return !Thread.currentThread().isInterrupted();
  }
}
