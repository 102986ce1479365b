// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.net.Routes.Route;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A request whose head has been read, and where it leads.
///
/// Threading: confined to the event loop.
final class Incoming {
  private final HttpRequest request;
  private final Destination destination;
  private final int bytesMax;
  private @Nullable ByteArrayOutputStream body;
  private int bytes;

  /// Where a request leads.
  sealed interface Destination {
    /// An answer that is known before the body is read; the body is dropped.
    record Fixed(HttpAnswer answer) implements Destination {}

    record Call(Route.ToCall to, HttpCall head) implements Destination {}

    record Socket(Route.ToDoor door, String path) implements Destination {}

    record Judged(Route.ToJudged door, String path) implements Destination {}
  }

  private Incoming(HttpRequest request, Destination destination, int bytesMax) {
    this.request = request;
    this.destination = destination;
    this.bytesMax = bytesMax;
  }

  static Incoming of(HttpRequest request, Routes routes, FarSide peer) {
    String path = Routes.pathOf(request.uri());
    return switch (routes.at(path)) {
      case null -> fixed(request, Problems.UNKNOWN_ROUTE);
      case Route.ToDoor toDoor ->
          new Incoming(request, new Destination.Socket(toDoor, path), SocketLimits.BODY_BYTES_MAX);
      case Route.ToJudged toJudged ->
          new Incoming(
              request, new Destination.Judged(toJudged, path), SocketLimits.BODY_BYTES_MAX);
      case Route.ToCall toCall -> toCall(request, path, toCall, peer);
    };
  }

  private static Incoming toCall(
      HttpRequest request, String path, Route.ToCall route, FarSide peer) {
    HttpRoute.Place place = route.place();
    if (request.method().equals(HttpMethod.OPTIONS)) {
      return fixed(request, Preflight.answer(place, request.headers()));
    }
    boolean head = request.method().equals(HttpMethod.HEAD);
    if (!place.methods().contains(head ? "GET" : request.method().name())) {
      String allowed = Preflight.methods(place);
      return fixed(request, Problems.METHOD_NOT_ALLOWED.with("Allow", allowed));
    }
    HttpCall call;
    try {
      call = new HttpCall(request, path, place, peer);
    } catch (IllegalArgumentException _) {
      return fixed(request, Problems.MALFORMED_PATH);
    }
    HttpAnswer refusal = refusal(route, call);
    return refusal != null
        ? fixed(request, refusal)
        : new Incoming(request, new Destination.Call(route, call), place.bodyBytesMax());
  }

  private static @Nullable HttpAnswer refusal(Route.ToCall route, HttpCall head) {
    try {
      return route.refusal(head);
    } catch (RuntimeException | Error failure) {
      return Problems.of(failure, route.place().path());
    }
  }

  private static Incoming fixed(HttpRequest request, HttpAnswer answer) {
    return new Incoming(request, new Destination.Fixed(answer), SocketLimits.BODY_BYTES_MAX);
  }

  HttpRequest request() {
    return request;
  }

  Destination destination() {
    return destination;
  }

  /// Whether the peer waits to be told before it sends its body.
  boolean expectsContinue() {
    return HttpUtil.is100ContinueExpected(request);
  }

  /// Whether the head says, or what came already shows, that the body is too large.
  boolean isTooLarge(int more) {
    String declared = request.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    return more > bytesMax - bytes
        || bytes == 0 && declared != null && HttpUtil.getContentLength(request, 0L) > bytesMax;
  }

  /// Takes a part of the body.
  void add(ByteBuf part) {
    bytes += part.readableBytes();
    if (destination instanceof Destination.Call) {
      if (body == null) {
        body = new ByteArrayOutputStream();
      }
      try {
        part.readBytes(body, part.readableBytes());
      } catch (IOException e) {
        throw new IllegalStateException("an array takes everything", e);
      }
    }
  }

  /// Bytes of the body that are held here.
  int held() {
    return body == null ? 0 : body.size();
  }

  byte[] body() {
    return body == null ? new byte[0] : body.toByteArray();
  }
}
