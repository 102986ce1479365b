// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Keeps one link up: opens it, logs in, and opens the next one when it falls.
///
/// Threading: guarded by the hub's lock, except [#pump] and [#state].
final class Connection {
  private static final long HEARTBEAT_MS = 25_000;
  private static final int UNAUTHENTICATED = 4001;
  private static final int FORBIDDEN = 4003;
  private static final int TOKEN_EXPIRED = 4009;

  /// So many refused logins in a row may be for want of a newer token.
  private static final int REFUSALS_MAX = 2;

  /// What logins are called on the wire.
  private static final String AUTH = "auth";

  /// Members that say what an error is about.
  private static final List<String> ADDRESSES =
      List.of("requestId", "ref", "streamId", "subscriptionId", "name", "pattern");

  private static final Wait NO_WAIT = new Wait(0, 0);

  /// @param attempts how many in a row may fail
  /// @param isRenewable whether another token can be had
  record Settings(
      URI address,
      @Nullable TokenSupplier token,
      boolean isRenewable,
      int attempts,
      Backoff backoff,
      Duration timeout) {}

  /// Told under the hub's lock.
  interface Owner {
    void changed(ConnectionEvent event);

    /// The server has said welcome: what waits can be sent.
    void up();

    /// What was sent and not answered will not be.
    void down(int code);

    void received(Frame frame);

    /// Nothing is tried any more.
    ///
    /// @param isWanted whether the program has said so
    void over(FreshetClientException why, boolean isWanted);

    /// Something failed that did not end the connection.
    void failed(FreshetClientException why);
  }

  private record Wait(int attempt, long delayMs) {}

  private final Hub hub;
  private final Wire.Opener opener;
  private final Settings settings;
  private final Owner owner;
  private final Login login;
  private List<CompletableFuture<Void>> waiters = new ArrayList<>();
  private volatile ConnectionState state = ConnectionState.DISCONNECTED;
  private volatile @Nullable Wire link;
  private boolean isUp;

  /// Counts links; what comes from an earlier one is late.
  private int turn;

  private long upSinceNanos;
  private Hub.@Nullable Timer timer;

  /// Failures in a row; those that lengthen the wait; logins that were refused.
  private int failures;

  private int waits;
  private int refusals;

  Connection(Hub hub, Wire.Opener opener, Settings settings, Owner owner) {
    this.hub = hub;
    this.opener = opener;
    this.settings = settings;
    this.owner = owner;
    this.login = new Login(hub, settings, this::showToken, owner::failed);
  }

  ConnectionState state() {
    return state;
  }

  /// Something to come before a login can be shown, or what renews one.
  Login login() {
    return login;
  }

  boolean isUp() {
    return isUp;
  }

  // Up.

  /// While waiting for the next attempt, makes it at once.
  void begin() {
    if (state == ConnectionState.DISCONNECTED) {
      failures = 0;
      waits = 0;
      refusals = 0;
      become(ConnectionState.CONNECTING, "", NO_WAIT, null);
      open();
    } else if (state == ConnectionState.RECONNECTING && link == null) {
      open();
    }
  }

  /// Begins, and waits for the welcome.
  CompletableFuture<Void> connect() {
    if (state == ConnectionState.CONNECTED) {
      return CompletableFuture.completedFuture(null);
    }
    var waiter = new CompletableFuture<Void>();
    waiters.add(waiter);
    begin();
    return waiter;
  }

  private void open() {
    Hub.cancel(timer);
    int ours = ++turn;
    timer =
        hub.after(
            settings.timeout.toMillis(),
            () ->
                lost(
                    Link.ABNORMAL,
                    "no welcome within "
                        + settings.timeout.toMillis()
                        + (settings.token == null ? " ms; this client has no token" : " ms")));
    login.fetch(
        token -> {
          if (ours == turn) {
            openLink(ours);
          }
        },
        why -> {
          if (ours == turn) {
            lost(Link.ABNORMAL, String.valueOf(why.getMessage()));
          }
        });
  }

  private void openLink(int ours) {
    link =
        opener.open(
            new Wire.Owner() {
              @Override
              public void opened() {
                if (ours == turn) {
                  login.show();
                }
              }

              @Override
              public void received(Frame frame) {
                if (ours == turn) {
                  Connection.this.received(frame);
                }
              }

              @Override
              public void ended(int code, String reason) {
                if (ours == turn) {
                  lost(code, reason);
                }
              }
            });
  }

  private void showToken(Token token) {
    Wire present = link;
    if (present != null) {
      present.send(new FrameText("auth").text("ref", AUTH).text("token", token.text()).end());
    }
  }

  // While it is up.

  /// @return whether it was taken; while there is no connection nothing is kept
  boolean send(String frame) {
    Wire present = link;
    if (isUp && present != null) {
      present.send(frame);
      return true;
    }
    return false;
  }

  /// Calls back when all that the server has sent so far has been received; not if the link falls.
  void barrier(Runnable passed) {
    Wire present = link;
    if (present != null) {
      present.ping(passed);
    }
  }

  /// To be called without the lock.
  void pump() {
    Wire present = link;
    if (present != null) {
      present.pump();
    }
  }

