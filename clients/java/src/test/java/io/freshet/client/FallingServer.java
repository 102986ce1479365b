// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/// A WebSocket server that welcomes everybody, and whose connections fall right behind a message,
/// without a close frame.
final class FallingServer implements AutoCloseable {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String KEY = "sec-websocket-key:";

  /// Nobody would notice within it.
  private static final String WELCOME = "{\"type\":\"welcome\",\"heartbeatMs\":3600000}";

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final AtomicInteger welcomed = new AtomicInteger();

  FallingServer() throws IOException {
    Thread.startVirtualThread(this::accept);
  }

  String url() {
    return "ws://127.0.0.1:" + listener.getLocalPort();
  }

  int welcomed() {
    return welcomed.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        Thread.startVirtualThread(() -> welcome(socket));
      } catch (IOException closed) {
        // Nobody is let in any more.
      }
    }
  }

  private void welcome(Socket socket) {
    try (socket) {
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      String key = "";
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        if (line.toLowerCase(Locale.ROOT).startsWith(KEY)) {
          key = line.substring(KEY.length()).strip();
        }
      }
      OutputStream out = socket.getOutputStream();
      out.write(
          ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Accept: "
                  + answerTo(key)
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      out.write(text(WELCOME));
      welcomed.incrementAndGet();
    } catch (IOException gone) {
      // So it is already.
    }
  }

  /// RFC 6455, section 4.2.2.
  private static String answerTo(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A short frame, RFC 6455, section 5.2.
  private static byte[] text(String payload) {
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    var frame = new byte[2 + bytes.length];
    frame[0] = (byte) 0x81;
    frame[1] = (byte) bytes.length;
    System.arraycopy(bytes, 0, frame, 2, bytes.length);
    return frame;
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
