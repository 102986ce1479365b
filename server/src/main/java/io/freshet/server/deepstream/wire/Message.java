// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// A message of a topic that has actions and names, as far as these topics have the same fields.
///
/// Every field's presence is kept: the official client writes exactly what is set and sees exactly
/// what was written (protocol reference, section 2.3). Flags that are false count as absent. Filled
/// once, by the decoder or by whoever answers, and only read after that.
public sealed interface Message permits RecordMessage, TopicMessage {
  static Message of(Action action) {
    return switch (action) {
      case RecordAction record -> RecordMessage.of(record);
      case EventAction _, RpcAction _, PresenceAction _ -> TopicMessage.of(action);
    };
  }

  Topic topic();

  int actionNumber();

  /// Writes the whole frame.
  void writeTo(FrameWriter out);

  Message data(JsonValue value);

  Message correlationId(@Nullable String id);

  Message error();

  Message ack();

  Message name(@Nullable String name);

  Message subscription(String name);

  Message originalAction(Action original);
}
