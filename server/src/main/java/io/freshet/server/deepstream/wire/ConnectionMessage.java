// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.deepstream.wire;

import org.jspecify.annotations.Nullable;

/// A message of topic CONNECTION (protocol reference, section 3.1), as far as it is used.
///
/// @param sdkVersion of the client, in its challenge
/// @param sdkType of the client, in its challenge
public record ConnectionMessage(
    int action,
    @Nullable String url,
    @Nullable String protocolVersion,
    @Nullable String sdkVersion,
    @Nullable String sdkType) {
  private static final int ACTION = 1;
  private static final int URL = 5;
  private static final int PROTOCOL_VERSION = 6;
  private static final int SDK_VERSION = 7;
  private static final int SDK_TYPE = 8;

  public static ConnectionMessage of(int action) {
    return new ConnectionMessage(action, null, null, null, null);
  }

  /// @throws UndecodableException if it is not a connection message
  public static ConnectionMessage decode(WireReader in) {
    int action = 0;
    String url = null;
    String protocolVersion = null;
    String sdkVersion = null;
    String sdkType = null;
    while (in.next()) {
      switch (in.tag()) {
        case ACTION << 3 | WireReader.VARINT -> action = in.int32();
        case URL << 3 | WireReader.BYTES -> url = in.text();
        case PROTOCOL_VERSION << 3 | WireReader.BYTES -> protocolVersion = in.text();
        case SDK_VERSION << 3 | WireReader.BYTES -> sdkVersion = in.text();
        case SDK_TYPE << 3 | WireReader.BYTES -> sdkType = in.text();
        default -> in.skip();
      }
    }
    return new ConnectionMessage(action, url, protocolVersion, sdkVersion, sdkType);
  }

  /// Writes the whole frame.
  public void writeTo(FrameWriter out) {
    out.begin().number(ACTION, action);
    out.text(URL, url);
    out.text(PROTOCOL_VERSION, protocolVersion);
    out.text(SDK_VERSION, sdkVersion);
    out.text(SDK_TYPE, sdkType);
    out.end(Topic.CONNECTION);
  }

  /// Whether the client that says this understands PATCH_MULTI (design, section 4c): version 7.1 or
  /// later. A version that cannot be read counts as older.
  public boolean understandsPatchMulti() {
    if (sdkVersion == null) {
      return false;
    }
    String[] parts = sdkVersion.split("\\.", 3);
    int major = number(parts[0]);
    int minor = parts.length > 1 ? number(parts[1]) : 0;
    return major > 7 || major == 7 && minor >= 1;
  }

  private static int number(String digits) {
    if (digits.isEmpty() || digits.length() > 6) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + c - '0';
    }
    return value;
  }
}
