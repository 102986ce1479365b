// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Map;

/// Makes answers into what goes on the wire: the head, with what pages of other origins may see of
/// it, and the body. Immutable; any thread.
///
/// @param access which origins' pages may read answers
record Responses(AccessPolicy access) {
  /// What an event stream begins with. The last header keeps a proxy in between from gathering
  /// events before it passes them on.
  static final HttpAnswer STREAM =
      new HttpAnswer(
          200,
          "text/event-stream",
          Map.of("Cache-Control", "no-store", "X-Accel-Buffering", "no"),
          "");

  /// What scripts of other origins may read besides the headers every script may.
  private static final String EXPOSED = "ETag, Location, Retry-After";

  /// @throws IllegalArgumentException if a header of the answer cannot be sent
  FullHttpResponse whole(
      HttpRequest request, HttpAnswer answer, boolean keepAlive, ByteBufAllocator allocator) {
    var status = HttpResponseStatus.valueOf(answer.status());
    var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
    HttpHeaders headers = head.headers();
    setHeaders(headers, answer, request);
    HttpUtil.setKeepAlive(head, keepAlive);
    boolean hasBody = answer.status() != 204 && answer.status() != 304;
    ByteBuf body = ByteBufUtil.writeUtf8(allocator, hasBody ? answer.body() : "");
    if (hasBody && !answer.equals(STREAM)) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    }
    if (request.method().equals(HttpMethod.HEAD)) {
      body.clear();
    }
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, status, body, headers, EmptyHttpHeaders.INSTANCE);
  }

  /// The head of an event stream. Nothing follows the stream on its connection.
  HttpResponse stream(HttpRequest request) {
    var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    setHeaders(response.headers(), STREAM, request);
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    HttpUtil.setTransferEncodingChunked(response, takesChunks(request));
    return response;
  }

  static boolean takesChunks(HttpRequest request) {
    return request.protocolVersion().equals(HttpVersion.HTTP_1_1);
  }

  private void setHeaders(HttpHeaders headers, HttpAnswer answer, HttpRequest request) {
    if (!answer.contentType().isEmpty()) {
      headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
      headers.set("X-Content-Type-Options", "nosniff");
    }
    String origin = request.headers().get(HttpHeaderNames.ORIGIN);
    if (origin != null && access.letsIn(origin)) {
      headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
      headers.set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
      headers.set(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
    }
    answer.headers().forEach(headers::set);
  }
}
