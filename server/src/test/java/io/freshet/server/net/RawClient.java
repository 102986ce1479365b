// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A WebSocket and HTTP client that can do everything wrong. Blocking, with a deadline per read.
public final class RawClient implements AutoCloseable {
  static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};
  private static final int DEADLINE_MS = 10_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  public record Frame(boolean last, int opcode, byte[] payload) {
    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    public int closeCode() {
      return payload.length < 2 ? 1005 : (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
    }
  }

  public record Answer(int status, List<String> headers, String body) {
    public String header(String name) {
      return headers.stream()
          .filter(line -> line.toLowerCase().startsWith(name.toLowerCase() + ":"))
          .map(line -> line.substring(name.length() + 1).strip())
          .findFirst()
          .orElse("");
    }
  }

  public RawClient(InetSocketAddress server) throws IOException {
    this(server, 0);
  }

  public RawClient(InetSocketAddress server, int receiveBufferBytes) throws IOException {
    socket = new Socket();
    if (receiveBufferBytes > 0) {
      socket.setReceiveBufferSize(receiveBufferBytes);
    }
    socket.connect(server, DEADLINE_MS);
    socket.setSoTimeout(DEADLINE_MS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
    out = socket.getOutputStream();
  }

  static RawClient upgraded(InetSocketAddress server, String target) throws IOException {
    var client = new RawClient(server);
    Answer answer = client.upgrade(target);
    if (answer.status() != 101) {
      throw new IOException("no upgrade: " + answer);
    }
    return client;
  }

  public Answer upgrade(String target, String... headers) throws IOException {
    sendUpgrade(target, headers);
    return readAnswer();
  }

  public void sendUpgrade(String target, String... headers) throws IOException {
    var all = new ArrayList<String>();
    all.add("Upgrade: websocket");
    all.add("Connection: Upgrade");
    all.add("Sec-WebSocket-Version: 13");
    all.add("Sec-WebSocket-Key: " + KEY);
    all.addAll(List.of(headers));
    sendRequest("GET", target, all);
  }

  void sendRequest(String method, String target, List<String> headers) throws IOException {
    var text = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    if (headers.stream().noneMatch(line -> line.startsWith("Host:"))) {
      text.append("Host: 127.0.0.1:6020\r\n");
    }
    headers.forEach(line -> text.append(line).append("\r\n"));
    raw(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  Answer request(String method, String target, String... headers) throws IOException {
    sendRequest(method, target, List.of(headers));
    return readAnswer();
  }

  /// The first line of an answer without a body, whose headers are skipped.
  String readHead() throws IOException {
    String status = readLine();
    while (!readLine().isEmpty()) {
      // a header
    }
    return status;
  }

  /// Whether the server says or ends something within this time.
  public boolean ends(java.time.Duration within) throws IOException {
    socket.setSoTimeout((int) within.toMillis());
    try {
      in.mark(1);
      int next = in.read();
      in.reset();
      return next != Integer.MIN_VALUE;
    } catch (java.net.SocketTimeoutException _) {
      return false;
    } finally {
      socket.setSoTimeout(DEADLINE_MS);
    }
  }

  public Answer readAnswer() throws IOException {
    Answer head = readHeaders();
    String length = head.header("content-length");
    byte[] body = in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length));
    return new Answer(head.status(), head.headers(), new String(body, StandardCharsets.UTF_8));
  }

  /// An answer as far as its head.
  Answer readHeaders() throws IOException {
    String status = readLine();
    var headers = new ArrayList<String>();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      headers.add(line);
    }
    return new Answer(Integer.parseInt(status.split(" ")[1]), headers, "");
  }

  /// The next chunk of a body; empty for the last.
  String readChunk() throws IOException {
    byte[] chunk = in.readNBytes(Integer.parseInt(readLine(), 16));
    if (!readLine().isEmpty()) {
      throw new IOException("a chunk that is longer than it says");
    }
    return new String(chunk, StandardCharsets.UTF_8);
  }

  int readByte() throws IOException {
    return in.readUnsignedByte();
  }

  String readToEnd() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  private String readLine() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.readUnsignedByte(); b != '\n'; b = in.readUnsignedByte()) {
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  public void raw(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  public void text(String text) throws IOException {
    raw(frame(0x81, text.getBytes(StandardCharsets.UTF_8)));
  }

  public void binary(byte[] payload) throws IOException {
    raw(frame(0x82, payload));
  }

  /// A masked frame with a first byte of the caller's making.
  public static byte[] frame(int firstByte, byte[] payload) {
    return frame(firstByte, payload, MASK);
  }

  static byte[] frame(int firstByte, byte[] payload, byte[] mask) {
    var frame = new ByteArrayOutputStream();
    frame.write(firstByte);
    int length = payload.length;
    if (length < 126) {
      frame.write(0x80 | length);
    } else if (length <= 0xFFFF) {
      frame.write(0x80 | 126);
      frame.write(length >> 8);
      frame.write(length);
    } else {
      frame.write(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame.write((int) ((long) length >> shift));
      }
    }
    frame.writeBytes(mask);
    for (int i = 0; i < length; i++) {
      frame.write(payload[i] ^ mask[i % 4]);
    }
    return frame.toByteArray();
  }

  public Frame read() throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    if ((second & 0x80) != 0) {
      throw new IOException("server frames must not be masked");
    }
    long length = second;
    if (second == 126) {
      length = in.readUnsignedShort();
    } else if (second == 127) {
      length = in.readLong();
    }
    return new Frame((first & 0x80) != 0, first & 0x0F, in.readNBytes((int) length));
  }

  /// Waits for the end of the connection, dropping what still comes.
  public void awaitEnd() throws IOException {
    try {
      while (in.read() >= 0) {
        // dropped
      }
    } catch (EOFException | java.net.SocketException _) {
      // ended
    }
  }

  /// Reads up to the close frame, then to the end.
  public int awaitClose() throws IOException {
    Frame frame = read();
    while (frame.opcode() != 0x8) {
      frame = read();
    }
    socket.shutdownOutput();
    awaitEnd();
    return frame.closeCode();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
