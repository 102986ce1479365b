// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/// WebSocket close codes (RFC 6455 section 7.4) the server itself uses.
final class CloseCode {
  static final int GOING_AWAY = 1001;
  static final int PROTOCOL_ERROR = 1002;
  static final int INVALID_TEXT = 1007;
  static final int POLICY = 1008;
  static final int TOO_BIG = 1009;
  static final int INTERNAL_ERROR = 1011;

  /// Stands for a close frame without a status; never sent as a number.
  static final int NONE = 1005;

  private CloseCode() {}

  /// What to answer a client's close frame with: its own code, or the fault in it.
  static int answerTo(ByteBuf closePayload) {
    int length = closePayload.readableBytes();
    if (length == 0) {
      return NONE;
    }
    if (length == 1) {
      return PROTOCOL_ERROR;
    }
    int start = closePayload.readerIndex();
    int code = closePayload.getUnsignedShort(start);
    if (!maySend(code)) {
      return PROTOCOL_ERROR;
    }
    return ByteBufUtil.isText(closePayload, start + 2, length - 2, StandardCharsets.UTF_8)
        ? code
        : INVALID_TEXT;
  }

  static boolean maySend(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }
}
