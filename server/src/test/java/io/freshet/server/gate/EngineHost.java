// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.gate;

import io.freshet.engine.Engine;
import io.freshet.engine.EngineMeter;
import io.freshet.engine.EngineOptions;
import io.freshet.engine.command.Command;
import io.freshet.engine.guard.Guard;
import io.freshet.engine.listen.Timers;
import io.freshet.engine.messaging.LocalBus;
import io.freshet.server.metrics.Metrics;
import io.freshet.server.net.AccessPolicy;
import io.freshet.server.net.NetOptions;
import io.freshet.server.net.NetServer;
import io.freshet.server.net.SocketDoor;
import io.freshet.server.net.SocketLimits;
import io.freshet.server.net.StreamDoor;
import io.freshet.server.runtime.EngineThread;
import io.freshet.server.session.Commands;
import io.freshet.server.session.Connections;
import io.freshet.server.session.Revocations;
import io.freshet.spi.Store;
import io.freshet.testkit.MemoryStore;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// An engine on its own thread, with an in-memory store, and real sockets in front of it on two
/// event loops.
public final class EngineHost implements AutoCloseable {
  private final EngineThread thread = new EngineThread(() -> {});
  private final ExecutorService committer = Executors.newSingleThreadExecutor();
  private final Engine engine;
  private @Nullable NetServer net;

  public EngineHost() {
    this(
        new MemoryStore(InstantSource.system()),
        Guard.OPEN,
        (delay, task) -> () -> {},
        EngineOptions.DEFAULT);
  }

  public EngineHost(Store store, Guard guard, Timers timers, EngineOptions options) {
    engine =
        new Engine(
            new Engine.Surroundings(
                store,
                new LocalBus("here"),
                guard,
                InstantSource.system(),
                System::nanoTime,
                committer,
                committer,
                timers,
                new Random(1),
                thread::wake,
                EngineMeter.NONE),
            options);
  }

  /// The engine's way in.
  public Commands commands() {
    return new Commands() {
      @Override
      public boolean submit(Command command) {
        return engine.submit(command);
      }

      @Override
      public void wake() {
        engine.wake();
      }
    };
  }

  public static Connections connections() {
    return new Connections(InstantSource.system(), (_, _) -> () -> {}, new Revocations());
  }

  public Engine engine() {
    return engine;
  }

  /// Begins to accept connections.
  ///
  /// @return where
  public InetSocketAddress open(List<? extends SocketDoor> doors, List<StreamDoor> streams) {
    var limits =
        new SocketLimits(
            1 << 20, 65_536, 32_768, 16 << 20, 1000, 100, 256L << 20, Duration.ofSeconds(10));
    net =
        NetServer.start(
            new NetOptions("127.0.0.1", 0, 2, new AccessPolicy(Set.of(), false, Set.of()), limits),
            doors,
            streams,
            List.of(),
            new Metrics());
    thread.start(engine);
    return net.address();
  }

  /// Closes the sockets.
  public void closeSockets() {
    if (net != null) {
      net.close(Duration.ofSeconds(1));
    }
  }

  @Override
  public void close() throws InterruptedException {
    closeSockets();
    if (!thread.stop(Duration.ofSeconds(10))) {
      throw new AssertionError("the engine did not stop");
    }
    committer.shutdown();
  }
}
