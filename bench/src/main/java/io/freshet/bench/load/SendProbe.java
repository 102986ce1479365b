// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/// Processor time of one `send` of a 150-byte frame on this machine, when every send goes to
/// another of N loopback sockets as in a fan-out. It is the floor of any server that sends per
/// delivery, and it differs between machines (and hours) by more than servers do: figures of
/// processor time per delivery are to be read against it. The receiving side is emptied between
/// rounds, outside the measured time.
final class SendProbe {
  private static final int FRAME_BYTES = 150;
  private static final int ROUNDS = 200;

  private final int sockets;

  SendProbe(Arguments args) {
    sockets = args.count("subscribers", 1000);
    args.refuseUnknown();
  }

  Report run() {
    var from = new SocketChannel[sockets];
    var to = new SocketChannel[sockets];
    try (var listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int i = 0; i < sockets; i++) {
        to[i] = SocketChannel.open(listener.getLocalAddress());
        from[i] = listener.accept();
        from[i].setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      double[] micros = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        micros[round] = round(from, to);
      }
      Arrays.sort(micros);
      return new Report().put("send_cpu_us", micros[ROUNDS / 2]);
    } catch (IOException e) {
      throw new LoadException("send probe failed", e);
    } finally {
      close(from);
      close(to);
    }
  }

  private static double round(SocketChannel[] from, SocketChannel[] to) throws IOException {
    var threads = ManagementFactory.getThreadMXBean();
    var frame = ByteBuffer.allocateDirect(FRAME_BYTES);
    long start = threads.getCurrentThreadCpuTime();
    for (SocketChannel channel : from) {
      frame.clear();
      channel.write(frame);
    }
    long spent = threads.getCurrentThreadCpuTime() - start;
    for (SocketChannel channel : to) {
      frame.clear();
      while (frame.hasRemaining() && channel.read(frame) >= 0) {}
    }
    return spent / 1e3 / from.length;
  }

  private static void close(SocketChannel[] channels) {
    for (SocketChannel channel : channels) {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        throw new LoadException("close failed", e);
      }
    }
  }
}
