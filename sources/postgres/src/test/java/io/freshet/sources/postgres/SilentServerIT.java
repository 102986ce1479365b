// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.sources.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.testkit.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.postgresql.PGProperty;

/// Something that accepts connections where the database should be, and says nothing.
final class SilentServerIT {
  private static PostgresOptions options(int port, String parameters) {
    String url = "postgresql://postgres@127.0.0.1:%d/postgres%s".formatted(port, parameters);
    return new PostgresOptions(
        "main",
        PostgresUrl.parse(url, "secret"),
        List.of(),
        "freshet",
        "freshet",
        true,
        Duration.ZERO,
        TestSource.ROW_BYTES_MAX);
  }

  @Test
  void aLoginTakesTenSecondsAtMostUnlessTheUrlSaysSo() {
    String login = PGProperty.LOGIN_TIMEOUT.getName();
    assertEquals("10", Connections.properties(options(1, "")).getProperty(login));
    assertEquals("1", Connections.properties(options(1, "?loginTimeout=1")).getProperty(login));
  }

  @Test
  void isGivenUpAndTriedAgain() throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Set<Socket> accepted = ConcurrentHashMap.newKeySet();
      Thread.ofVirtual().start(() -> accept(silent, accepted));
      var options = options(silent.getLocalPort(), "?loginTimeout=1");
      try (var source = TestSource.start(options, new RecordingSink())) {
        assertThrows(SQLException.class, () -> Connections.query(options).close());
        Eventually.holds(() -> accepted.size() > 3 && source.state().reconnects() > 1);
      } finally {
        for (Socket each : accepted) {
          each.close();
        }
      }
    }
  }

  private static void accept(ServerSocket silent, Set<Socket> accepted) {
    try {
      while (!silent.isClosed()) {
        accepted.add(silent.accept());
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }
}
