// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.testkit.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Connections that end right behind a message. Of every third one the JDK's WebSocket does not
/// tell; a client that waits for an answer comes back from each.
@Timeout(60)
class FallenLinkTest {
  private static final int CLIENTS = 12;
  private static final int CONNECTIONS_OF_EACH = 3;

  @Test
  void isNoticedEvenIfThePlatformDoesNotTell() throws Exception {
    var servers = new ArrayList<FallingServer>();
    var clients = new ArrayList<FreshetClient>();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        var server = new FallingServer();
        servers.add(server);
        FreshetClient client =
            FreshetClient.builder(server.url())
                .reconnectionAttempts(Integer.MAX_VALUE)
                .reconnectionDelay(Duration.ofMillis(10), Duration.ofMillis(50))
                .build();
        clients.add(client);
        client.records().getRecord("never/answered");
      }
      for (FallingServer each : List.copyOf(servers)) {
        Eventually.holds(() -> each.welcomed() >= CONNECTIONS_OF_EACH);
      }
    } finally {
      clients.forEach(FreshetClient::close);
      servers.forEach(FallingServer::close);
    }
  }
}
