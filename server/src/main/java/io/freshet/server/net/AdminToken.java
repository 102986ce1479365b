// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The secret that administrators show as `Authorization: Bearer …`. Compared in constant time.
/// Immutable; any thread.
public final class AdminToken {
  private static final HttpAnswer OFF =
      HttpAnswer.problem(
          ErrorCode.FORBIDDEN,
          "admin calls are switched off; set admin.token (at least 16 characters) in the server's"
              + " configuration, or FRESHET_ADMIN_TOKEN in its environment, and restart it");
  private static final HttpAnswer WRONG =
      HttpAnswer.problem(
              ErrorCode.UNAUTHENTICATED,
              "send the server's admin.token as Authorization: Bearer TOKEN")
          .with("WWW-Authenticate", "Bearer");

  private final byte @Nullable [] digest;

  /// @param token empty if there is none: then nobody can show it
  public AdminToken(Optional<String> token) {
    this.digest = token.isEmpty() ? null : digest(token.get());
  }

  /// Why the caller may not administrate; null if it may.
  public @Nullable HttpAnswer refusal(HttpCall head) {
    return digest == null ? OFF : isShownBy(head) ? null : WRONG;
  }

  /// Why the caller may not see what this machine's users see; null if it may: it is on this
  /// machine, or shows the token.
  public @Nullable HttpAnswer refusalOffLoopback(HttpCall head) {
    return head.remoteAddress().getAddress().isLoopbackAddress() || isShownBy(head)
        ? null
        : HttpAnswer.problem(
            ErrorCode.FORBIDDEN,
            "shown to loopback addresses only, or with the server's admin.token as Authorization:"
                + " Bearer TOKEN");
  }

  private boolean isShownBy(HttpCall head) {
    return digest != null
        && head.bearer().map(shown -> MessageDigest.isEqual(digest, digest(shown))).orElse(false);
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
