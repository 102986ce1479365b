// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The patterns a client provides records for, through all connections.
///
/// Threading: guarded by the hub's lock, except [#add] and [#remove].
final class Listens {
  private final Hub hub;
  private final Line line;
  private final Refs refs;
  private final Map<String, Listener> byPattern = new LinkedHashMap<>();

  private static final class Listener {
    final long order;
    final Consumer<ListenRequest> told;
    final Map<String, Request> byName = new HashMap<>();

    /// Until then [Refs] asks again.
    boolean isRegistered;

    Listener(long order, Consumer<ListenRequest> told) {
      this.order = order;
      this.told = told;
    }

    /// Nothing is wanted of it any more.
    void stop() {
      byName.values().forEach(Request::stopped);
      byName.clear();
    }
  }

  Listens(Hub hub, Line line, Refs refs) {
    this.hub = hub;
    this.line = line;
    this.refs = refs;
  }

  CompletableFuture<Void> add(String pattern, Consumer<ListenRequest> told) {
    return hub.locked(() -> {
      line.requireOpen();
      if (byPattern.containsKey(pattern)) {
        throw FreshetClientException.invalid("there is a listener for " + pattern + " already");
      }
      var listener = new Listener(line.nextOrder(), told);
      byPattern.put(pattern, listener);
      return refs.ask("listen", frame -> frame.text("pattern", pattern))
          .<Void>thenApply(answer -> null)
          .whenComplete((done, failure) -> {
            hub.locked(() -> {
              listener.isRegistered = failure == null;
              if (failure != null) {
                byPattern.remove(pattern, listener);
              }
            });
          });
    });
  }

  CompletableFuture<Void> remove(String pattern) {
    return hub.locked(() -> {
      byPattern.remove(pattern);
      return refs.ask("unlisten", frame -> frame.text("pattern", pattern))
          .thenApply(answer -> null);
    });
  }

  /// What a new connection has to send; a `listen` still unanswered is sent again by [Refs].
  List<Outgoing> waiting() {
    var outgoing = new ArrayList<Outgoing>();
    byPattern.forEach((pattern, listener) -> {
      if (listener.isRegistered) {
        outgoing.add(new Outgoing(listener.order, () -> listenAgain(pattern, listener)));
      }
    });
    return outgoing;
  }

  /// Over a new connection. Without one there will be another time; whatever else fails ends it.
  private void listenAgain(String pattern, Listener listener) {
    listener.isRegistered = false;
    CompletableFuture<Frame> unused =
        refs.ask("listen", frame -> frame.text("pattern", pattern))
            .whenComplete((answer, failure) ->
                hub.locked(() -> {
                  var why = failure == null ? null : FreshetClientException.causeOf(failure);
                  if (why == null || why.isPassing()) {
                    listener.isRegistered = true;
                  } else {
                    end(pattern, listener, why);
                  }
                }));
  }

  /// It may not provide these any more.
  ///
  /// @return whether it did
  boolean refuse(Frame frame) {
    String pattern = frame.text("pattern", "");
    Listener listener = byPattern.get(pattern);
    if (listener != null) {
      end(pattern, listener, frame.error());
    }
    return listener != null;
  }

  private void end(String pattern, Listener listener, FreshetClientException why) {
    if (byPattern.remove(pattern, listener)) {
      listener.stop();
      line.failed(why);
    }
  }

  void found(Frame frame) {
    String pattern = frame.text("pattern", "");
    Listener listener = byPattern.get(pattern);
    if (listener != null) {
      var request = new Request(pattern, frame.text("name", ""));
      listener.byName.put(request.name, request);
      hub.tell(() -> listener.told.accept(request));
    }
  }

  void removed(Frame frame) {
    Listener listener = byPattern.get(frame.text("pattern", ""));
    Request request = listener == null ? null : listener.byName.remove(frame.text("name", ""));
    if (request != null) {
      request.stopped();
    }
  }

  /// The connection fell: nothing is provided any more.
  void down() {
    byPattern.values().forEach(Listener::stop);
  }

  private final class Request implements ListenRequest {
    private final String pattern;
    private final String name;
    private @Nullable Runnable onStop;
    private boolean isAccepted;
    private boolean isStopped;

    Request(String pattern, String name) {
      this.pattern = pattern;
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void accept() {
      answer(true);
    }

    @Override
    public void reject() {
      answer(false);
    }

    private void answer(boolean accept) {
      hub.locked(() -> {
        isAccepted = accept;
        line.send(
            new FrameText("listenAnswer")
                .text("pattern", pattern)
                .text("name", name)
                .raw("accept", Boolean.toString(accept))
                .end());
      });
    }

    @Override
    public void onStop(Runnable listener) {
      hub.locked(() -> {
        onStop = listener;
        if (isStopped) {
          hub.tell(listener);
        }
      });
    }

    void stopped() {
      isStopped = true;
      Runnable listener = onStop;
      if (isAccepted && listener != null) {
        hub.tell(listener);
      }
    }
  }
}
