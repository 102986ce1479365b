// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.net.URI;
import java.net.URISyntaxException;

/// Where the WebSocket of a server is.
final class SocketAddress {
  private SocketAddress() {}

  /// @throws FreshetClientException if that is no address
  static URI of(String url) {
    String withScheme = url.contains("://") ? url : "ws://" + url;
    try {
      var given = new URI(withScheme);
      String scheme =
          switch (given.getScheme()) {
            case "ws", "http" -> "ws";
            case "wss", "https" -> "wss";
            case String other -> throw invalid(url);
          };
      if (given.getHost() == null) {
        throw invalid(url);
      }
      String path = given.getRawPath();
      String query = given.getRawQuery() == null ? "" : "?" + given.getRawQuery();
      boolean isRoot = path == null || path.isEmpty() || path.equals("/");
      return new URI(scheme + "://" + given.getRawAuthority() + (isRoot ? "/ws" : path) + query);
    } catch (URISyntaxException e) {
      throw FreshetClientException.invalid("no address of a server: " + url, e);
    }
  }

  private static FreshetClientException invalid(String url) {
    return FreshetClientException.invalid(
        "no address of a server: " + url + "; it is like ws://127.0.0.1:6020 or https://host");
  }
}
