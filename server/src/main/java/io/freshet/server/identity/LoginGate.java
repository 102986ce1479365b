// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.spi.Authenticator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Stands before the authenticators, at all doors alike: who has failed too often from one address
/// has to wait, twice as long each time, before the next attempt is even looked at.
///
/// A success takes nothing back, or an attacker with one account could guess at others for ever;
/// failures are forgotten a while after the last one. "Later" counts as nothing. An attempt that
/// shows nothing, neither data nor a cookie nor `Authorization`, guesses at nothing: it passes by.
///
/// Threading: any thread.
public final class LoginGate implements Authenticator {
  private final Authenticator authenticator;
  private final BackOff backOff;

  /// @param failuresFree how many failures an address has before it has to wait
  /// @param firstWait after one more failure; doubled by each further one
  /// @param longestWait the wait grows no longer
  /// @param forgetAfter without a failure for this long, an address starts afresh
  /// @param addressesMax how many addresses are remembered; over it, the one whose last failure is
  ///   longest ago is forgotten
  public record Options(
      int failuresFree,
      Duration firstWait,
      Duration longestWait,
      Duration forgetAfter,
      int addressesMax) {
    public static final Options DEFAULT =
        new Options(
            10, Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofMinutes(15), 100_000);

    public Options withFailuresFree(int failures) {
      return new Options(failures, firstWait, longestWait, forgetAfter, addressesMax);
    }
  }

  public LoginGate(Authenticator authenticator, Options options, InstantSource clock) {
    this.authenticator = authenticator;
    this.backOff = new BackOff(options, clock);
  }

  @Override
  public CompletionStage<Verdict> authenticate(Attempt attempt) {
    if (!shows(attempt)) {
      return authenticator.authenticate(attempt);
    }
    String address = attempt.remoteAddress();
    Duration wait = backOff.begin(address);
    if (wait.isPositive()) {
      return CompletableFuture.completedStage(
          new Verdict.Later(BoundedWork.reason("TOO_MANY_FAILED_LOGINS", wait), wait));
    }
    CompletionStage<Verdict> judged;
    try {
      judged = authenticator.authenticate(attempt);
    } catch (RuntimeException failure) {
      backOff.end(address, true);
      throw failure;
    }
    return judged.whenComplete((verdict, _) ->
        backOff.end(
            address,
            switch (verdict) {
              case Verdict.Refused _, Verdict.NotMine _ -> true;
              case Verdict.Accepted _, Verdict.Later _ -> false;
              case null -> true;
            }));
  }

  private static boolean shows(Attempt attempt) {
    return attempt.data().size() > 0
        || attempt.headers().containsKey("authorization")
        || attempt.headers().containsKey("cookie");
  }

  /// How many addresses are remembered.
  public int addresses() {
    return backOff.size();
  }
}
