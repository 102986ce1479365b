// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a browser asks before a page of another origin may use a route. The origin itself has been
/// judged by then. Stateless.
final class Preflight {
  private static final String HEADERS =
      "X-Requested-With, X-HTTP-Method-Override, Content-Type, Accept, Authorization,"
          + " If-Match, If-None-Match, Idempotency-Key, Last-Event-ID";
  private static final Set<String> KNOWN =
      Set.of(HEADERS.toLowerCase(Locale.ROOT).replace(" ", "").split(",", -1));
  private static final String SECONDS = "600";

  /// A browser asks before using these only because of a header, and names it.
  private static final Set<String> SIMPLE = Set.of("GET", "HEAD", "POST");

  private Preflight() {}

  /// The methods of a place, in the form of the `Allow` header.
  static String methods(HttpRoute.Place place) {
    var all = new TreeSet<>(place.methods());
    if (all.contains("GET")) {
      all.add("HEAD");
    }
    return String.join(", ", all);
  }

  static HttpAnswer answer(HttpRoute.Place place, HttpHeaders request) {
    String method = request.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    String headers = request.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS);
    String methods = methods(place) + ", OPTIONS";
    if (method == null || headers == null && SIMPLE.contains(method)) {
      return HttpAnswer.problem(
          ErrorCode.INVALID_ARGUMENT,
          "OPTIONS needs the headers Access-Control-Request-Method and, for GET and POST,"
              + " Access-Control-Request-Headers");
    }
    if (!List.of(methods.split(", ", -1)).contains(method)) {
      return refused("this path does not take that method from other origins", methods);
    }
    return headers != null && foreign(headers) != null
        ? refused("a header was asked for that other origins may not send", methods)
        : new HttpAnswer(
            204,
            "",
            Map.of(
                "Access-Control-Allow-Methods",
                methods,
                "Access-Control-Allow-Headers",
                HEADERS,
                "Access-Control-Max-Age",
                SECONDS),
            "");
  }

  private static @Nullable String foreign(String headers) {
    for (String header : headers.split(",", -1)) {
      String name = header.strip().toLowerCase(Locale.ROOT);
      if (!name.isEmpty() && !KNOWN.contains(name)) {
        return name;
      }
    }
    return null;
  }

  private static HttpAnswer refused(String why, String methods) {
    return HttpAnswer.problem(ErrorCode.FORBIDDEN, why)
        .with("Access-Control-Allow-Methods", methods)
        .with("Access-Control-Allow-Headers", HEADERS);
  }
}
