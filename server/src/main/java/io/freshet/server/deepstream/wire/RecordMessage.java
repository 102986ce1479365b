// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.freshet.protocol.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A message of topic RECORD (protocol reference, section 3.1). A decoded message's [#data] is
/// valid only while its frame is being handled.
public final class RecordMessage implements Message {
  private static final int ACTION = 1;
  private static final int DATA = 2;
  private static final int CORRELATION_ID = 3;
  private static final int IS_ERROR = 4;
  private static final int IS_ACK = 5;
  private static final int NAME = 6;
  private static final int NAMES = 7;
  private static final int SUBSCRIPTION = 9;
  private static final int ORIGINAL_ACTION = 10;
  private static final int IS_WRITE_ACK = 11;
  private static final int PATH = 12;
  private static final int VERSION = 13;
  private static final int VERSIONS = 14;

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
  private boolean isWriteAck;
  private @Nullable String path;
  private boolean hasVersion;
  private int version;
  private Map<String, Integer> versions = Map.of();

  private RecordMessage() {}

  public static RecordMessage of(RecordAction action) {
    var message = new RecordMessage();
    message.action = action.number();
    return message;
  }

  /// @throws UndecodableException if it is not a record message
  public static RecordMessage decode(WireReader in, NameCache cache) {
    var message = new RecordMessage();
    while (in.next()) {
      message.take(in, cache);
    }
    return message;
  }

  private void take(WireReader in, NameCache cache) {
    switch (in.tag()) {
      case ACTION << 3 | WireReader.VARINT -> action = in.int32();
      case DATA << 3 | WireReader.BYTES -> data = in.slice();
      case CORRELATION_ID << 3 | WireReader.BYTES -> correlationId = in.text();
      case IS_ERROR << 3 | WireReader.VARINT -> isError = in.bool();
      case IS_ACK << 3 | WireReader.VARINT -> isAck = in.bool();
      case NAME << 3 | WireReader.BYTES -> name = cache.text(in);
      case NAMES << 3 | WireReader.BYTES -> addName(in.text());
      case SUBSCRIPTION << 3 | WireReader.BYTES -> subscription = in.text();
      case ORIGINAL_ACTION << 3 | WireReader.VARINT -> originalAction = in.int32();
      case IS_WRITE_ACK << 3 | WireReader.VARINT -> isWriteAck = in.bool();
      case PATH << 3 | WireReader.BYTES -> path = in.text();
      case VERSION << 3 | WireReader.VARINT -> version(in.int32());
      case VERSIONS << 3 | WireReader.BYTES -> addVersion(in.message());
      default -> in.skip();
    }
  }

  private void addName(String name) {
    if (names.isEmpty()) {
      names = new ArrayList<>(2);
    }
    names.add(name);
  }

  private void addVersion(WireReader entry) {
    String key = "";
    int value = 0;
    while (entry.next()) {
      switch (entry.tag()) {
        case 1 << 3 | WireReader.BYTES -> key = entry.text();
        case 2 << 3 | WireReader.VARINT -> value = entry.int32();
        default -> entry.skip();
      }
    }
    version(key, value);
  }

  @Override
  public void writeTo(FrameWriter out) {
    out.begin();
    out.number(ACTION, action);
    out.data(DATA, json, data);
    out.text(CORRELATION_ID, correlationId);
    out.flag(IS_ERROR, isError);
    out.flag(IS_ACK, isAck);
    out.text(NAME, name);
    for (String each : names) {
      out.text(NAMES, each);
    }
    out.text(SUBSCRIPTION, subscription);
    if (originalAction != 0) {
      out.number(ORIGINAL_ACTION, originalAction);
    }
    out.flag(IS_WRITE_ACK, isWriteAck);
    out.text(PATH, path);
    if (hasVersion) {
      out.number(VERSION, version);
    }
    versions.forEach((key, value) -> out.entry(VERSIONS, key, value));
    out.end(Topic.RECORD);
  }

  // What is in it.

  @Override
  public Topic topic() {
    return Topic.RECORD;
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

  public boolean isWriteAck() {
    return isWriteAck;
  }

  public @Nullable String path() {
    return path;
  }

  public boolean hasVersion() {
    return hasVersion;
  }

  /// Meaningless unless [#hasVersion].
  public int version() {
    return version;
  }

  /// Empty when absent.
  public Map<String, Integer> versions() {
    return versions;
  }

  // How it is filled.

  public RecordMessage data(Slice text) {
    data = text;
    return this;
  }

  @Override
  public RecordMessage data(JsonValue value) {
    json = value;
    return this;
  }

  @Override
  public RecordMessage correlationId(@Nullable String id) {
    correlationId = id;
    return this;
  }

  @Override
  public RecordMessage error() {
    isError = true;
    return this;
  }

  @Override
  public RecordMessage ack() {
    isAck = true;
    return this;
  }

  @Override
  public RecordMessage name(@Nullable String recordName) {
    name = recordName;
    return this;
  }

  public RecordMessage names(List<String> recordNames) {
    names = recordNames;
    return this;
  }

  @Override
  public RecordMessage subscription(String recordName) {
    subscription = recordName;
    return this;
  }

  @Override
  public RecordMessage originalAction(Action original) {
    originalAction = original.number();
    return this;
  }

  public RecordMessage writeAck(boolean wanted) {
    isWriteAck = wanted;
    return this;
  }

  public RecordMessage path(@Nullable String recordPath) {
    path = recordPath;
    return this;
  }

  public RecordMessage version(int number) {
    hasVersion = true;
    version = number;
    return this;
  }

  public RecordMessage version(String recordName, int number) {
    if (versions.isEmpty()) {
      versions = new LinkedHashMap<>();
    }
    versions.put(recordName, number);
    return this;
  }
}