  private void received(Frame frame) {
    switch (frame.type()) {
      case "welcome", "authenticated" -> welcome(frame);
      case "error" -> refused(frame);
      default -> owner.received(frame);
    }
  }

  /// The first one of a link says that it is up; further ones answer further logins.
  private void welcome(Frame frame) {
    Instant expiresAt = frame.time("expiresAt");
    login.accepted(expiresAt);
    Wire present = link;
    if (isUp || present == null) {
      return;
    }
    Hub.cancel(timer);
    isUp = true;
    upSinceNanos = hub.timing().nanos();
    failures = 0;
    refusals = 0;
    present.beat(frame.number("heartbeatMs", HEARTBEAT_MS));
    // First what waits: whoever is told of the state may ask for more, and that is sent behind it.
    owner.up();
    become(ConnectionState.CONNECTED, "", NO_WAIT, null);
    List<CompletableFuture<Void>> waiting = takeWaiters();
    waiting.forEach(hub::complete);
  }

  private void refused(Frame frame) {
    boolean isOfLogin = frame.text("ref", "").equals(AUTH);
    FreshetClientException error = frame.error();
    if (!isOfLogin && ADDRESSES.stream().anyMatch(frame::has)) {
      owner.received(frame);
    } else if (isUp) {
      if (!login.refused(error, isOfLogin)) {
        owner.failed(error);
      }
    } else if (error.status() == 429 || error.status() == 503) {
      lost(Link.ABNORMAL, String.valueOf(error.getMessage()), frame.number("retryAfterMs", 0));
    } else if (error.status() != 401 || !settings.isRenewable || refusals++ >= REFUSALS_MAX) {
      stop(error, error, Link.ABNORMAL);
    } else {
      int ours = turn;
      login.fetch(
          token -> {
            if (ours == turn) {
              login.show();
            }
          },
          why -> {
            if (ours == turn) {
              lost(Link.ABNORMAL, String.valueOf(why.getMessage()));
            }
          });
    }
  }

  // Down.

  private void lost(int code, String reason) {
    lost(code, reason, 0);
  }

  private void lost(int code, String reason, long waitMsMin) {
    if (isUp && hub.timing().nanos() - upSinceNanos >= settings.backoff.maxMs() * 1_000_000) {
      waits = 0;
    }
    FreshetClientException last = lastWord(code, reason);
    if (last != null) {
      stop(last, last, code);
      return;
    }
    leave(code);
    long delayMs = Math.max(settings.backoff.waitMs(waits++, hub.timing().chance()), waitMsMin);
    failures++;
    become(ConnectionState.RECONNECTING, reason, new Wait(failures, delayMs), null);
    timer = hub.after(delayMs, this::open);
  }

  /// Why nothing more is tried after this end, if so.
  private @Nullable FreshetClientException lastWord(int code, String reason) {
    String why = reason.isEmpty() ? "closed with code " + code : reason;
    if (code == FORBIDDEN) {
      return FreshetClientException.of(403, "FORBIDDEN", why);
    } else if (code == TOKEN_EXPIRED && !settings.isRenewable) {
      return FreshetClientException.of(401, "TOKEN_EXPIRED", why);
    } else if (code == UNAUTHENTICATED && (!settings.isRenewable || refusals++ >= REFUSALS_MAX)) {
      return FreshetClientException.of(401, "UNAUTHENTICATED", why);
    } else if (failures < settings.attempts) {
      return null;
    }
    return FreshetClientException.unavailable("no connection to " + settings.address + ": " + why);
  }

  void disconnect() {
    if (state != ConnectionState.DISCONNECTED) {
      stop(FreshetClientException.unavailable("closed by the program"), null, Link.ABNORMAL);
    }
  }

  /// Nothing more is tried. An error is told to those who wait, or else reported.
  private void stop(FreshetClientException why, @Nullable FreshetClientException error, int code) {
    leave(code);
    List<CompletableFuture<Void>> waiting = takeWaiters();
    owner.over(why, error == null);
    waiting.forEach(each -> hub.fail(each, why));
    become(ConnectionState.DISCONNECTED, String.valueOf(why.getMessage()), NO_WAIT, error);
    if (error != null && waiting.isEmpty()) {
      owner.failed(error);
    }
  }

  /// Lets go of the link, if there is one, and of what belongs to it.
  private void leave(int code) {
    turn++;
    Hub.cancel(timer);
    login.left();
    Wire left = link;
    boolean wasUp = isUp;
    link = null;
    isUp = false;
    if (left != null) {
      left.close();
    }
    if (wasUp) {
      owner.down(code);
    }
  }

  private List<CompletableFuture<Void>> takeWaiters() {
    List<CompletableFuture<Void>> taken = waiters;
    waiters = new ArrayList<>();
    return taken;
  }

  private void become(
      ConnectionState next, String reason, Wait wait, @Nullable FreshetClientException error) {
    ConnectionState previous = state;
    state = next;
    owner.changed(
        new ConnectionEvent(
            previous, next, reason, wait.attempt, Duration.ofMillis(wait.delayMs), error));
  }
}
