// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/// One connection of an attacker: a blocking socket that sends what it is told and throws away what
/// it is sent, or leaves it where it is. Owned by the attack's thread.
final class HostileClient implements AutoCloseable {
  private static final int ANSWER_MILLIS_MAX = 30_000;
  private static final int HEADER_BYTES_MAX = 14;

  /// Of a channel, because an interrupt ends a write of one: who attacks may be held up by the
  /// server for as long as it likes.
  private final Socket socket = SocketChannel.open().socket();

  private final OutBuffer out = new OutBuffer();
  private final MessageWriter writer = new MessageWriter();
  private final byte[] input = new byte[64 * 1024];

  /// @param receiveBytes of the socket's buffer; small for those who never read
  HostileClient(URI url, int receiveBytes) throws IOException {
    socket.setReceiveBufferSize(receiveBytes);
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), ANSWER_MILLIS_MAX);
    socket.setSoTimeout(ANSWER_MILLIS_MAX);
    socket.getOutputStream().write(new Upgrade(url).request());
    readSome();
  }

  HostileClient logIn(URI url) throws IOException {
    challenge(url);
    sendLogin("{}");
    readSome();
    return this;
  }

  void challenge(URI url) throws IOException {
    new Handshake(url).challenge(writer);
    send(Wire.TOPIC_CONNECTION);
    readSome();
  }

  void sendLogin(String data) throws IOException {
    start(Wire.AUTH_REQUEST).text(Wire.DATA, data);
    send(Wire.TOPIC_AUTH);
  }

  /// Waits for the answer to a login, which must hold the client data that only a judged one gets.
  void expectWelcome() throws IOException {
    int count = socket.getInputStream().read(input);
    String answer = count < 0 ? "" : new String(input, 0, count, StandardCharsets.ISO_8859_1);
    if (!answer.contains("welcome")) {
      throw new IOException("a login was not answered with its client data (welcome)");
    }
  }

  MessageWriter start(int action) {
    return writer.start(action);
  }

  /// Sends the message that has been written.
  void send(int topic) throws IOException {
    writer.appendTo(out, topic);
    flush();
  }

  /// Sends the message with up to four bits flipped, none of them in the frame's header.
  void sendSpoiled(int topic, Random random) throws IOException {
    out.clear();
    int from = out.reserve(0);
    writer.appendTo(out, topic);
    int to = out.reserve(0);
    byte[] bytes = out.bytes();
    for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
      int first = Math.min(from + HEADER_BYTES_MAX, to - 1);
      bytes[random.nextInt(first, to)] ^= (byte) (1 << random.nextInt(8));
    }
    flush();
  }

  /// Sends bytes as they are.
  void sendRaw(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  private void flush() throws IOException {
    int to = out.reserve(0);
    socket.getOutputStream().write(Arrays.copyOf(out.bytes(), to));
    out.clear();
    out.reserve(0);
  }

  /// Waits for bytes and drops them.
  void readSome() throws IOException {
    if (socket.getInputStream().read(input) < 0) {
      throw new IOException("closed by the server");
    }
  }

  /// Drops from now on whatever arrives, on a thread that ends with the connection. Who only sends
  /// would stand still as soon as the server holds him up for not taking his answers.
  void readAlong() throws IOException {
    socket.setSoTimeout(0);
    Thread.ofVirtual()
        .start(() -> {
          try {
            readUntilClosed();
          } catch (IOException e) {
            // Closed, by one side or the other.
          }
        });
  }

  private void readUntilClosed() throws IOException {
    while (true) {
      readSome();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
