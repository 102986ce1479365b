// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message of topic EVENT, RPC or PRESENCE (protocol reference, section 3.1). They have the same
/// fields under different numbers ([Layout]).
///
/// A decoded message's [#data] is valid only while its frame is being handled.
public final class TopicMessage implements Message {
  private final Layout layout;
  private int action;
  private @Nullable Slice data;
  private @Nullable JsonValue json;
  private @Nullable String correlationId;
  private boolean isError;
  private boolean isAck;
  private @Nullable String name;
  private List<String> names = List.of();
  private @Nullable String subscription;
  private int originalAction;
  private @Nullable String requestorName;
  private @Nullable String requestorData;

  private enum Field {
    ACTION,
    DATA,
    CORRELATION_ID,
    IS_ERROR,
    IS_ACK,
    NAME,
    NAMES,
    SUBSCRIPTION,
    ORIGINAL_ACTION,
    REQUESTOR_NAME,
    REQUESTOR_DATA,
    /// In the schema, but never on the wire.
    UNUSED
  }

  /// The fields of one topic's message by number, from 1 on.
  private static final class Layout {
    static final Layout EVENT =
        new Layout(
            Topic.EVENT,
            Field.ACTION,
            Field.DATA,
            Field.CORRELATION_ID,
            Field.IS_ERROR,
            Field.IS_ACK,
            Field.NAME,
            Field.NAMES,
            Field.SUBSCRIPTION,
            Field.UNUSED,
            Field.UNUSED,
            Field.ORIGINAL_ACTION);
    static final Layout RPC =
        new Layout(
            Topic.RPC,
            Field.ACTION,
            Field.DATA,
            Field.CORRELATION_ID,
            Field.IS_ERROR,
            Field.IS_ACK,
            Field.NAMES,
            Field.NAME,
            Field.UNUSED,
            Field.ORIGINAL_ACTION,
            Field.REQUESTOR_NAME,
            Field.REQUESTOR_DATA);
    static final Layout PRESENCE =
        new Layout(
            Topic.PRESENCE,
            Field.ACTION,
            Field.UNUSED,
            Field.ORIGINAL_ACTION,
            Field.DATA,
            Field.CORRELATION_ID,
            Field.IS_ERROR,
            Field.IS_ACK,
            Field.NAME,
            Field.NAMES);

    private final Topic topic;
    private final List<Field> fields;

    private Layout(Topic topic, Field... fields) {
      this.topic = topic;
      this.fields = List.of(fields);
    }

    static Layout of(Topic topic) {
      return switch (topic) {
        case EVENT -> EVENT;
        case RPC -> RPC;
        case PRESENCE -> PRESENCE;
        case PARSER, CONNECTION, AUTH, RECORD ->
            throw new IllegalArgumentException(topic + " has messages of its own");
      };
    }

    Field field(int number) {
      return number <= fields.size() ? fields.get(number - 1) : Field.UNUSED;
    }
  }

  private TopicMessage(Layout layout) {
    this.layout = layout;
  }

  /// @param action of topic EVENT, RPC or PRESENCE
  public static TopicMessage of(Action action) {
    var message = new TopicMessage(Layout.of(action.topic()));
    message.action = action.number();
    return message;
  }

  /// @param topic EVENT, RPC or PRESENCE
  /// @throws UndecodableException if it is not a message of the topic
  public static TopicMessage decode(Topic topic, WireReader in, NameCache cache) {
    var message = new TopicMessage(Layout.of(topic));
    while (in.next()) {
      message.take(in, cache);
    }
    return message;
  }

  private void take(WireReader in, NameCache cache) {
    Field field = layout.field(in.tag() >>> 3);
    switch (in.tag() & 7) {
      case WireReader.VARINT -> takeNumber(field, in);
      case WireReader.BYTES -> takeBytes(field, in, cache);
      default -> in.skip();
    }
  }

