// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/// A page answered to `GET` and `HEAD`.
public interface HttpRoute {

  /// Compared with the request's path as a whole, byte by byte. Constant.
  String path();

  /// Called on an event loop, so it must not block; the answer may be completed by any thread. An
  /// error, thrown or completed, becomes a 500 without details, and is logged.
  CompletionStage<HttpAnswer> get(InetSocketAddress remoteAddress);
}
