// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/// The half of a connection that this server sends on. Stateless.
final class SendingSide {
  private SendingSide() {}

  /// Ends it, behind everything that was sent. The other half goes on.
  static void shut(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      shutNow(channel);
    } else {
      tls.closeOutbound().addListener(_ -> shutNow(channel));
    }
  }

  private static void shutNow(Channel channel) {
    if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      var _ = duplex.shutdownOutput();
    } else {
      var _ = channel.close();
    }
  }
}
