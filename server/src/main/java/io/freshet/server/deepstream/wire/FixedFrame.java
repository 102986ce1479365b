// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

/// Frames that are always the same.
public final class FixedFrame {
  public static final FixedFrame PONG = new FixedFrame(Topic.CONNECTION, ConnectionAction.PONG);
  public static final FixedFrame ACCEPT = new FixedFrame(Topic.CONNECTION, ConnectionAction.ACCEPT);
  public static final FixedFrame AUTHENTICATION_TIMEOUT =
      new FixedFrame(Topic.CONNECTION, ConnectionAction.AUTHENTICATION_TIMEOUT);
  public static final FixedFrame CONNECTION_INVALID_MESSAGE =
      new FixedFrame(Topic.CONNECTION, ConnectionAction.INVALID_MESSAGE);
  public static final FixedFrame TOO_MANY_AUTH_ATTEMPTS =
      new FixedFrame(Topic.AUTH, AuthAction.TOO_MANY_AUTH_ATTEMPTS);
  public static final FixedFrame AUTH_INVALID_MESSAGE =
      new FixedFrame(Topic.AUTH, AuthAction.INVALID_MESSAGE);
  public static final FixedFrame AUTH_INVALID_MESSAGE_DATA =
      new FixedFrame(Topic.AUTH, AuthAction.INVALID_MESSAGE_DATA);

  /// The answer to what cannot be read or is about a topic that is not served (protocol reference,
  /// section 5).
  public static final FixedFrame UNKNOWN_TOPIC = new FixedFrame(Topic.PARSER, 1);

  private static final int ACTION = 1;

  private final Topic topic;
  private final int action;
  private final byte[] bytes;

  private FixedFrame(Topic topic, int action) {
    this.topic = topic;
    this.action = action;
    var out = new FrameWriter();
    out.begin().number(ACTION, action);
    out.end(topic);
    this.bytes = out.toArray();
  }

  public Topic topic() {
    return topic;
  }

  public int action() {
    return action;
  }

  /// The whole frame. Not to be modified.
  public byte[] bytes() {
    return bytes;
  }
}
