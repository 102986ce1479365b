// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The least a server can do for the driver's scenarios: no validation, no documents, no disk, one
/// thread, and all frames of one pass for a record's subscribers joined into one write each.
/// Measured like a peer it shows what this machine's sockets cost, and what the driver can take at
/// most; tests run the driver against it. Not part of the product.
///
/// Threading: [#serve] runs until [#close], which any thread may call.
final class FloorServer implements AutoCloseable {
  private static final byte[] DATA = "{\"v\":\"floor\"}".getBytes(US_ASCII);

  private static final class Client {
    private final SocketChannel channel;
    private final OutBuffer out = new OutBuffer();
    private boolean upgraded;
    private byte[] partial = new byte[0];

    Client(SocketChannel channel) {
      this.channel = channel;
    }
  }

  private static final class Topic {
    private final List<Client> subscribers = new ArrayList<>();
    private final OutBuffer joined = new OutBuffer();
    private int version;
  }

  private final Selector selector;
  private volatile boolean closing;
  private final ServerSocketChannel listener;
  private final MessageWriter writer = new MessageWriter();
  private final Message message = new Message();
  private final Map<String, Topic> records = new HashMap<>();
  private final List<Topic> changed = new ArrayList<>();
  private final List<Client> answered = new ArrayList<>();

  /// Of calls under way, by their correlation ids.
  private final Map<Long, Client> callers = new HashMap<>();

  private @Nullable Client provider;
  private final byte[] input = new byte[4 * 1024 * 1024];

