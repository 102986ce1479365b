// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.session;

import io.freshet.spi.Authenticator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Several authenticators tried in order: the first that does not say "not mine" decides. When all
/// say so, or one fails, the login is refused. Its own verdict is never "not mine".
public final class AuthenticatorChain implements Authenticator {
  private static final Logger log = LoggerFactory.getLogger(AuthenticatorChain.class);
  private static final Verdict REFUSED = new Verdict.Refused(null);

  private final List<Authenticator> authenticators;

  public AuthenticatorChain(List<Authenticator> authenticators) {
    this.authenticators = List.copyOf(authenticators);
  }

  @Override
  public CompletionStage<Verdict> authenticate(Attempt attempt) {
    return from(0, attempt);
  }

  private CompletionStage<Verdict> from(int index, Attempt attempt) {
    if (index == authenticators.size()) {
      return CompletableFuture.completedStage(REFUSED);
    }
    return judged(authenticators.get(index), attempt)
        .thenCompose(verdict ->
            switch (verdict) {
              case Verdict.NotMine _ -> from(index + 1, attempt);
              case Verdict.Accepted accepted -> CompletableFuture.completedStage(accepted);
              case Verdict.Refused refused -> CompletableFuture.completedStage(refused);
              case Verdict.Later later -> CompletableFuture.completedStage(later);
            });
  }

  private static CompletionStage<Verdict> judged(Authenticator authenticator, Attempt attempt) {
    CompletionStage<Verdict> stage;
    try {
      stage = authenticator.authenticate(attempt);
    } catch (RuntimeException failure) {
      stage = CompletableFuture.failedStage(failure);
    }
    return stage.exceptionally(failure -> {
      log.error(
          "authenticator {} failed; the login is refused",
          authenticator.getClass().getSimpleName(),
          failure);
      return REFUSED;
    });
  }
}
