// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

/// Frames that are always the same.
public final class FixedFrames {
  public static final byte[] PONG = connection(ConnectionAction.PONG);
  public static final byte[] ACCEPT = connection(ConnectionAction.ACCEPT);
  public static final byte[] AUTHENTICATION_TIMEOUT =
      connection(ConnectionAction.AUTHENTICATION_TIMEOUT);
  public static final byte[] CONNECTION_INVALID_MESSAGE =
      connection(ConnectionAction.INVALID_MESSAGE);

  public static final byte[] TOO_MANY_AUTH_ATTEMPTS = auth(AuthAction.TOO_MANY_AUTH_ATTEMPTS);
  public static final byte[] AUTH_INVALID_MESSAGE = auth(AuthAction.INVALID_MESSAGE);
  public static final byte[] AUTH_INVALID_MESSAGE_DATA = auth(AuthAction.INVALID_MESSAGE_DATA);

  /// The answer to what cannot be read or is about a topic that is not served (protocol reference,
  /// section 5).
  public static final byte[] UNKNOWN_TOPIC = parserUnknownTopic();

  private static final int PARSER_UNKNOWN_TOPIC = 1;

  private FixedFrames() {}

  private static byte[] connection(int action) {
    var out = new FrameWriter();
    ConnectionMessage.of(action).writeTo(out);
    return out.toArray();
  }

  private static byte[] auth(int action) {
    var out = new FrameWriter();
    AuthMessage.write(out, action, null);
    return out.toArray();
  }

  private static byte[] parserUnknownTopic() {
    var out = new FrameWriter();
    out.begin().number(1, PARSER_UNKNOWN_TOPIC);
    out.end(Topic.PARSER);
    return out.toArray();
  }
}
