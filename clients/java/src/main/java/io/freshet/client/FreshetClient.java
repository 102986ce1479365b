// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One connection to a Freshet server, kept up, and what is done over it.
///
/// ```java
/// try (var client = FreshetClient.connect("ws://127.0.0.1:6020")) {
///   var sessions = client.sync().collection("session", Session.class);
///   Document<Session> made = FreshetClient.await(sessions.create(new Session("active", 0)));
/// }
/// ```
///
/// A connection that falls is opened again; operations, subscriptions and streams go on over it
/// without loss. The whole client uses one connection, however many collections and streams there
/// are.
///
/// Threading: any thread, virtual ones included; no method blocks but [#await], loops over streams,
/// [#close], and writes under [WhenFull#WAIT]. Listeners are called one after the other on virtual
/// threads, in the order of what they are told of; while many wait, the server is not listened to.
/// Futures complete on virtual threads of their own, so that what depends on them may block.
public final class FreshetClient implements AutoCloseable {
  private static final long UID_RANDOM_MAX = 78_364_164_096L; // 36^7

  private final ClientCore core;
  private final SyncClient sync;
  private final RecordClient records;

  private FreshetClient(Builder options) {
    core = new ClientCore(options);
    sync = new SyncClient(core, core.topics());
    records = new RecordClient(core.records());
  }

  /// A client of an open server, connecting.
  ///
  /// @param url `ws://127.0.0.1:6020`, `https://example.org`: the path is `/ws` unless given
  public static FreshetClient connect(String url) {
    return builder(url).build();
  }

  /// For a client that is to be configured.
  ///
  /// @param url as of [#connect(String)]
  /// @throws FreshetClientException `INVALID_ARGUMENT` if it is no such address
  public static Builder builder(String url) {
    return new Builder(url);
  }

