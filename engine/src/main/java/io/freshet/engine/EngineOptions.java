// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine;

import io.freshet.engine.follow.FollowOptions;
import io.freshet.engine.listen.ListenOptions;
import io.freshet.engine.messaging.RpcOptions;
import io.freshet.engine.stream.StreamOptions;
import io.freshet.protocol.json.JsonLimits;

/// @param limits on documents
/// @param listen rules for active providers
/// @param rpc rules for remote procedure calls
/// @param inboxMax most commands waiting to be decided; a power of two
/// @param batchWritesMax most writes in one commit
/// @param batchBytesMax most bytes of new values in one commit, roughly
/// @param cacheBytesMax most bytes of documents kept in memory, roughly
/// @param follow bounds on following and on reading collections
/// @param expiry how documents whose time is over are looked for
public record EngineOptions(
    JsonLimits limits,
    ListenOptions listen,
    RpcOptions rpc,
    int inboxMax,
    int batchWritesMax,
    long batchBytesMax,
    long cacheBytesMax,
    FollowOptions follow,
    ExpiryOptions expiry,
    StreamOptions streams) {
  public static final EngineOptions DEFAULT =
      new EngineOptions(
          JsonLimits.DEFAULT,
          ListenOptions.DEFAULT,
          RpcOptions.DEFAULT,
          1 << 16,
          4096,
          8L << 20,
          64L << 20,
          FollowOptions.DEFAULT,
          ExpiryOptions.DEFAULT,
          StreamOptions.DEFAULT);

  /// One that follows and expires as usual.
  public EngineOptions(
      JsonLimits limits,
      ListenOptions listen,
      RpcOptions rpc,
      int inboxMax,
      int batchWritesMax,
      long batchBytesMax,
      long cacheBytesMax) {
    this(
        limits,
        listen,
        rpc,
        inboxMax,
        batchWritesMax,
        batchBytesMax,
        cacheBytesMax,
        FollowOptions.DEFAULT,
        ExpiryOptions.DEFAULT,
        StreamOptions.DEFAULT);
  }

  public EngineOptions withFollow(FollowOptions other) {
    return with(other, expiry, streams);
  }

  public EngineOptions withExpiry(ExpiryOptions other) {
    return with(follow, other, streams);
  }

  public EngineOptions withStreams(StreamOptions other) {
    return with(follow, expiry, other);
  }

  private EngineOptions with(
      FollowOptions otherFollow, ExpiryOptions otherExpiry, StreamOptions otherStreams) {
    return new EngineOptions(
        limits,
        listen,
        rpc,
        inboxMax,
        batchWritesMax,
        batchBytesMax,
        cacheBytesMax,
        otherFollow,
        otherExpiry,
        otherStreams);
  }
}
