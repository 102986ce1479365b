// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.server.files.Refreshable;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the keys come from that tokens are checked with.
interface KeySource extends Refreshable {

  /// @throws IdentityException if the keys cannot be used
  static KeySource of(KeyOptions options, InstantSource clock) {
    return switch (options) {
      case KeyOptions.Secret _, KeyOptions.PublicKey _ -> new KeySource.Fixed(TokenKey.of(options));
      case KeyOptions.JwksInFile(Path file) -> new JwksFile(file, clock);
      case KeyOptions.JwksAt(URI url, Duration refresh, HttpClient client) ->
          new JwksUrl(url, refresh, client, clock);
    };
  }

  /// The keys to try. May wait for another machine, for a bounded time.
  ///
  /// @param keyId as the token names its key; null if it does not
  List<TokenKey> keys(TokenAlgorithm algorithm, @Nullable String keyId);

  /// Whether keys were ever had. While not, no token can be judged.
  boolean isReady();

  /// One key that never changes.
  record Fixed(TokenKey key) implements KeySource {
    @Override
    public List<TokenKey> keys(TokenAlgorithm algorithm, @Nullable String keyId) {
      return key.algorithm() == algorithm ? List.of(key) : List.of();
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void refresh() {}
  }
}
