// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The opening handshake (RFC 6455 section 4.2). Extensions are declined by not mentioning them,
/// and so are sub-protocols the door does not speak. Stateless.
final class WebSocketUpgrade {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_BYTES = 16;

  private WebSocketUpgrade() {}

  /// What is wrong with a request as a handshake; null if nothing is.
  static @Nullable HttpAnswer fault(HttpRequest request) {
    HttpHeaders headers = request.headers();
    if (!request.method().equals(HttpMethod.GET)) {
      return Problems.METHOD_NOT_ALLOWED.with("Allow", "GET");
    }
    boolean asked =
        request.protocolVersion().equals(HttpVersion.HTTP_1_1)
            && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
            && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    if (!asked) {
      return Problems.NOT_AN_UPGRADE;
    }
    if (!"13".equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
      return Problems.BAD_VERSION;
    }
    return isKey(headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY)) ? null : Problems.BAD_KEY;
  }

  private static boolean isKey(@Nullable String key) {
    if (key == null) {
      return false;
    }
    try {
      return Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /// What a door gets to see of a request.
  static Handshake handshake(HttpRequest request, String path, FarSide peer) {
    HttpHeaders headers = request.headers();
    String target = request.uri();
    String query = target.length() > path.length() ? target.substring(path.length() + 1) : "";
    return new Handshake(
        target,
        path,
        query,
        headers.get(HttpHeaderNames.HOST),
        Optional.ofNullable(headers.get(HttpHeaderNames.ORIGIN)),
        Optional.ofNullable(headers.get(HttpHeaderNames.USER_AGENT)),
        headers.entries(),
        peer.address(),
        peer.certificate());
  }

  /// @param spoken sub-protocols, the preferred first
  static FullHttpResponse accept(HttpRequest request, List<String> spoken) {
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
        .set(
            HttpHeaderNames.SEC_WEBSOCKET_ACCEPT,
            acceptKey(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY)));
    subprotocol(request, spoken)
        .ifPresent(
            agreed -> response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, agreed));
    return response;
  }

  /// Never one that is not spoken: what carries a token must not travel back.
  private static Optional<String> subprotocol(HttpRequest request, List<String> spoken) {
    List<String> offered =
        request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
            .flatMap(header -> Stream.of(header.split(",", -1)))
            .map(String::strip)
            .toList();
    return spoken.stream().filter(offered::contains).findFirst();
  }

  static String acceptKey(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }
}