  /// Waits for an answer.
  ///
  /// @throws FreshetClientException what the stage failed with, as it is; `UNAVAILABLE` if the
  ///   thread is interrupted
  public static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw FreshetClientException.causeOf(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetClientException.unavailable("interrupted while waiting for an answer");
    }
  }

  /// Creating, reading and writing documents.
  public SyncClient sync() {
    return sync;
  }

  /// Live records, lists, and providing them.
  public RecordClient records() {
    return records;
  }

  /// The changes of a collection, or of a table, as maps.
  public ChangeCollection<Map<String, Object>> changes(String collection) {
    return new ChangeCollection<>(collection, DataType.MAPS, core.streams());
  }

  /// The changes of a collection, or of a table.
  ///
  /// @param type what rows are read as: a record, or what the client's [JsonMapping] knows
  public <T> ChangeCollection<T> changes(String collection, Class<T> type) {
    return new ChangeCollection<>(collection, DataType.of(type), core.streams());
  }

  /// Told of events of a topic, now and after every reconnect, until the subscription is closed.
  public Subscription subscribe(
      TopicOptions options, Consumer<TopicEvent<Map<String, Object>>> listener) {
    return core.topics().add(options, DataType.MAPS, listener);
  }

  /// How it stands with the server now.
  public ConnectionState state() {
    return core.state();
  }

  /// Connects, unless it is connected. After [#disconnect] or after giving up, this begins anew,
  /// with the subscriptions there were.
  ///
  /// @return completed when the server has said welcome, failed when nothing more is tried
  public CompletableFuture<Void> connect() {
    return core.connect();
  }

  /// Ends the connection. Operations that wait for an answer fail; subscriptions are kept; loops
  /// over streams end.
  public void disconnect() {
    core.disconnect();
  }

  /// Told of every change of the connection's state.
  ///
  /// @return this
  public FreshetClient onState(Consumer<ConnectionEvent> listener) {
    core.onState(listener);
    return this;
  }

  /// Told of what failed and nobody waits for, and of what listeners throw. Without one, it is
  /// logged to `System.Logger` `io.freshet.client`.
  ///
  /// @return this
  public FreshetClient onError(Consumer<FreshetClientException> listener) {
    core.onError(listener);
    return this;
  }

  /// An id that nobody else makes: the time and a random number.
  public String getUid() {
    return Long.toString(System.currentTimeMillis(), 36)
        + "-"
        + Long.toString(ThreadLocalRandom.current().nextLong(UID_RANDOM_MAX), 36)
        + Long.toString(ThreadLocalRandom.current().nextLong(UID_RANDOM_MAX), 36);
  }

  /// As [#disconnect], for good: frees all threads.
  @Override
  public void close() {
    core.close();
  }

  /// How a client is to be.
  public static final class Builder {
    private static final int ATTEMPTS = 10;
    private static final int PENDING_MAX = 10_000;
    private static final int CALLBACKS_MAX = 8192;

    private final URI address;
    private @Nullable TokenSupplier token;
    private boolean isRenewable;
    private int attempts = ATTEMPTS;
    private Backoff backoff = new Backoff(1_000, 30_000);
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration requestTimeout = Duration.ofSeconds(30);
    private int pendingMax = PENDING_MAX;
    private WhenFull whenFull = WhenFull.FAIL;
    @Nullable JsonMapping mapping;
    boolean isQueuing = true;
    int callbacksMax = CALLBACKS_MAX;

    private Builder(String url) {
      address = SocketAddress.of(url);
    }

    /// Who this is, for as long as the token lasts.
    public Builder token(String text) {
      Token given = Token.of(text);
      token = () -> given;
      isRenewable = false;
      return this;
    }

    /// Who this is, asked before every connection and in time before a token ends.
    public Builder token(TokenSupplier supplier) {
      token = supplier;
      isRenewable = true;
      return this;
    }

    /// How many attempts in a row to connect may fail; 10 by default, 0: none is repeated.
    public Builder reconnectionAttempts(int most) {
      attempts = most;
      return this;
    }

    /// How long to wait before another attempt; doubles with each, and is spread. A second by
    /// default, at most 30.
    public Builder reconnectionDelay(Duration first, Duration longest) {
      backoff = new Backoff(first.toMillis(), longest.toMillis());
      return this;
    }

    /// How long the server may take to say welcome, the token's supplier included; 10 s by default.
    public Builder connectTimeout(Duration longest) {
      connectTimeout = longest;
      return this;
    }

    /// How long an operation may take, waiting for a connection included; 30 s by default, zero: no
    /// end.
    public Builder requestTimeout(Duration longest) {
      requestTimeout = longest;
      return this;
    }

    /// How many operations may wait for an answer or a connection, 10 000 by default, and what
    /// happens to further ones.
    public Builder pending(int most, WhenFull then) {
      pendingMax = most;
      whenFull = then;
      return this;
    }

    /// Whether operations wait for a connection while there is none; true by default. Otherwise
    /// they fail at once.
    public Builder queueWhileOffline(boolean queue) {
      isQueuing = queue;
      return this;
    }

    /// How many calls of listeners may wait before the server is not listened to any more; 8192 by
    /// default.
    public Builder waitingCallbacks(int most) {
      callbacksMax = most;
      return this;
    }

    /// How types become JSON, instead of the client's own way.
    public Builder mapping(JsonMapping own) {
      mapping = own;
      return this;
    }

    Connection.Settings connection() {
      return new Connection.Settings(
          address, token, isRenewable, attempts, backoff, connectTimeout);
    }

    QueueLimits queue() {
      return new QueueLimits(pendingMax, whenFull, requestTimeout);
    }

    Backoff backoff() {
      return backoff;
    }

    /// A client, connecting.
    public FreshetClient build() {
      FreshetClient client = buildOffline();
      client.core.begin();
      return client;
    }

    /// A client that connects when it is told to.
    public FreshetClient buildOffline() {
      return new FreshetClient(this);
    }
  }
}
