// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Something answered over HTTP, at one path or at everything below it.
///
/// Threading: both methods are called on event loops, concurrently, so they must not block.
public interface HttpRoute {

  /// Where it stands and what it takes. Constant.
  Place place();

  /// What is wrong with a request as far as its head tells; null if nothing is. Asked before the
  /// body is read, so that whoever is refused here costs little.
  default @Nullable HttpAnswer refusal(HttpCall head) {
    return null;
  }

  /// Answers a whole request that was not refused. The stage may be completed by any thread, and
  /// must be completed within a time that the route itself limits: nothing else ends a call that
  /// hangs. A {@link io.freshet.protocol.error.FreshetException}, thrown or completed, here or by
  /// {@link #refusal}, becomes the {@link HttpAnswer#problem problem} it is; any other error a 500
  /// without details, and is logged.
  CompletionStage<HttpAnswer> answer(HttpCall call);

  /// Where a route stands and what it takes.
  ///
  /// @param path compared byte by byte, before percent-decoding
  /// @param below whether everything behind `path` and a slash is taken too; of several such routes
  ///   the one with the longest path is
  /// @param methods upper case; `GET` includes `HEAD`
  /// @param bodyBytesMax the largest body that is read; above it the answer is 413
  record Place(String path, boolean below, Set<String> methods, int bodyBytesMax) {
    public Place {
      methods = Set.copyOf(methods);
      if (!path.startsWith("/") || bodyBytesMax < 0) {
        throw new IllegalArgumentException("path or bodyBytesMax out of bounds");
      }
    }

    /// Of a page that is only read.
    public static Place ofPage(String path) {
      return new Place(path, false, Set.of("GET"), SocketLimits.BODY_BYTES_MAX);
    }

    /// Of pages that are only read, at the path and everywhere below it.
    public static Place ofPages(String path) {
      return new Place(path, true, Set.of("GET"), SocketLimits.BODY_BYTES_MAX);
    }
  }
}
