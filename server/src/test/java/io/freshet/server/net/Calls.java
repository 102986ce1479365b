// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// HTTP requests as routes are given them, for tests without sockets.
public final class Calls {
  private Calls() {}

  /// @param target path and query
  /// @param place of the route it is for
  public static HttpCall of(
      String method,
      String target,
      HttpRoute.Place place,
      Map<String, String> headers,
      InetSocketAddress peer,
      String body) {
    var sent = new DefaultHttpHeaders();
    headers.forEach(sent::add);
    var request =
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), target, sent);
    return new HttpCall(request, Routes.pathOf(target), place, new FarSide(peer, null))
        .withBody(body.getBytes(StandardCharsets.UTF_8));
  }
}
