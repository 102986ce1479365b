// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.protocol.error.ErrorCode;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What every request has to pass before anybody asks where it leads. The decoder has refused most
/// of what others might read in another way (two lengths, a length beside chunks, bare line ends);
/// the rest is refused here. Immutable; any thread.
///
/// @param admission counts those turned away for where they come from
record RequestCheck(AccessPolicy access, Admission admission) {
  private static final Logger log = LoggerFactory.getLogger(RequestCheck.class);

  /// What is wrong with the head of a request; null if nothing is.
  @Nullable HttpAnswer refusal(HttpRequest request, InetSocketAddress peer) {
    if (request.decoderResult().isFailure()) {
      return switch (request.decoderResult().cause()) {
        case RefusedHeadException refused -> refused.answer();
        case TooLongFrameException _ -> Problems.HEAD_TOO_LARGE;
        case Throwable _ -> Problems.MALFORMED;
      };
    }
    HttpHeaders headers = request.headers();
    List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
    List<String> origins = headers.getAll(HttpHeaderNames.ORIGIN);
    if (hosts.size() != 1 || origins.size() > 1 || !isVersionOne(request)) {
      return Problems.MALFORMED;
    }
    if (!isPlainlySent(headers.getAll(HttpHeaderNames.TRANSFER_ENCODING))) {
      return Problems.TRANSFER_CODING;
    }
    if (!isPath(request.uri())) {
      return Problems.MALFORMED_PATH;
    }
    return foreign(hosts.getFirst(), origins.isEmpty() ? null : origins.getFirst(), peer);
  }

  private static boolean isVersionOne(HttpRequest request) {
    HttpVersion version = request.protocolVersion();
    return version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0);
  }

  /// Nothing here unpacks anything.
  private static boolean isPlainlySent(List<String> codings) {
    return codings.isEmpty()
        || codings.size() == 1
            && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst());
  }

  /// A whole URL is what one sends to a proxy, and this is none.
  private static boolean isPath(String target) {
    return target.startsWith("/") && target.chars().allMatch(c -> c > ' ' && c < 0x7F && c != '#');
  }

  private @Nullable HttpAnswer foreign(
      String host, @Nullable String origin, InetSocketAddress peer) {
    Optional<String> why = access.refusal(host, origin);
    if (why.isEmpty()) {
      return null;
    }
    admission.refused(Admission.Reason.FOREIGN);
    log.info("request from {} refused: {}", peer, why.get());
    return HttpAnswer.problem(ErrorCode.FORBIDDEN, why.get());
  }
}
