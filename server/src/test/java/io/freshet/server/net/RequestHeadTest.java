// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.metrics.Metrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {
  private static final int KIB = 1024;
  private static final SocketLimits LIMITS =
      new SocketLimits(1000, 1000, 1000, 1000, 50, 50, 1000, Duration.ofSeconds(1));

  private final Metrics metrics = new Metrics();
  private final Admission admission = new Admission(LIMITS, metrics);
  private final RequestHead head =
      new RequestHead(
          new Routes(List.of(new CourtDoor()), List.of(), List.of(), metrics), admission);
  private final EmbeddedChannel channel = new EmbeddedChannel(head);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    assertTrue(metrics.scrape().contains("freshet_http_body_bytes 0.0"), metrics::scrape);
  }

  private void feed(String text, int pieceBytes) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    for (int at = 0; at < bytes.length; at += pieceBytes) {
      channel.writeInbound(
          Unpooled.copiedBuffer(bytes, at, Math.min(pieceBytes, bytes.length - at)));
    }
  }

  private List<HttpObject> read() {
    var parts = new ArrayList<HttpObject>();
    for (HttpObject part = channel.readInbound(); part != null; part = channel.readInbound()) {
      parts.add(part);
    }
    return parts;
  }

  private static HttpAnswer refusalOf(HttpObject part) {
    return assertInstanceOf(RefusedHeadException.class, part.decoderResult().cause()).answer();
  }

  private static String head(String path, int valueBytes) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nA: " + "x".repeat(valueBytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000, 1_000_000})
  void readsTheSameHoweverItIsCut(int pieceBytes) {
    String text =
        head("/court", 20 * KIB)
            + "\r\n\r\n"
            + head("/court?x", 30 * KIB)
            + "\r\nContent-Length: 3\r\n\r\nabc"
            + head("/other", 3 * KIB)
            + "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\nB: c\r\n\r\n"
            + head("/last", 1)
            + "\r\n\r\n";
    var lengths = new ArrayList<Integer>();
    var body = new StringBuilder();
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    for (int at = 0; at < bytes.length; at += pieceBytes) {
      channel.writeInbound(
          Unpooled.copiedBuffer(bytes, at, Math.min(pieceBytes, bytes.length - at)));
      for (HttpObject part : read()) {
        assertTrue(part.decoderResult().isSuccess(), part::toString);
        if (part instanceof HttpRequest request) {
          lengths.add(request.headers().get("A").length());
          admission.letGo(head.handOver());
        }
        if (part instanceof HttpContent content) {
          body.append(content.content().toString(StandardCharsets.US_ASCII));
        }
      }
    }
    assertEquals(List.of(20 * KIB, 30 * KIB, 3 * KIB, 1), lengths);
    assertEquals("abcde", body.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 1_000_000})
  void countsOnlyWhatIsAboveTheUsualAndHandsItOver(int pieceBytes) {
    feed(head("/court", 20 * KIB) + "\r\n\r\n", pieceBytes);
    assertEquals(2, read().size());
    int held = head.handOver();
    assertTrue(held > 4 * KIB && held < 5 * KIB, () -> "held " + held);
    assertEquals(0, head.handOver());
    admission.letGo(held);
    feed(head("/court", 15 * KIB) + "\r\n\r\n", pieceBytes);
    assertEquals(2, read().size());
    assertEquals(0, head.handOver());
  }

  @Test
  void letsGoOfAHeadThatDoesNotComeToItsEnd() {
    feed(head("/court", 100 * KIB), 1000);
    assertTrue(read().isEmpty());
    assertTrue(metrics.scrape().contains("freshet_http_body_bytes 8"), metrics::scrape);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1_000_000})
  void refusesAsSoonAsItIsTooLong(int pieceBytes) {
    feed(head("/other", 17 * KIB), pieceBytes);
    List<HttpObject> parts = read();
    assertEquals(1, parts.size());
    assertEquals(431, refusalOf(parts.getFirst()).status());
    assertInstanceOf(LastHttpContent.class, parts.getFirst());
    feed("\r\n\r\n" + head("/court", 1) + "\r\n\r\n", pieceBytes);
    assertNull(channel.readInbound(), "read on behind a head it refused");
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1_000_000})
  void refusesALongHeadBeyondItsBound(int pieceBytes) {
    feed(head("/court", 257 * KIB) + "\r\n\r\n", pieceBytes);
    List<HttpObject> parts = read();
    assertEquals(1, parts.size());
    assertEquals(
        431,
        new RequestCheck(new AccessPolicy(Set.of(), false, Set.of()), admission)
            .refusal((HttpRequest) parts.getFirst(), new InetSocketAddress(0))
            .status());
  }

  @Test
  void refusesWhenAllTogetherTakeTooMuch() {
    int rest = (int) Math.min(Integer.MAX_VALUE, SocketLimits.bodyBytesTotalMax() - 10 * KIB);
    assertTrue(admission.hold(rest));
    feed(head("/court", 30 * KIB) + "\r\n\r\n", 1000);
    List<HttpObject> parts = read();
    assertEquals(1, parts.size());
    assertEquals(503, refusalOf(parts.getFirst()).status());
    admission.letGo(rest);
  }

  @Test
  void boundsTrailers() {
    String chunked = "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n";
    feed(head("/court", 10) + chunked + "A: " + "x".repeat(30 * KIB), 1000);
    List<HttpObject> parts = read();
    assertTrue(parts.getFirst().decoderResult().isSuccess());
    assertInstanceOf(LastHttpContent.class, parts.getLast());
    assertEquals(431, refusalOf(parts.getLast()).status());
  }
}
