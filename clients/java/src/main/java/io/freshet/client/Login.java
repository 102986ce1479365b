// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The token of a connection: fetched before each link, and again before it ends.
///
/// Threading: guarded by the hub's lock; the program's supplier is called without it.
final class Login {
  private static final long MARGIN_MS = 30_000;

  /// A renewal that failed is not tried again when this little is left.
  private static final long LEFT_MS_MIN = 1_000;

  private final Hub hub;
  private final Connection.Settings settings;
  private final Consumer<Token> shown;
  private final Consumer<FreshetClientException> failed;
  private @Nullable Token token;
  private @Nullable Instant expiresAt;
  private Hub.@Nullable Timer timer;
  private Hub.@Nullable Timer deadline;

  /// Counts links and renewals; what comes of an earlier one is late.
  private int turn;

  private @Nullable List<Waiter> renewal;

  private record Waiter(Runnable renewed, Consumer<FreshetClientException> failed) {}

  /// @param shown sends it
  /// @param failed told of renewals that failed
  Login(
      Hub hub,
      Connection.Settings settings,
      Consumer<Token> shown,
      Consumer<FreshetClientException> failed) {
    this.hub = hub;
    this.settings = settings;
    this.shown = shown;
    this.failed = failed;
  }

  /// Fetches a token; null is one, too: the server may be open.
  void fetch(Consumer<@Nullable Token> fetched, Consumer<FreshetClientException> missing) {
    TokenSupplier supplier = settings.token();
    if (supplier == null) {
      fetched.accept(null);
      return;
    }
    hub.start(() -> {
      try {
        Token next = supplier.get();
        hub.locked(() -> {
          token = next;
          fetched.accept(next);
        });
      } catch (Exception e) {
        var why =
            FreshetClientException.of(
                new FreshetClientException.Said(
                    401,
                    "UNAUTHENTICATED",
                    "the token supplier failed: " + e.getMessage(),
                    java.util.Map.of(),
                    null),
                e);
        hub.locked(() -> missing.accept(why));
      }
    });
  }

  /// Shows what was fetched last, if there is anything.
  void show() {
    Token present = token;
    if (present != null) {
      shown.accept(present);
    }
  }

  boolean canRenew() {
    return settings.isRenewable();
  }

  /// Logs in anew on the open connection, with a new token.
  void renew(Runnable renewed, Consumer<FreshetClientException> notRenewed) {
    List<Waiter> waiting = renewal;
    if (waiting != null) {
      waiting.add(new Waiter(renewed, notRenewed));
      return;
    }
    waiting = new ArrayList<>(List.of(new Waiter(renewed, notRenewed)));
    renewal = waiting;
    int ours = ++turn;
    Hub.cancel(timer);
    deadline =
        hub.after(
            settings.timeout().toMillis(),
            () ->
                fail(
                    FreshetClientException.unavailable(
                        "the server does not answer to a new token")));
    fetch(
        fetched -> {
          if (ours == turn) {
            show();
          }
        },
        why -> {
          if (ours == turn) {
            fail(why);
          }
        });
  }

  /// The server has accepted the token.
  ///
  /// @param ends when the login does; null: never, as far as the server says
  void accepted(@Nullable Instant ends) {
    Token present = token;
    Instant own = present == null ? null : present.expiresAt();
    expiresAt = ends == null || own != null && own.isBefore(ends) ? own : ends;
    renewInTime();
    List<Waiter> waiting = takeRenewal();
    waiting.forEach(each -> each.renewed.run());
  }

  /// @param isAnswer whether it answers a token that was shown
  /// @return whether the error is about the login, and is taken care of
  boolean refused(FreshetClientException error, boolean isAnswer) {
    if (renewal != null && isAnswer) {
      fail(error);
      return true;
    }
    if (error.is("TOKEN_EXPIRED") && canRenew()) {
      renew(() -> {}, why -> {});
      return true;
    }
    return false;
  }

  private void fail(FreshetClientException why) {
    List<Waiter> waiting = takeRenewal();
    waiting.forEach(each -> each.failed.accept(why));
    failed.accept(why);
  }

  private void renewInTime() {
    Hub.cancel(timer);
    Instant ends = expiresAt;
    if (!canRenew() || ends == null) {
      return;
    }
    long left = ends.toEpochMilli() - hub.timing().millis();
    // A token the server accepts and which has ended by this clock says that the clock is wrong.
    if (left <= 0) {
      return;
    }
    timer =
        hub.after(
            left - Math.min(MARGIN_MS, left / 5),
            () ->
                renew(
                    () -> {},
                    why -> {
                      if (ends.toEpochMilli() - hub.timing().millis() > LEFT_MS_MIN) {
                        renewInTime();
                      }
                    }));
  }

  /// The link is gone, and what was to be renewed with it.
  void left() {
    Hub.cancel(timer);
    turn++;
    List<Waiter> waiting = takeRenewal();
    var why = FreshetClientException.unavailable("the connection fell while the login was renewed");
    waiting.forEach(each -> each.failed.accept(why));
  }

  private List<Waiter> takeRenewal() {
    Hub.cancel(deadline);
    List<Waiter> waiting = renewal;
    renewal = null;
    return waiting == null ? List.of() : waiting;
  }
}
