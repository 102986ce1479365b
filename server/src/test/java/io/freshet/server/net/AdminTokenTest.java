// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminTokenTest {
  private static final String SECRET = "0123456789abcdef";

  private static HttpCall call(String address, String authorization) {
    var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/metrics");
    if (authorization != null) {
      request.headers().set("Authorization", authorization);
    }
    var peer = new FarSide(new InetSocketAddress(address, 1), null);
    return new HttpCall(request, "/metrics", HttpRoute.Place.ofPage("/metrics"), peer);
  }

  @ParameterizedTest
  @CsvSource({
    "Bearer 0123456789abcdef, 200",
    "bearer   0123456789abcdef, 200",
    "Bearer 0123456789abcdeF, 401",
    "Bearer, 401",
    "'Bearer ', 401",
    "Basic 0123456789abcdef, 401",
    "0123456789abcdef, 401",
    ", 401"
  })
  void isShownAsBearer(String authorization, int status) {
    HttpCall call = call("127.0.0.1", authorization);
    HttpAnswer refusal = new AdminToken(Optional.of(SECRET)).refusal(call);
    assertEquals(status, refusal == null ? 200 : refusal.status());
    HttpAnswer off = new AdminToken(Optional.empty()).refusal(call);
    assertEquals(403, off == null ? 200 : off.status(), "without a token nobody gets in");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, true", "::1, true", "10.1.2.3, false", "192.168.1.1, false"})
  void opensPagesOfThisMachineToOthers(String address, boolean loopback) {
    var token = new AdminToken(Optional.of(SECRET));
    var none = new AdminToken(Optional.empty());
    assertNull(token.refusalOffLoopback(call(address, "Bearer " + SECRET)));
    for (AdminToken each : new AdminToken[] {token, none}) {
      HttpAnswer refusal = each.refusalOffLoopback(call(address, null));
      assertEquals(loopback, refusal == null);
      assertEquals(loopback, each.refusalOffLoopback(call(address, "Bearer x")) == null);
    }
    if (!loopback) {
      assertNotNull(none.refusalOffLoopback(call(address, "Bearer " + SECRET)));
    }
  }
}
