// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One stream through all connections. What an earlier connection brought and the reader has not
/// taken comes again over the next one; what the reader has taken does not.
///
/// Threading: guarded by the hub's lock, except what [ChangeStream] declares.
final class LiveStream<T> implements ChangeStream<T> {
  /// Nothing on the wire holds back what a live subscription brings.
  private static final int WAITING_MAX = 10_000;

  final String ref;
  final long order;

  /// Times in a row that the server was too busy for it.
  int refusals;

  private final Hub hub;
  private final Streams streams;
  private final Mapper mapper;
  private final DataType<T> type;
  private final StreamRequest request;
  private final @Nullable Consumer<StreamLag> onLag;
  private final Acknowledgements acknowledgements;
  private final Condition arrived;
  private final CompletableFuture<Void> freed = new CompletableFuture<>();

  private final ArrayDeque<Frame> waiting = new ArrayDeque<>();
  private @Nullable String inHand;
  private boolean isRead;
  private boolean isOver;
  private @Nullable FreshetClientException error;

  /// Whether the server has been asked for it on this connection; and what it called it then.
  private boolean isAsked;

  private boolean hadName;
  private @Nullable String serverId;
  private @Nullable StreamInfo info;
  private List<CompletableFuture<StreamInfo>> waiters = new ArrayList<>();
  private Hub.@Nullable Timer retry;

  /// Up to where changes have come.
  private Positions seen = new Positions(List.of());

  private @Nullable String lastHanded;

  /// Where to go on if the server does not know.
  private @Nullable String place;

  private StreamLag lag = StreamLag.of(new Frame(io.freshet.protocol.json.JsonObject.empty()));

  /// Changes there was no room for here; and whether that has been told.
  private long dropped;

  private boolean isLossTold = true;

  LiveStream(
      Hub hub,
      Streams streams,
      Mapper mapper,
      DataType<T> type,
      StreamRequest request,
      String ref,
      long order,
      @Nullable Consumer<StreamLag> onLag) {
    this.hub = hub;
    this.streams = streams;
    this.mapper = mapper;
    this.type = type;
    this.request = request;
    this.ref = ref;
    this.order = order;
    this.onLag = onLag;
    this.arrived = hub.condition();
    this.acknowledgements = new Acknowledgements(hub, request.window(), id -> send("ack", id));
  }

  // The reader's.

  @Override
  public Iterator<Change<T>> iterator() {
    hub.locked(() -> {
      if (isRead) {
        throw FreshetClientException.invalid("a stream is read once; ask for another stream");
      }
      isRead = true;
    });
    return new StreamLoop<>(this);
  }

