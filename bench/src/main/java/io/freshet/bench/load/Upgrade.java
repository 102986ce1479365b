// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.URI;

/// How a connection becomes a WebSocket.
final class Upgrade {
  private final URI url;
  private final byte[] request;

  Upgrade(URI url) {
    this.url = url;
    this.request =
        ("GET "
                + url.getRawPath()
                + " HTTP/1.1\r\nHost: "
                + url.getAuthority()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .getBytes(US_ASCII);
  }

  byte[] request() {
    return request;
  }

  /// Where the frames begin behind the server's HTTP response, -1 while that is incomplete.
  int end(byte[] bytes, int to) {
    String head = new String(bytes, 0, to, US_ASCII);
    int end = head.indexOf("\r\n\r\n");
    if (end < 0) {
      return -1;
    }
    if (!head.startsWith("HTTP/1.1 101")) {
      throw new LoadException(
          "no WebSocket at " + url + ": " + head.lines().findFirst().orElse(""));
    }
    return end + 4;
  }
}
