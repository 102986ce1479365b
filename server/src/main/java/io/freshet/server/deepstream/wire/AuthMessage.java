// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import io.freshet.protocol.json.JsonValue;
import org.jspecify.annotations.Nullable;

/// A message of topic AUTH (protocol reference, section 3.1), as far as it is used.
///
/// @param data valid only while its frame is being handled
public record AuthMessage(int action, @Nullable Slice data) {
  private static final int ACTION = 1;
  private static final int DATA = 2;

  /// @throws UndecodableException if it is not an authentication message
  public static AuthMessage decode(WireReader in) {
    int action = 0;
    Slice data = null;
    while (in.next()) {
      switch (in.tag()) {
        case ACTION << 3 | WireReader.VARINT -> action = in.int32();
        case DATA << 3 | WireReader.BYTES -> data = in.slice();
        default -> in.skip();
      }
    }
    return new AuthMessage(action, data);
  }

  /// Writes a whole frame.
  public static void write(FrameWriter out, int action, @Nullable JsonValue data) {
    out.begin().number(ACTION, action);
    out.data(DATA, data, null);
    out.end(Topic.AUTH);
  }
}