  @Override
  public CompletableFuture<Void> each(Consumer<? super Change<T>> listener) {
    Iterator<Change<T>> changes = iterator();
    var done = new CompletableFuture<Void>();
    hub.start(() -> {
      try {
        changes.forEachRemaining(listener);
        done.complete(null);
      } catch (RuntimeException e) {
        close();
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super Change<T>> subscriber) {
    var reader = new StreamPublication<>(this, iterator(), subscriber);
    hub.start(reader::run);
  }

  /// Waits for the next change; what was handed out before counts as handled.
  ///
  /// @return null at the end
  @SuppressWarnings("ThreadPriorityCheck")
  @Nullable Change<T> next() {
    Frame event = hub.locked(this::poll);
    if (event == null) {
      // Often the next ones are being read just now: sleeping and waking would cost more. What is
      // waited for does not depend on it.
      Thread.yield();
      event = hub.locked(this::await);
    }
    return event == null ? null : ChangeReader.read(event, mapper, type);
  }

  private @Nullable Frame poll() {
    handled();
    Frame event = waiting.poll();
    if (event != null) {
      handed(event.text("id", ""));
    }
    return event;
  }

  private @Nullable Frame await() {
    try {
      while (waiting.isEmpty() && !isOver) {
        arrived.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetClientException.unavailable("interrupted while waiting for a change");
    }
    Frame event = poll();
    if (event != null) {
      return event;
    }
    FreshetClientException why = error;
    error = null;
    if (why != null) {
      throw why;
    }
    return null;
  }

  private void handled() {
    String id = inHand;
    inHand = null;
    if (id != null && !isOver && request.isLasting()) {
      place = id;
      acknowledgements.add(id, false);
    }
  }

  private void handed(String id) {
    inHand = id;
    lastHanded = id;
    if (request.isLasting() && request.name() == null) {
      place = id;
    }
    if (!isLossTold) {
      lags(lag);
    }
  }

  @Override
  public CompletableFuture<StreamInfo> ready() {
    return hub.locked(() -> {
      StreamInfo known = info;
      if (known != null) {
        return CompletableFuture.completedFuture(known);
      }
      var waiter = new CompletableFuture<StreamInfo>();
      if (isOver) {
        hub.fail(waiter, over());
      } else {
        waiters.add(waiter);
      }
      return waiter;
    });
  }

  @Override
  public void acknowledge(String id) {
    hub.locked(() -> {
      if (request.isLasting() && !isOver) {
        acknowledgements.add(id, true);
      }
    });
  }

  @Override
  public CompletableFuture<Void> stop() {
    hub.locked(() -> {
      if (!isOver) {
        acknowledgements.flush();
        send("stop", null);
        finish(null);
        if (!isAsked) {
          gone();
        }
      }
    });
    return freed;
  }

  @Override
  public void close() {
    CompletableFuture<Void> unused = stop();
  }

  // The wire's.

  /// Asks for it, or asks for it again.
  void ask() {
    isAsked = streams.line().send(request.text(ref, place));
  }

  /// The server was too busy.
  void askLater(long delayMs) {
    isAsked = false;
    if (isOver) {
      gone();
      return;
    }
    Hub.cancel(retry);
    retry = hub.after(delayMs, this::ask);
  }

  /// Whether it was open before, if only on an earlier connection.
  boolean hadName() {
    return hadName;
  }

  void opened(Frame frame) {
    serverId = frame.text("streamId");
    hadName = true;
    refusals = 0;
    if (isOver) {
      send("stop", null);
      return;
    }
    String after = frame.text("resumedAfter");
    if (request.isLasting() && place == null) {
      place = after;
    }
    var told = new StreamInfo(after, frame.flag("resumed"));
    info = told;
    takeWaiters().forEach(each -> hub.complete(each, told));
  }

  void received(Frame event) {
    String id = event.text("id", "");
    if (isOver) {
      return;
    } else if (!request.isLasting()) {
      if (waiting.size() < WAITING_MAX) {
        offer(event);
      } else {
        dropped++;
        isLossTold = false;
      }
    } else if (seen.advance(id)) {
      offer(event);
    } else if (!id.equals(inHand)) {
      // Handled already; the acknowledgement was lost with a connection, or by a server that fell.
      acknowledgements.add(id, false);
    }
  }

  private void offer(Frame event) {
    waiting.add(event);
    arrived.signal();
  }

  void lags(StreamLag now) {
    lag = now;
    isLossTold = true;
    StreamLag told = now.plusDropped(dropped);
    Consumer<StreamLag> listener = onLag;
    if (!isOver && listener != null) {
      hub.tell(() -> listener.accept(told));
    }
  }

  void flush() {
    acknowledgements.flush();
  }

  /// The connection fell.
  void down() {
    Hub.cancel(retry);
    acknowledgements.clear();
    isAsked = false;
    serverId = null;
    info = null;
    if (isOver) {
      gone();
    } else if (request.isLasting()) {
      waiting.clear();
      seen = new Positions(lastHanded == null ? List.of() : List.of(lastHanded));
    }
  }

  /// Nothing more comes. Without an error, the loop ends as if it had been stopped.
  void over(@Nullable FreshetClientException why) {
    if (!isOver) {
      finish(why);
    }
    gone();
  }

  /// The server has freed it.
  private void gone() {
    streams.gone(this);
    hub.complete(freed);
  }

  private void finish(@Nullable FreshetClientException why) {
    isOver = true;
    error = why;
    info = null;
    Hub.cancel(retry);
    acknowledgements.clear();
    // What waits belongs to whoever reads the name next; else it is all there is.
    if (why == null || request.name() != null) {
      waiting.clear();
    }
    arrived.signalAll();
    takeWaiters().forEach(each -> hub.fail(each, over()));
  }

  private FreshetClientException over() {
    FreshetClientException why = error;
    return why == null ? FreshetClientException.of(404, "NOT_FOUND", ref + " was stopped") : why;
  }

  private void send(String frameType, @Nullable String id) {
    String streamId = serverId;
    if (streamId != null) {
      streams.line().send(new FrameText(frameType).text("streamId", streamId).text("id", id).end());
    }
  }

  private List<CompletableFuture<StreamInfo>> takeWaiters() {
    List<CompletableFuture<StreamInfo>> taken = waiters;
    waiters = new ArrayList<>();
    return taken;
  }
}