  FloorServer(int port) {
    try {
      selector = Selector.open();
      listener = ServerSocketChannel.open();
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT);
    } catch (IOException e) {
      throw new LoadException("cannot listen on " + port, e);
    }
  }

  int port() {
    return listener.socket().getLocalPort();
  }

  void serve() {
    try (selector;
        listener) {
      while (!closing) {
        selector.select(this::ready);
        flush();
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
    } catch (IOException e) {
      throw new LoadException("the floor broke", e);
    }
  }

  @Override
  public void close() {
    closing = true;
    selector.wakeup();
  }

  private void ready(SelectionKey key) {
    if (key.isAcceptable()) {
      accept();
      return;
    }
    var client = (Client) key.attachment();
    try {
      if (key.isWritable() && client.out.drainTo(client.channel)) {
        key.interestOps(SelectionKey.OP_READ);
      }
      if (key.isReadable()) {
        read(client);
      }
    } catch (IOException reset) {
      drop(client);
    }
  }

  private void accept() {
    try {
      SocketChannel channel = listener.accept();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.register(selector, SelectionKey.OP_READ, new Client(channel));
    } catch (IOException e) {
      throw new LoadException("accept failed", e);
    }
  }

  private void drop(Client client) {
    try {
      client.channel.close();
    } catch (IOException e) {
      throw new LoadException("close failed", e);
    }
    records.values().forEach(record -> record.subscribers.remove(client));
  }

  private void read(Client client) throws IOException {
    int kept = client.partial.length;
    System.arraycopy(client.partial, 0, input, 0, kept);
    int count = client.channel.read(ByteBuffer.wrap(input, kept, input.length - kept));
    if (count < 0) {
      drop(client);
      return;
    }
    int to = kept + count;
    int rest = client.upgraded ? frames(client, to) : upgrade(client, to);
    client.partial = Arrays.copyOfRange(input, rest, to);
    answered.add(client);
  }

  private int upgrade(Client client, int to) {
    String head = new String(input, 0, to, US_ASCII);
    if (!head.endsWith("\r\n\r\n")) {
      return 0;
    }
    String key = head.split("(?i)sec-websocket-key: ", -1)[1].lines().findFirst().orElse("");
    client.out.append(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + accept(key)
                + "\r\n\r\n")
            .getBytes(US_ASCII));
    client.upgraded = true;
    return to;
  }

  private static String accept(String key) {
    try {
      byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new LoadException("no SHA-1", e);
    }
  }

  /// Answers where the first incomplete frame begins.
  private int frames(Client client, int to) {
    int at = 0;
    while (to - at >= 6) {
      int size = input[at + 1] & 0x7f;
      int header = size < 126 ? 6 : size == 126 ? 8 : 14;
      if (to - at < header) {
        return at;
      }
      if (size >= 126) {
        size = 0;
        for (int i = at + 2; i < at + header - 4; i++) {
          size = (size << 8) | (input[i] & 0xff);
        }
      }
      if (to - at - header < size) {
        return at;
      }
      int start = at + header;
      for (int i = 0; i < size; i++) {
        input[start + i] ^= input[start - 4 + (i & 3)];
      }
      at = start + size;
      message.decode(input, start, at);
      answer(client);
    }
    return at;
  }

  private void answer(Client client) {
    switch (message.topic()) {
      case Wire.TOPIC_CONNECTION -> {
        boolean ping = message.action() == Wire.CONNECTION_PING;
        writer.start(ping ? Wire.CONNECTION_PONG : Wire.CONNECTION_ACCEPT);
      }
      case Wire.TOPIC_AUTH -> writer.start(Wire.AUTH_SUCCESSFUL);
      case Wire.TOPIC_EVENT -> {
        if (!event(client)) {
          return;
        }
      }
      case Wire.TOPIC_RPC -> {
        if (!call(client)) {
          return;
        }
      }
      default -> record(client);
    }
    writer.appendUnmaskedTo(client.out, message.topic());
  }

  /// Leaves the reply, if there is one, in the writer.
  private boolean event(Client client) {
    String name = message.name();
    Topic event = records.computeIfAbsent("event " + name, _ -> new Topic());
    if (message.action() == Wire.EVENT_EMIT) {
      if (event.joined.isEmpty()) {
        changed.add(event);
      }
      writer.start(Wire.EVENT_EMIT);
      message.copyData(writer);
      writer.text(Wire.NAME, name).appendUnmaskedTo(event.joined, Wire.TOPIC_EVENT);
      return false;
    }
    event.subscribers.add(client);
    writer.start(Wire.EVENT_SUBSCRIBE);
    message.copyCorrelation(writer);
    writer.number(Wire.IS_ACK, 1);
    return true;
  }

  /// Leaves the reply, if there is one, in the writer.
  private boolean call(Client client) {
    if (message.action() == Wire.RPC_PROVIDE) {
      provider = client;
      writer.start(Wire.RPC_PROVIDE);
      message.copyCorrelation(writer);
      writer.number(Wire.IS_ACK, 1);
      return true;
    }
    boolean isRequest = message.action() == Wire.RPC_REQUEST;
    if (isRequest) {
      callers.put(message.correlation(), client);
    }
    Client to = isRequest ? provider : callers.get(message.correlation());
    if (to == null) {
      throw new LoadException("the floor does not know " + message.describe());
    }
    writer.start(message.action());
    if (message.dataLength() > 0) {
      message.copyData(writer);
    }
    message.copyCorrelation(writer);
    writer.text(Wire.RPC_NAME, message.name()).appendUnmaskedTo(to.out, Wire.TOPIC_RPC);
    answered.add(to);
    return false;
  }

  /// Leaves the reply in the writer.
  private void record(Client client) {
    String name = message.name();
    Topic record = records.computeIfAbsent(name, _ -> new Topic());
    switch (message.action()) {
      case Wire.SUBSCRIBECREATEANDREAD, Wire.READ -> {
        if (message.action() == Wire.SUBSCRIBECREATEANDREAD) {
          record.subscribers.add(client);
        }
        writer.start(Wire.READ_RESPONSE).text(Wire.DATA, DATA).text(Wire.NAME, name);
        writer.number(Wire.VERSION, record.version);
      }
      case Wire.PATCH, Wire.CREATEANDPATCH, Wire.CREATEANDUPDATE -> {
        record.version++;
        publish(record, name);
        writer.start(Wire.WRITE_ACKNOWLEDGEMENT);
        message.copyCorrelation(writer);
        writer.text(Wire.NAME, name).number(Wire.IS_WRITE_ACK, 1);
      }
      default -> throw new LoadException("the floor does not know " + message.describe());
    }
  }

  private void publish(Topic record, String name) {
    if (record.subscribers.isEmpty()) {
      return;
    }
    if (record.joined.isEmpty()) {
      changed.add(record);
    }
    writer.start(Wire.PATCH);
    message.copyData(writer);
    writer.text(Wire.NAME, name).text(Wire.PATH, "v").number(Wire.VERSION, record.version);
    writer.appendUnmaskedTo(record.joined, Wire.TOPIC_RECORD);
  }

  private void flush() {
    for (Topic record : changed) {
      for (Client client : List.copyOf(record.subscribers)) {
        publish(client, record.joined.view());
      }
      record.joined.clear();
    }
    changed.clear();
    answered.forEach(this::flush);
    answered.clear();
  }

  private void publish(Client client, ByteBuffer frames) {
    try {
      if (client.out.isEmpty()) {
        client.channel.write(frames);
      }
    } catch (IOException reset) {
      drop(client);
      return;
    }
    if (frames.hasRemaining()) {
      client.out.append(frames);
      answered.add(client);
    }
  }

  private void flush(Client client) {
    try {
      SelectionKey key = client.channel.keyFor(selector);
      if (key != null && key.isValid() && !client.out.isEmpty()) {
        boolean drained = client.out.drainTo(client.channel);
        key.interestOps(
            drained ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      }
    } catch (IOException reset) {
      drop(client);
    }
  }
}
