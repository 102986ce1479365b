// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bundle;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A request that servers and proxies have been known to read in different ways, and what becomes
/// of it.
///
/// @param what its name in reports
/// @param bytes one request, or what one of the two would take for one
/// @param status the answer's
/// @param ends whether the connection has to be over after the answer
record HttpAttack(String what, byte[] bytes, int status, boolean ends) {

  @Override
  public String toString() {
    return what;
  }

  /// With `{host}` for the server's own.
  byte[] bytes(String host) {
    return new String(bytes, StandardCharsets.ISO_8859_1)
        .replace("{host}", host)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /// All of them.
  static List<HttpAttack> all() {
    var all = new ArrayList<HttpAttack>();
    all.addAll(lengths());
    all.addAll(codings());
    all.addAll(chunks());
    all.addAll(lines());
    all.addAll(targets());
    return all;
  }

  /// Refused, and the connection with it: nobody can tell where the next request would begin.
  private static HttpAttack refused(String what, String request) {
    return new HttpAttack(what, latin(request), 400, true);
  }

  /// Not nice, but there is only one way to read it.
  private static HttpAttack understood(String what, String request, int status) {
    return new HttpAttack(what, latin(request), status, false);
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: {host}\r\n\r\n";
  }

  /// A request with these lines between its first ones and its body.
  private static String post(String lines, String body) {
    return "POST /api HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        + lines
        + "\r\n"
        + body;
  }

  private static String chunked(String chunks) {
    return post("Transfer-Encoding: chunked\r\n", chunks);
  }

  private static List<HttpAttack> lengths() {
    String hidden = "0\r\n\r\n" + get("/metrics");
    return List.of(
        refused(
            "length, then chunks",
            post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", hidden)),
        refused(
            "chunks, then length",
            post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", hidden)),
        refused("two lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{} ")),
        refused("one length twice", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}")),
        refused("a list of lengths", post("Content-Length: 2, 2\r\n", "{}")),
        refused("two lengths in a list", post("Content-Length: 2, 3\r\n", "{} ")),
        refused("plus sign", post("Content-Length: +2\r\n", "{}")),
        refused("negative length", post("Content-Length: -2\r\n", "{}")),
        refused("hexadecimal length", post("Content-Length: 0x2\r\n", "{}")),
        refused("no length at all", post("Content-Length:\r\n", "{}")),
        refused("length with a space inside", post("Content-Length: 1 2\r\n", "{}")),
        refused("length with a comma", post("Content-Length: 2,\r\n", "{}")),
        refused("length of 64 bits and more", post("Content-Length: 18446744073709551618\r\n", "")),
        refused("length with a return in it", post("Content-Length: 2\r\r\n", "{}")),
        new HttpAttack(
            "8 EiB", latin(post("Content-Length: 9223372036854775807\r\n", "")), 413, true),
        new HttpAttack(
            "16 MiB and more", latin(post("Content-Length: 16842753\r\n", "")), 413, true),
        understood("another type of JSON", post("Content-Length: 2\r\n", "[]"), 400),
        understood(
            "a body nobody asked for",
            "GET /health-check HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n{}",
            200));
  }

  private static List<HttpAttack> codings() {
    String chunks = "0\r\n\r\n";
    return List.of(
        refused("unknown coding", post("Transfer-Encoding: xchunked\r\n", chunks)),
        refused("packed chunks", post("Transfer-Encoding: gzip, chunked\r\n", chunks)),
        refused("chunks inside", post("Transfer-Encoding: chunked, identity\r\n", chunks)),
        refused(
            "chunks of chunks",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunks)),
        refused(
            "identity and a length",
            post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", chunks)),
        refused("quoted coding", post("Transfer-Encoding: \"chunked\"\r\n", chunks)),
        refused(
            "coding behind a vertical tab", post("Transfer-Encoding: \u000bchunked\r\n", chunks)),
        refused("coding with a parameter", post("Transfer-Encoding: chunked;q=1\r\n", chunks)),
        refused("folded coding", post("Transfer-Encoding:\r\n chunked\r\n", chunks)),
        refused("no coding", post("Transfer-Encoding:\r\n", chunks)),
        refused(
            "chunks in HTTP/1.0",
            "POST /api HTTP/1.0\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks),
        refused(
            "chunks and a length in HTTP/1.0",
            "POST /api HTTP/1.0\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n"
                + "Content-Length: 5\r\n\r\n"
                + chunks),
        understood(
            "capitals", post("Transfer-Encoding: CHUNKED\r\n", "2\r\n[]\r\n0\r\n\r\n"), 400));
  }

  private static List<HttpAttack> chunks() {
    return List.of(
        refused("size of 33 bits", chunked("100000002\r\n{}\r\n0\r\n\r\n")),
        refused("size of 65 bits", chunked("10000000000000002\r\n{}\r\n0\r\n\r\n")),
        refused("negative size", chunked("-2\r\n{}\r\n0\r\n\r\n")),
        refused("size with a plus", chunked("+2\r\n{}\r\n0\r\n\r\n")),
        refused("size with a prefix", chunked("0x2\r\n{}\r\n0\r\n\r\n")),
        refused("no size", chunked("\r\n{}\r\n0\r\n\r\n")),
        refused("size that is none", chunked("zz\r\n{}\r\n0\r\n\r\n")),
        refused("space before the size", chunked(" 2\r\n{}\r\n0\r\n\r\n")),
        refused("bare line end behind the size", chunked("2\n{}\r\n0\r\n\r\n")),
        refused("bare line end in an extension", chunked("2;a\n{}\r\n0\r\n\r\n")),
        refused("bare return in an extension", chunked("2;a\r{}\r\n0\r\n\r\n")),
        refused("endless extension", chunked("2;" + "a".repeat(20_000) + "\r\n{}\r\n0\r\n\r\n")),
        refused("bare line end behind a chunk", chunked("2\r\n{}\n0\r\n\r\n")),
        refused("chunk longer than its size", chunked("2\r\n{}{}\r\n0\r\n\r\n")),
        refused("chunk shorter than its size", chunked("5\r\n{}\r\n0\r\n\r\n0\r\n\r\n")),
        refused("trailer without a colon", chunked("0\r\nX\r\n\r\n")),
        refused("endless trailers", chunked("0\r\n" + "X: y\r\n".repeat(5_000) + "\r\n")),
        understood("an extension", chunked("2;a=\"b\"\r\n[]\r\n0;c\r\n\r\n"), 400),
        understood(
            "a length among the trailers",
            chunked("2\r\n[]\r\n0\r\nContent-Length: 50\r\nTransfer-Encoding: gzip\r\n\r\n"),
            400));
  }

  private static List<HttpAttack> lines() {
    String head = "GET /health-check HTTP/1.1\r\n";
    String host = "Host: {host}\r\n";
    return List.of(
        refused("space before the colon", head + "Host : {host}\r\n\r\n"),
        refused("tab before the colon", head + host + "Content-Length\t: 2\r\n\r\n{}"),
        refused("folded first header", head + " X: 1\r\n" + host + "\r\n"),
        refused("bare line ends", "GET /health-check HTTP/1.1\nHost: {host}\n\n"),
        refused("a bare line end", head + "Host: {host}\nX: 1\r\n\r\n"),
        refused("a bare return", head + "Host: {host}\rX: 1\r\n\r\n"),
        refused("NUL in a value", head + host + "X: a\0b\r\n\r\n"),
        refused("NUL in a name", head + host + "X\0: a\r\n\r\n"),
        refused("control characters", head + host + "X: a\u0001\u007f\r\n\r\n"),
        refused("vertical tab", head + host + "X: a\u000bb\r\n\r\n"),
        refused("no colon", head + host + "X\r\n\r\n"),
        refused("no name", head + host + ": x\r\n\r\n"),
        refused("a name that is none", head + host + "X(y: z\r\n\r\n"),
        refused("a name with a space", head + host + "X Y: z\r\n\r\n"),
        refused("no host", head + "X: 1\r\n\r\n"),
        refused("two hosts", head + host + host + "\r\n"),
        refused("two origins", head + host + "Origin: http://a\r\nOrigin: http://a\r\n\r\n"),
        new HttpAttack("two hosts in one", latin(head + "Host: {host}, evil\r\n\r\n"), 403, true),
        new HttpAttack("a user for a host", latin(head + "Host: {host}@evil\r\n\r\n"), 403, true),
        refused("HTTP/0.9", "GET /health-check\r\n"),
        refused("HTTP/0.9 with headers", "GET /health-check\r\n" + host + "\r\n"),
        refused("HTTP/1.2", "GET /health-check HTTP/1.2\r\n" + host + "\r\n"),
        refused("HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        refused("HTTP/11", "GET /health-check HTTP/11\r\n" + host + "\r\n"),
        refused("more behind the version", "GET /health-check HTTP/1.1 x\r\n" + host + "\r\n"),
        refused("no HTTP", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003\r\n\r\n"),
        new HttpAttack(
            "long header", latin(head + host + "X: " + "x".repeat(20_000) + "\r\n\r\n"), 431, true),
        new HttpAttack(
            "many headers", latin(head + host + "X: y\r\n".repeat(100_000) + "\r\n"), 431, true),
        new HttpAttack("long target", latin(get("/" + "x".repeat(10_000))), 431, true),
        new HttpAttack(
            "HTTP/1.0", latin("GET /health-check HTTP/1.0\r\n" + host + "\r\n"), 200, true),
        understood("folded header", head + host + "X: a\r\n b\r\n\r\n", 200),
        understood("empty lines before", "\r\n\r\n" + head + host + "\r\n", 200),
        understood("an upgrade nobody knows", head + host + "Upgrade: h2c\r\n\r\n", 200));
  }

  private static List<HttpAttack> targets() {
    return List.of(
        refused("a whole URL", get("http://{host}/metrics")),
        refused("somebody else's URL", get("http://evil.example/metrics")),
        refused("asterisk", "OPTIONS * HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        refused("tunnel", "CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        refused("NUL in the target", get("/metrics\0x")),
        refused("eight bits in the target", get("/metrics\u00e4")),
        refused("fragment", get("/metrics#x")),
        understood("two slashes", get("//metrics"), 404),
        understood("capitals in the path", get("/METRICS"), 404),
        understood("escaped letter", get("/%6detrics"), 404),
        understood("dots", get("/health-check/../metrics"), 404),
        understood("matrix parameter", get("/metrics;x"), 404),
        understood("slash behind", get("/metrics/"), 404),
        understood("unknown method", "PURGE /api HTTP/1.1\r\nHost: {host}\r\n\r\n", 405),
        understood("method in small letters", "get /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n", 405),
        understood("echo of the request", "TRACE /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n", 405),
        understood("a WebSocket by POST", "POST /deepstream HTTP/1.1\r\nHost: {host}\r\n\r\n", 405),
        understood("a WebSocket by GET", get("/deepstream"), 426),
        understood("half an escape", get("/admin/records/%C3"), 400),
        understood("no escape", get("/admin/records/%zz"), 400));
  }
}