  private void takeNumber(Field field, WireReader in) {
    switch (field) {
      case ACTION -> action = in.int32();
      case IS_ERROR -> isError = in.bool();
      case IS_ACK -> isAck = in.bool();
      case ORIGINAL_ACTION -> originalAction = in.int32();
      case DATA,
          CORRELATION_ID,
          NAME,
          NAMES,
          SUBSCRIPTION,
          REQUESTOR_NAME,
          REQUESTOR_DATA,
          UNUSED ->
          in.skip();
    }
  }

  private void takeBytes(Field field, WireReader in, NameCache cache) {
    switch (field) {
      case DATA -> data = in.slice();
      case CORRELATION_ID -> correlationId = in.text();
      case NAME -> name = cache.text(in);
      case NAMES -> addName(in.text());
      case SUBSCRIPTION -> subscription = in.text();
      case REQUESTOR_NAME -> requestorName = in.text();
      case REQUESTOR_DATA -> requestorData = in.text();
      case ACTION, IS_ERROR, IS_ACK, ORIGINAL_ACTION, UNUSED -> in.skip();
    }
  }

  private void addName(String added) {
    if (names.isEmpty()) {
      names = new ArrayList<>(2);
    }
    names.add(added);
  }

  @Override
  public void writeTo(FrameWriter out) {
    out.begin();
    for (int number = 1; number <= layout.fields.size(); number++) {
      write(layout.field(number), number, out);
    }
    out.end(layout.topic);
  }

  private void write(Field field, int number, FrameWriter out) {
    switch (field) {
      case ACTION -> out.number(number, action);
      case DATA -> out.data(number, json, data);
      case CORRELATION_ID -> out.text(number, correlationId);
      case IS_ERROR -> out.flag(number, isError);
      case IS_ACK -> out.flag(number, isAck);
      case NAME -> out.text(number, name);
      case NAMES -> names.forEach(each -> out.text(number, each));
      case SUBSCRIPTION -> out.text(number, subscription);
      case ORIGINAL_ACTION -> {
        if (originalAction != 0) {
          out.number(number, originalAction);
        }
      }
      case REQUESTOR_NAME -> out.text(number, requestorName);
      case REQUESTOR_DATA -> out.text(number, requestorData);
      case UNUSED -> {}
    }
  }

  // What is in it.

  @Override
  public Topic topic() {
    return layout.topic;
  }

  @Override
  public int actionNumber() {
    return action;
  }

  /// The payload as received, if any.
  public @Nullable Slice data() {
    return data;
  }

  public @Nullable String correlationId() {
    return correlationId;
  }

  public boolean isError() {
    return isError;
  }

  public boolean isAck() {
    return isAck;
  }

  public @Nullable String name() {
    return name;
  }

  /// Empty when absent.
  public List<String> names() {
    return names;
  }

  public @Nullable String subscription() {
    return subscription;
  }

  /// 0 when absent.
  public int originalAction() {
    return originalAction;
  }

  public @Nullable String requestorName() {
    return requestorName;
  }

  /// JSON text.
  public @Nullable String requestorData() {
    return requestorData;
  }

  // How it is filled.

  /// JSON text as it is.
  public TopicMessage data(Slice text) {
    data = text;
    return this;
  }

  @Override
  public TopicMessage data(@Nullable JsonValue value) {
    json = value;
    return this;
  }

  @Override
  public TopicMessage correlationId(@Nullable String id) {
    correlationId = id;
    return this;
  }

  @Override
  public TopicMessage error() {
    isError = true;
    return this;
  }

  @Override
  public TopicMessage ack() {
    isAck = true;
    return this;
  }

  @Override
  public TopicMessage name(@Nullable String one) {
    name = one;
    return this;
  }

  public TopicMessage names(List<String> several) {
    names = several;
    return this;
  }

  @Override
  public TopicMessage subscription(String one) {
    subscription = one;
    return this;
  }

  @Override
  public TopicMessage originalAction(Action original) {
    originalAction = original.number();
    return this;
  }

  /// @param user who calls; null to tell nothing
  public TopicMessage requestor(@Nullable String user, @Nullable JsonValue clientData) {
    requestorName = user;
    requestorData = clientData == null ? null : clientData.toString();
    return this;
  }
}
