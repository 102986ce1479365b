// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.server.files.ReloadedFile;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The issuer's keys from a file, read again when it changes.
final class JwksFile implements KeySource {
  private final ReloadedFile<Jwks> file;

  /// @throws IdentityException if the file cannot be used
  JwksFile(Path file, InstantSource clock) {
    this.file = new ReloadedFile<>(file, clock, Jwks::parse, (_, _) -> {});
  }

  @Override
  public List<TokenKey> keys(TokenAlgorithm algorithm, @Nullable String keyId) {
    return file.get().find(algorithm, keyId);
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void refresh() {
    file.refresh();
  }
}
