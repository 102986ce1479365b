// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.config.FreshetConfig;
import io.freshet.sources.postgres.PostgresSource;
import io.freshet.spi.Source;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/// Makes the sources that are configured.
final class SourceParts {
  /// They wait for the database most of the time. A few per source, of the platform's kind: what
  /// they do meanwhile takes processor time.
  private static final ThreadFactory THREADS = Thread.ofPlatform().daemon().factory();

  private SourceParts() {}

  static List<Source> of(FreshetConfig config, InstantSource clock) {
    return config.sources().stream()
        .<Source>map(
            settings -> PostgresSource.of(PostgresCommands.options(settings), THREADS, clock))
        .toList();
  }
}
