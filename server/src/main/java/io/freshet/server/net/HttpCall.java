// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.FreshetException;
import io.freshet.server.session.Credentials;
import io.freshet.server.session.Peer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One HTTP request for a route, after every check of the server's own has passed. Immutable; any
/// thread.
public final class HttpCall {
  private static final byte[] NO_BODY = {};

  private final String method;
  private final String path;
  private final String query;
  private final List<String> segments;
  private final HttpHeaders headers;
  private final InetSocketAddress remoteAddress;
  private final @Nullable X509Certificate certificate;
  private final byte[] body;

  private HttpCall(HttpCall head, byte[] body) {
    this.method = head.method;
    this.path = head.path;
    this.query = head.query;
    this.segments = head.segments;
    this.headers = head.headers;
    this.remoteAddress = head.remoteAddress;
    this.certificate = head.certificate;
    this.body = body;
  }

  /// The head of a request.
  ///
  /// @param path of the request's target
  /// @throws IllegalArgumentException if what is behind the route's path is not percent-encoded
  ///   UTF-8
  HttpCall(HttpRequest request, String path, HttpRoute.Place place, FarSide peer) {
    String target = request.uri();
    this.method = request.method().name();
    this.path = path;
    this.query = target.length() > path.length() ? target.substring(path.length() + 1) : "";
    this.headers = request.headers();
    this.segments = segments(path.substring(place.path().length()));
    this.remoteAddress = peer.address();
    this.certificate = peer.certificate();
    this.body = NO_BODY;
  }

  /// @param body not to be changed any more
  HttpCall withBody(byte[] body) {
    return new HttpCall(this, body);
  }

  private static List<String> segments(String behind) {
    var segments = new ArrayList<String>();
    int from = 1;
    while (from <= behind.length()) {
      int slash = behind.indexOf('/', from);
      int to = slash < 0 ? behind.length() : slash;
      segments.add(PercentCoding.decoded(behind.substring(from, to)));
      from = to + 1;
    }
    return List.copyOf(segments);
  }

  /// Upper case: `POST`.
  public String method() {
    return method;
  }

  /// As sent, still percent-encoded, without the query.
  public String path() {
    return path;
  }

  /// What is behind the route's path, percent-decoded; without the slash after it. A slash in it
  /// may have been sent plain or encoded.
  public String rest() {
    return String.join("/", segments);
  }

  /// What is behind the route's path, split at the slashes that were sent plain, each part
  /// percent-decoded; empty for the route's path itself.
  public List<String> segments() {
    return segments;
  }

  /// The part after the first `?`, still percent-encoded; empty if absent.
  public String query() {
    return query;
  }

  /// The parameters of the query.
  ///
  /// @throws FreshetException `INVALID_ARGUMENT` if it cannot be read
  public Query parameters() {
    return Query.of(query);
  }

  /// The value of a parameter that is given once at most; empty if it is absent.
  ///
  /// @throws FreshetException `INVALID_ARGUMENT` if it is given more than once, or if the query
  ///   cannot be read
  public Optional<String> parameter(String name) {
    return parameters().one(name);
  }

  /// The first header of that name, whatever its case.
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /// The type the body is said to have, in lower case, without parameters such as a charset:
  /// `application/merge-patch+json`; empty if nothing is said.
  public String contentType() {
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
    int semicolon = type.indexOf(';');
    return (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
  }

  /// Whether the body is said to be JSON, parameters such as a charset aside.
  public boolean isJson() {
    return contentType().equals(HttpAnswer.JSON);
  }

  /// All of them, as sent.
  public List<Map.Entry<String, String>> headers() {
    return headers.entries();
  }

  /// What the `Authorization` header shows as `Bearer`, if it does.
  public Optional<String> bearer() {
    return Credentials.bearer(headers.get(HttpHeaderNames.AUTHORIZATION));
  }

  /// Not to be changed. Empty while only the head is there.
  public byte[] body() {
    return body;
  }

  /// The peer of the TCP connection.
  public InetSocketAddress remoteAddress() {
    return remoteAddress;
  }

  /// The other end of the connection.
  public Peer peer() {
    return new Peer(remoteAddress.getHostString(), certificate);
  }
}
