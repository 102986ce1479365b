// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A client without manners: a bare socket on which anything can be sent, well-formed or not.
///
/// Threading: one thread sends, one reads.
final class RawSocket implements AutoCloseable {
  static final int BINARY = 0x82;
  private static final int CLOSE_OPCODE = 8;
  private static final int BINARY_OPCODE = 2;
  private static final int READ_MILLIS_MAX = 60_000;

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;

  /// What the server's close frame said; 1005 for one without a code, 0 before and without any.
  private volatile int closeCode;

  private RawSocket(URI server, int receiveBytes) throws IOException {
    socket = new Socket();
    if (receiveBytes > 0) {
      socket.setReceiveBufferSize(receiveBytes);
    }
    socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), READ_MILLIS_MAX);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(READ_MILLIS_MAX);
    out = socket.getOutputStream();
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
  }

  /// Only the TCP connection.
  static RawSocket connected(URI server) throws IOException {
    return new RawSocket(server, 0);
  }

  /// A WebSocket on which nothing has been said yet.
  static RawSocket upgraded(URI server) throws IOException {
    return new RawSocket(server, 0).upgrade(server);
  }

  static RawSocket loggedIn(URI server) throws IOException {
    return upgraded(server).logIn();
  }

  /// Logged in, with so small a window that the server soon has to keep what is not read.
  static RawSocket slow(URI server) throws IOException {
    return new RawSocket(server, 4096).upgrade(server).logIn();
  }

  private RawSocket upgrade(URI server) throws IOException {
    sendRaw(upgradeRequest(server.getAuthority(), ""));
    String answer = readHead();
    assertTrue(answer.startsWith("HTTP/1.1 101 "), answer);
    return this;
  }

  static byte[] upgradeRequest(String host, String moreHeaders) {
    return ("GET /deepstream HTTP/1.1\r\nHost: "
            + host
            + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            + moreHeaders
            + "\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private RawSocket logIn() throws IOException {
    send(WireMessage.CHALLENGE);
    await(message -> message.is(WireMessage.CONNECTION, 4));
    send(WireMessage.LOGIN);
    await(message -> message.is(WireMessage.AUTH, 3));
    return this;
  }

  // Out.

  void sendRaw(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /// One binary frame.
  void send(byte[] payload) throws IOException {
    out.write(frame(BINARY, payload));
  }

  void send(WireMessage.Draft draft) throws IOException {
    send(draft.bytes());
  }

  /// A masked frame; the mask is zero, so that the payload stays readable.
  static byte[] frame(int firstByte, byte[] payload) {
    var frame = new ByteArrayOutputStream(payload.length + 14);
    frame.writeBytes(header(firstByte, payload.length));
    frame.writeBytes(payload);
    return frame.toByteArray();
  }

  static byte[] header(int firstByte, long length) {
    var header = new ByteArrayOutputStream(14);
    header.write(firstByte);
    int lengthBytes = length < 0 || length > 0xFFFF ? 8 : length < 126 ? 0 : 2;
    header.write(0x80 | (lengthBytes == 0 ? (int) length : lengthBytes == 2 ? 126 : 127));
    for (int shift = (lengthBytes - 1) * 8; shift >= 0; shift -= 8) {
      header.write((int) (length >>> shift));
    }
    header.writeBytes(new byte[4]);
    return header.toByteArray();
  }

  // In.

  /// The next message, or null when the connection has ended.
  @Nullable WireMessage read() throws IOException {
    try {
      while (true) {
        int first = in.readUnsignedByte();
        byte[] payload = new byte[Math.toIntExact(payloadLength())];
        in.readFully(payload);
        int opcode = first & 0x0F;
        if (opcode == CLOSE_OPCODE) {
          closeCode = payload.length < 2 ? 1005 : (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
        } else if (opcode == BINARY_OPCODE) {
          return WireMessage.decode(payload);
        }
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (EOFException | SocketException e) {
      return null;
    }
  }

  private long payloadLength() throws IOException {
    int length = in.readUnsignedByte() & 0x7F;
    return length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
  }

  /// The next message that fits; it is an error if the connection ends before.
  WireMessage await(Predicate<WireMessage> wanted) throws IOException {
    while (true) {
      WireMessage message = read();
      if (message == null) {
        throw new AssertionError("the connection ended, close code " + closeCode);
      }
      if (wanted.test(message)) {
        return message;
      }
    }
  }

  /// Reads on to the end and says with which code the server closed; 0 if it just went away.
  int awaitClose() throws IOException {
    while (read() != null) {
      // what was under way
    }
    return closeCode;
  }

  /// The status line and headers of an HTTP answer; what there is if the connection ends.
  String readHead() throws IOException {
    var head = new StringBuilder();
    try {
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readUnsignedByte());
      }
    } catch (EOFException | SocketException e) {
      head.append("[end]");
    }
    return head.toString();
  }

  /// An HTTP answer.
  record Answer(int status, String head, String body) {
    String header(String name) {
      return head.lines()
          .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
          .map(line -> line.substring(name.length() + 1).strip())
          .findFirst()
          .orElse("");
    }
  }

  /// The next HTTP answer, which has to be whole; null if the connection has ended before it began.
  @Nullable Answer readAnswer() throws IOException {
    String head = readHead();
    if (head.equals("[end]")) {
      return null;
    }
    if (!head.matches("(?s)HTTP/1\\.1 [1-5]\\d\\d .*\r\n\r\n")) {
      throw new IOException("no HTTP answer: " + head);
    }
    var answer = new Answer(Integer.parseInt(head.substring(9, 12)), head, "");
    String length = answer.header("content-length");
    byte[] body = new byte[length.isEmpty() ? 0 : Integer.parseInt(length)];
    in.readFully(body);
    return new Answer(answer.status(), head, new String(body, StandardCharsets.UTF_8));
  }

  /// Whether the server ends the connection within the patience of a read, whatever it still sends.
  boolean isEnded() throws IOException {
    try {
      while (in.read() >= 0) {
        // whatever it is
      }
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
    return true;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
