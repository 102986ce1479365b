// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.json.JsonString;
import io.freshet.server.files.Refreshable;
import io.freshet.server.files.ReloadedFile;
import io.freshet.spi.Authenticator;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Knows the keys of a file (`freshet key create`). The login data holds one as `token` or
/// `apiKey`. Whatever looks like one of our keys is judged here and nowhere else; a wrong, an
/// expired and a revoked one get the same answer.
///
/// A login is named by its key, and ends when the key expires. When a key is revoked, or is gone
/// from the file, whoever keeps the connections is told that name.
///
/// Threading: any thread.
public final class ApiKeyAuthenticator implements Authenticator, Refreshable {
  private static final Verdict WRONG = new Verdict.Refused(null);

  private final ReloadedFile<Map<String, ApiKey>> keys;
  private final InstantSource clock;
  private final Consumer<String> revoked;

  /// @param revoked told the [credential][Verdict.Accepted#credential] of each login that is no
  ///   longer good, on the thread that refreshes
  /// @throws IdentityException if the file cannot be used
  public ApiKeyAuthenticator(Path file, InstantSource clock, Consumer<String> revoked) {
    this.clock = clock;
    this.revoked = revoked;
    this.keys = new ReloadedFile<>(file, clock, ApiKeyFile::parse, this::changed);
  }

  @Override
  public CompletionStage<Verdict> authenticate(Attempt attempt) {
    return CompletableFuture.completedStage(judge(attempt));
  }

  private Verdict judge(Attempt attempt) {
    String text = shown(attempt, "token");
    if (text == null) {
      text = shown(attempt, "apiKey");
    }
    if (text == null) {
      return Verdict.NotMine.NOT_MINE;
    }
    String id = ApiKey.idOf(text);
    ApiKey key = id == null ? null : keys.get().get(id);
    if (key == null || !key.is(text) || !key.isGoodAt(clock.instant())) {
      return WRONG;
    }
    return new Verdict.Accepted(
        key.user(), key.serverData(), null, null, key.expires(), ApiKey.credential(key.id()));
  }

  private static @Nullable String shown(Attempt attempt, String member) {
    return attempt.data().get(member) instanceof JsonString text
            && text.value().startsWith(ApiKey.PREFIX)
        ? text.value()
        : null;
  }

  private void changed(Map<String, ApiKey> before, Map<String, ApiKey> now) {
    Instant instant = clock.instant();
    before.forEach((id, old) -> {
      ApiKey key = now.get(id);
      boolean gone = key == null || !key.hash().equals(old.hash()) || !key.isGoodAt(instant);
      if (gone && old.revoked() == null) {
        revoked.accept(ApiKey.credential(id));
      }
    });
  }

  @Override
  public void refresh() {
    keys.refresh();
  }
}
