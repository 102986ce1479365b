// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// One client that merges into one document over HTTP, call after call on one connection, and what
/// the disk alone takes before and after. A status other than 200, or a document whose revision in
/// the end is not the number of writes, makes the run void.
final class HttpWrites {
  private static final int ANSWER_MILLIS_MAX = 30_000;
  private static final String DOCUMENTS = "/api/sync/bench/documents";

  private final URI url;
  private final String id = "http-" + Long.toString(System.currentTimeMillis(), 36);
  private final byte[] document;
  private final Payload payload;
  private final Meter meter;
  private final String probeDirectory;
  private final int appends;
  private final byte[] mergeHead;
  private long calls;

  private record Answer(int status, String body) {}

  HttpWrites(URI url, ServerProcess server, Arguments args) {
    this.url = url;
    document = Payload.document(args.count("doc-bytes", 1000));
    int patchBytes = args.count("patch-bytes", 100);
    payload = new Payload(patchBytes);
    probeDirectory = args.text("data", ".");
    appends = args.count("appends", 1000);
    meter = new Meter(Meter.Plan.of(args, 20_000), server);
    args.refuseUnknown();
    String path = DOCUMENTS + "/" + id + "/merge";
    int length = "{\"data\":{\"v\":}}".length() + patchBytes;
    mergeHead = (head("PATCH", path, length) + "{\"data\":{\"v\":").getBytes(US_ASCII);
  }

  Report run() {
    Report before = probe();
    try (var socket = new Socket()) {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), ANSWER_MILLIS_MAX);
      socket.setSoTimeout(ANSWER_MILLIS_MAX);
      measure(socket.getOutputStream(), new BufferedInputStream(socket.getInputStream(), 65536));
    } catch (IOException e) {
      throw new LoadException("calls of " + url + " failed", e);
    }
    Report after = probe();
    double sync = (before.figure("fdatasync_p50_us") + after.figure("fdatasync_p50_us")) / 2;
    Report report = meter.report("writes");
    return report
        .put("fdatasync_p50_us", sync)
        .put("over_fdatasync_us", report.figure("latency_p50_us") - sync);
  }

  private Report probe() {
    String[] words = {"--data", probeDirectory, "--appends", Integer.toString(appends)};
    return new DiskProbe(new Arguments(words, 0)).run();
  }

  private void measure(OutputStream out, InputStream in) throws IOException {
    String create = "{\"id\":\"" + id + "\",\"data\":" + new String(document, US_ASCII) + "}";
    call(out, in, head("POST", DOCUMENTS, create.length()) + create, 201);
    while (!meter.done()) {
      long start = System.nanoTime();
      merge(out);
      expect(200, answer(in));
      meter.latency(System.nanoTime() - start);
      meter.count();
      meter.tick();
    }
    Answer last = call(out, in, head("GET", DOCUMENTS + "/" + id, 0), 200);
    if (!last.body.contains("\"revision\":" + (1 + calls) + ",")) {
      throw new LoadException("after " + calls + " writes: " + last.body);
    }
  }

  private void merge(OutputStream out) throws IOException {
    calls++;
    byte[] value = payload.stamped(calls);
    var request = new byte[mergeHead.length + value.length + 2];
    System.arraycopy(mergeHead, 0, request, 0, mergeHead.length);
    System.arraycopy(value, 0, request, mergeHead.length, value.length);
    request[request.length - 2] = '}';
    request[request.length - 1] = '}';
    out.write(request);
  }

  private static Answer call(OutputStream out, InputStream in, String request, int status)
      throws IOException {
    out.write(request.getBytes(US_ASCII));
    Answer answer = answer(in);
    expect(status, answer);
    return answer;
  }

  private String head(String method, String path, int length) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: "
        + url.getAuthority()
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private static void expect(int status, Answer answer) {
    if (answer.status != status) {
      throw new LoadException("HTTP " + answer.status + ": " + answer.body);
    }
  }

  private static Answer answer(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new LoadException("the server closed the connection after: " + head);
      }
      head.append((char) next);
    }
    String lower = head.toString().toLowerCase(Locale.ROOT);
    int length = number(lower, "\r\ncontent-length: ");
    byte[] body = in.readNBytes(length);
    return new Answer(number(lower, "http/1.1 "), new String(body, StandardCharsets.UTF_8));
  }

  private static int number(String head, String before) {
    int at = head.indexOf(before);
    int begin = at + before.length();
    int end = begin;
    while (end < head.length() && Character.isDigit(head.charAt(end))) {
      end++;
    }
    if (at < 0 || end == begin) {
      throw new LoadException("no '" + before.strip() + "' in: " + head);
    }
    return Integer.parseInt(head.substring(begin, end));
  }
}
