// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static io.freshet.client.FreshetClient.await;

import io.freshet.client.FreshetClient;
import io.freshet.testkit.Eventually;
import java.util.List;
import java.util.Map;

/// A program that makes clients, uses them and closes them; it ends well when none of their threads
/// is left. In a process of its own, where nobody else has clients.
final class ClosedClients {
  private static final int CLIENTS = 5;

  private ClosedClients() {}

  /// @param args the server's address
  public static void main(String[] args) throws Exception {
    for (int i = 0; i < CLIENTS; i++) {
      try (FreshetClient client = FreshetClient.connect(args[0])) {
        await(client.sync().create("t", Map.of()));
        client.changes("t").stream();
        client.records().getRecord("t/r").set("n", i);
        client.records().listen("^t/" + i, request -> {});
        if (threads().isEmpty()) {
          throw new AssertionError("threads of an open client are not recognised");
        }
      }
    }
    Eventually.holds(() -> threads().isEmpty());
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.isVirtual())
        .map(Thread::getName)
        .filter(name -> name.startsWith("freshet-client") || name.startsWith("HttpClient"))
        .toList();
  }
}
