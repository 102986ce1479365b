// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.server.config.FreshetConfig;
import io.freshet.server.config.SourceSettings;
import io.freshet.sources.postgres.PostgresOptions;
import io.freshet.sources.postgres.PostgresSource;
import io.freshet.sources.postgres.PostgresUrl;
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
    return config.sources().stream().map(settings -> source(settings, clock)).toList();
  }

  private static Source source(SourceSettings settings, InstantSource clock) {
    return switch (settings) {
      case SourceSettings.Postgres postgres -> PostgresSource.of(options(postgres), THREADS, clock);
    };
  }

  static PostgresOptions options(SourceSettings.Postgres settings) {
    return new PostgresOptions(
        settings.name(),
        PostgresUrl.parse(settings.url(), settings.password()),
        settings.tables().stream()
            .map(each -> new PostgresOptions.TableChoice(each.table(), each.collection()))
            .toList(),
        settings.publication(),
        settings.slot(),
        settings.automaticSetup(),
        settings.heartbeat());
  }
}
