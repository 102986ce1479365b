// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.json.Json;
import io.freshet.protocol.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  private static final TrustedProxies NONE = new TrustedProxies(List.of());

  private static JsonObject object(String json) {
    return (JsonObject) Json.parse(json);
  }

  private static Credentials of(String... headers) {
    return of("192.0.2.1", NONE, headers);
  }

  private static Credentials of(String peer, TrustedProxies proxies, String... headers) {
    var list = new ArrayList<Map.Entry<String, String>>();
    for (int i = 0; i < headers.length; i += 2) {
      list.add(Map.entry(headers[i], headers[i + 1]));
    }
    return Credentials.of(list, new Peer(peer), proxies, "/deepstream");
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsEveryPlaceATokenMayBeIn() {
    JsonObject token = object("{\"token\":\"abc\"}");
    assertEquals(token, of("AUTHORIZATION", "Bearer abc").attempt().data());
    assertEquals(token, of("Authorization", "bearer  abc ").attempt().data());
    assertEquals(token, of().withToken("abc").attempt().data());
    assertEquals(
        token,
        of("Sec-WebSocket-Protocol", "freshet.1, freshet.token.abc")
            .withSubprotocols()
            .attempt()
            .data());
    assertEquals(token, of().attempt(token).data());
    assertEquals(
        object("{\"username\":\"ann\",\"password\":\"a:b\"}"),
        of("Authorization", basic("ann:a:b")).attempt().data());
    assertEquals(JsonObject.empty(), of().withToken(null).withSubprotocols().attempt().data());
    assertTrue(of("Authorization", "Bearer abc").isShown());
    assertFalse(of("Cookie", "a=b").isShown());
  }

  @Test
  void whatTheLoginShowsWinsOverTheRequest() {
    Credentials request = of("Authorization", "Bearer abc").withToken("query");
    assertEquals("abc", String.valueOf(request.attempt().data().get("token")).replace("\"", ""));
    for (String login :
        List.of(
            "{\"token\":\"mine\"}",
            "{\"username\":\"ann\",\"password\":\"x\"}",
            "{\"username\":\"ann\"}")) {
      assertEquals(object(login), request.attempt(object(login)).data());
    }
    assertEquals(
        object("{\"lang\":\"de\",\"token\":\"abc\"}"),
        request.attempt(object("{\"lang\":\"de\"}")).data());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Bearer", "Bearer a b", "Basic !", "Basic YQ==", "Basic /w==", "Digest x=y"})
  void takesNothingFromAHeaderItCannotRead(String header) {
    assertEquals(JsonObject.empty(), of("Authorization", header).attempt().data());
  }

  @Test
  void carriesTheHeadersWithinBounds() {
    Credentials request =
        of("Cookie", "a=1", "cookie", "b=2", "X-A", "1", "x-a", "2", "Big", "x".repeat(17_000));
    assertEquals(Map.of("cookie", "a=1; b=2", "x-a", "1, 2"), request.attempt().headers());
    assertEquals("/deepstream", request.attempt().door());
    String[] many = new String[400];
    for (int i = 0; i < many.length; i += 2) {
      many[i] = "H" + i;
      many[i + 1] = "v";
    }
    assertEquals(64, of(many).attempt().headers().size());
    assertFalse(of("cookie", "secret").attempt().toString().contains("secret"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "192.0.2.1 | 198.51.100.7 | 192.0.2.1",
        "10.1.2.3 | 198.51.100.7 | 198.51.100.7",
        "10.1.2.3 | 6.6.6.6, 198.51.100.7, 10.9.9.9 | 198.51.100.7",
        "10.1.2.3 | 6.6.6.6, evil | 10.1.2.3",
        "10.1.2.3 | 10.0.0.1 | 10.0.0.1",
        "10.1.2.3 | 198.51.100.7:4711 | 198.51.100.7",
        "10.1.2.3 | [2001:db8::7]:4711 | 2001:db8:0:0:0:0:0:7",
        "::1 | 2001:db8::7 | 2001:db8:0:0:0:0:0:7",
        "10.1.2.3 | '' | 10.1.2.3",
      })
  void believesConfiguredProxiesOnly(String peer, String forwardedFor, String client) {
    var proxies = new TrustedProxies(List.of("10.0.0.0/8", "::1"));
    assertEquals(client, of(peer, proxies, "X-Forwarded-For", forwardedFor).remoteAddress());
    assertEquals(peer, of(peer, NONE, "X-Forwarded-For", forwardedFor).remoteAddress());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=198.51.100.7;proto=https | 198.51.100.7",
        "proto=https; For=198.51.100.7:80 | 198.51.100.7",
        "for=6.6.6.6, for=\"[2001:db8::7]:4711\" | 2001:db8:0:0:0:0:0:7",
        "for=unknown | 10.1.2.3",
        "for=_hidden, for=10.0.0.9 | 10.0.0.9",
        "proto=https | 10.1.2.3",
      })
  void readsTheOtherHeaderWhereProxiesUseIt(String forwarded, String client) {
    var proxies = new TrustedProxies(List.of("10.0.0.0/8"), TrustedProxies.Header.FORWARDED);
    String[] headers = {"Forwarded", forwarded, "X-Forwarded-For", "6.6.6.6"};
    assertEquals(client, of("10.1.2.3", proxies, headers).remoteAddress());
  }

  @ParameterizedTest
  @ValueSource(strings = {"proxy.example", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/-1", ""})
  void refusesWhatIsNoNetwork(String text) {
    assertThrows(IllegalArgumentException.class, () -> new TrustedProxies(List.of(text)));
  }
}
