// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One subscription through all connections: it knows up to where it has seen each log.
///
/// Threading: guarded by the hub's lock, except what [Subscription] declares.
final class TopicSubscription implements Subscription {
  /// Beyond this, an event that comes twice may be delivered twice.
  private static final int AHEAD_MAX = 10_000;

  final String ref;
  final long order;

  /// Times in a row that the server was too busy for it.
  int refusals;

  Hub.@Nullable Timer retry;

  private final Hub hub;
  private final Topics topics;
  private final TopicOptions options;
  private final @Nullable JsonObject filter;
  private final Consumer<Frame> deliver;
  private List<CompletableFuture<SubscriptionInfo>> waiters = new ArrayList<>();
  private @Nullable Consumer<SubscriptionInfo> onGap;
  private @Nullable String serverId;
  private @Nullable SubscriptionInfo info;
  private @Nullable Positions positions;

  /// Whether all of the snapshot has come; until then a lost connection means another snapshot.
  private boolean isWhole = true;

  private volatile boolean isClosed;

  /// Revisions delivered out of turn, by document: a slow reader is given the newest states, and
  /// after a reconnect the changes that led to them. Those are dropped.
  private final LinkedHashMap<String, Long> ahead =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > AHEAD_MAX;
        }
      };

  TopicSubscription(
      Hub hub,
      Topics topics,
      String ref,
      long order,
      TopicOptions options,
      @Nullable JsonObject filter,
      Consumer<Frame> deliver) {
    this.hub = hub;
    this.topics = topics;
    this.ref = ref;
    this.order = order;
    this.options = options;
    this.filter = filter;
    this.deliver = deliver;
  }

  // The program's.

  @Override
  public CompletableFuture<SubscriptionInfo> ready() {
    return hub.locked(() -> {
      SubscriptionInfo known = info;
      if (known != null) {
        return CompletableFuture.completedFuture(known);
      }
      var waiter = new CompletableFuture<SubscriptionInfo>();
      if (isClosed) {
        hub.fail(waiter, closed());
      } else {
        waiters.add(waiter);
      }
      return waiter;
    });
  }

  @Override
  public Subscription onGap(Consumer<SubscriptionInfo> listener) {
    hub.locked(() -> {
      onGap = listener;
    });
    return this;
  }

  @Override
  public List<String> position() {
    return hub.locked(() -> positions == null ? options.recover() : positions.ids());
  }

  @Override
  public void close() {
    isClosed = true;
    hub.locked(() -> topics.remove(this));
  }

  // The wire's.

  /// What the server calls it on this connection.
  @Nullable String serverId() {
    return serverId;
  }

  /// The frame that asks for it, or asks for it again.
  String request() {
    List<String> from = isWhole && positions != null ? positions.ids() : options.recover();
    Integer conflateMs = options.conflateMs();
    String conflate = conflateMs == null ? null : conflateMs == 0 ? "true" : conflateMs.toString();
    TopicScope scope = options.scope();
    return new FrameText("subscribe")
        .text("ref", ref)
        .text("topic", options.topic())
        .text("returnMode", options.returnMode().spelling())
        .text("id", options.id())
        .value("filter", filter)
        .text("scope", scope == TopicScope.ALL ? null : scope.spelling())
        .flag("snapshot", options.snapshot())
        .value("recover", from.isEmpty() ? null : texts(from))
        .raw("echo", options.echo() ? null : "false")
        .raw("conflate", conflate)
        .end();
  }

  private static JsonArray texts(List<String> texts) {
    return JsonArray.of(texts.stream().map(JsonString::of).toList());
  }

  /// @return what to call when all that comes first, a snapshot or what was missed, has come; null
  ///   if nothing does
  @Nullable Runnable acknowledged(Frame frame) {
    List<String> position = frame.texts("position");
    boolean isResumed = frame.flag("recovered");
    boolean hasGap = frame.has("recovered") && !isResumed || !isWhole;
    if (!isResumed) {
      positions = new Positions(position);
      ahead.clear();
      isWhole = !options.snapshot();
    } else if (positions == null) {
      positions = new Positions(options.recover());
    }
    serverId = frame.text("subscriptionId");
    refusals = 0;
    var told =
        new SubscriptionInfo(
            options.topic(), hasGap ? Boolean.FALSE : isResumed ? Boolean.TRUE : null, position);
    info = told;
    takeWaiters().forEach(each -> hub.complete(each, told));
    Consumer<SubscriptionInfo> listener = onGap;
    if (hasGap && listener != null) {
      hub.tell(() -> listener.accept(told));
    }
    return isResumed || !isWhole ? () -> passed(position) : null;
  }

  private void passed(List<String> position) {
    isWhole = true;
    Positions seen = positions;
    if (seen != null) {
      position.forEach(seen::advance);
    }
  }

  void received(Frame envelope) {
    if (!isClosed && admits(envelope)) {
      hub.tell(() -> {
        if (!isClosed) {
          deliver.accept(envelope);
        }
      });
    }
  }

  /// Whether an event is news. What it brings counts as seen from then on.
  private boolean admits(Frame envelope) {
    Frame metadata = envelope.object("metadata");
    if (metadata.text("operation", "").equals("snapshot")) {
      return true;
    }
    String document = metadata.text("service", "") + "/" + metadata.text("documentId", "");
    long revision = metadata.number("revision", 0);
    Long known = ahead.get(document);
    boolean isAhead = known == null || revision > known;
    if (metadata.flag("resync")) {
      // It may overtake changes of other documents: the position must not.
      if (isAhead) {
        ahead.put(document, revision);
      }
      return isAhead;
    }
    isWhole = true;
    if (known != null && isAhead) {
      ahead.remove(document);
    }
    String id = envelope.text("id");
    Positions seen = positions;
    boolean isNew = id == null || seen == null || seen.advance(id);
    return isNew && isAhead;
  }

  /// The connection fell.
  void down() {
    Hub.cancel(retry);
    serverId = null;
    info = null;
  }

  /// @return whether anybody waited for it
  boolean failed(FreshetClientException why) {
    Hub.cancel(retry);
    List<CompletableFuture<SubscriptionInfo>> waiting = takeWaiters();
    waiting.forEach(each -> hub.fail(each, why));
    return !waiting.isEmpty();
  }

  /// Nothing more is delivered.
  void end() {
    isClosed = true;
    failed(closed());
  }

  private FreshetClientException closed() {
    return FreshetClientException.of(404, "NOT_FOUND", ref + " was closed");
  }

  private List<CompletableFuture<SubscriptionInfo>> takeWaiters() {
    List<CompletableFuture<SubscriptionInfo>> taken = waiters;
    waiters = new ArrayList<>();
    return taken;
  }
}
