// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// As much of a server of `/ws` as the driver needs: documents that have a revision, events and
/// streams of them, nothing kept. It can be told to leave out one delivery.
final class JsonFloor implements Closeable {
  private final ServerSocket listener;
  private final Map<String, JsonObject> documents = new HashMap<>();
  private final Map<String, Long> revisions = new HashMap<>();
  private final List<String[]> changes = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private int toLose = -1;

  /// What one connection wants.
  private static final class Client {
    final OutputStream out;
    String topic = "";
    String stream = "";
    JsonObject filter = JsonObject.empty();

    Client(OutputStream out) {
      this.out = out;
    }

    void say(String text) throws IOException {
      byte[] payload = text.getBytes(UTF_8);
      var frame = new byte[payload.length + FrameWriter.HEADER_BYTES_MAX];
      int at = FrameWriter.putUnmasked(frame, 0, Wire.OPCODE_TEXT, payload.length);
      System.arraycopy(payload, 0, frame, at, payload.length);
      out.write(frame, 0, at + payload.length);
    }
  }

  JsonFloor() throws IOException {
    listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  URI url() {
    return URI.create("ws://127.0.0.1:" + listener.getLocalPort() + "/ws");
  }

  /// The delivery after so many more is lost.
  synchronized void loseAfter(int deliveries) {
    toLose = deliveries;
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed: the test is over.
      return;
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      var client = new Client(socket.getOutputStream());
      skipHead(in);
      client.out.write("HTTP/1.1 101 Switching Protocols\r\n\r\n".getBytes(UTF_8));
      client.say("{\"type\":\"welcome\"}");
      while (true) {
        handle(client, (JsonObject) Json.parse(new String(payload(in), UTF_8)));
      }
    } catch (IOException e) {
      // The driver has gone.
      return;
    }
  }

  private static void skipHead(DataInputStream in) throws IOException {
    int blank = 0x0d0a0d0a;
    for (int last = 0; last != blank; ) {
      last = last << 8 | in.readUnsignedByte();
    }
  }

  private static byte[] payload(DataInputStream in) throws IOException {
    in.readByte();
    int length = in.readByte() & 0x7f;
    length = length == 126 ? in.readUnsignedShort() : length == 127 ? (int) in.readLong() : length;
    byte[] mask = in.readNBytes(4);
    byte[] payload = in.readNBytes(length);
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i & 3];
    }
    return payload;
  }

  private synchronized void handle(Client client, JsonObject frame) throws IOException {
    switch (text(frame, "type")) {
      case "sync" -> operation(client, frame);
      case "subscribe" -> {
        client.topic = text(frame, "topic");
        clients.add(client);
        client.say("{\"type\":\"subscribed\",\"subscriptionId\":\"s1\"}");
      }
      case "stream" -> stream(client, frame);
      case "stop" -> {
        clients.remove(client);
        client.say("{\"type\":\"stopped\",\"streamId\":\"st1\"}");
      }
      case String _ -> {}
    }
  }

  private void stream(Client client, JsonObject frame) throws IOException {
    client.stream = text(frame, "collection");
    if (frame.get("update") instanceof JsonObject update) {
      client.filter = (JsonObject) Objects.requireNonNull(update.get("after"));
    }
    client.say("{\"type\":\"streaming\",\"streamId\":\"st1\"}");
    if (text(frame, "from").equals("earliest")) {
      for (String[] each : changes) {
        if (each[0].equals(client.stream) && toLose-- != 0) {
          client.say(each[1]);
        }
      }
    }
    clients.add(client);
  }

  private void operation(Client client, JsonObject frame) throws IOException {
    String service = text(frame, "service");
    String id = text(frame, "id");
    String key = service + "/" + id;
    String op = text(frame, "op");
    if (!op.equals("get")) {
      JsonObject after = after(op, frame, documents.getOrDefault(key, JsonObject.empty()));
      documents.put(key, after);
      long revision = revisions.merge(key, 1L, Long::sum);
      publish(service, id, revision, after);
    }
    long revision = Objects.requireNonNull(revisions.get(key));
    boolean created = revision == 1 && !op.equals("get");
    String head =
        "{\"type\":\"result\",\"requestId\":\"%s\",\"status\":%d,\"document\":{\"revision\":";
    client.say(
        head.formatted(text(frame, "requestId"), created ? 201 : 200)
            + revision
            + ",\"data\":"
            + documents.get(key)
            + "}}");
  }

  private static JsonObject after(String op, JsonObject frame, JsonObject before) {
    if (frame.get("mutations") instanceof JsonObject mutations && mutations.get("n") != null) {
      long n = before.get("n") instanceof JsonNumber number ? number.longValue() : 0;
      return before.with("n", JsonNumber.of(n + 1));
    }
    var given =
        (JsonObject) Objects.requireNonNull(frame.get(op.equals("mutate") ? "mutations" : "data"));
    JsonValue value = given.get("v");
    return op.equals("merge") && value != null ? before.with("v", value) : given;
  }

  private void publish(String service, String id, long revision, JsonObject after)
      throws IOException {
    String place = "\"documentId\":\"" + id + "\",\"revision\":" + revision + "}}";
    String change = "{\"type\":\"change\",\"streamId\":\"st1\",\"event\":{\"id\":\"e\"," + place;
    changes.add(new String[] {service, change});
    for (Client each : clients) {
      boolean event = each.topic.equals("sync." + service + ".updated");
      boolean wanted = each.stream.equals(service) && isWanted(each.filter, after);
      if ((event || wanted) && toLose-- != 0) {
        each.say(event ? "{\"type\":\"event\",\"data\":{\"metadata\":{" + place + "}" : change);
      }
    }
  }

  private static boolean isWanted(JsonObject filter, JsonObject after) {
    return !(filter.get("g") instanceof JsonNumber wanted) || wanted.equals(after.get("g"));
  }

  private static String text(JsonObject frame, String member) {
    return frame.get(member) instanceof JsonString text ? text.value() : "";
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
