// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.listen.ListenOptions;
import io.freshet.engine.messaging.RpcOptions;
import io.freshet.protocol.json.JsonLimits;

/// @param limits on documents
/// @param listen rules for active providers
/// @param rpc rules for remote procedure calls
/// @param inboxMax most commands waiting to be decided; a power of two
/// @param batchWritesMax most writes in one commit
/// @param batchBytesMax most bytes of new values in one commit, roughly
/// @param cacheBytesMax most bytes of documents kept in memory, roughly
public record EngineOptions(
    JsonLimits limits,
    ListenOptions listen,
    RpcOptions rpc,
    int inboxMax,
    int batchWritesMax,
    long batchBytesMax,
    long cacheBytesMax) {
  public static final EngineOptions DEFAULT =
      new EngineOptions(
          JsonLimits.DEFAULT,
          ListenOptions.DEFAULT,
          RpcOptions.DEFAULT,
          1 << 16,
          4096,
          8L << 20,
          64L << 20);
}
