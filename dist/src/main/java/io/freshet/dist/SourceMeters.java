// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import io.freshet.engine.ingest.Sources;
import io.freshet.server.metrics.Metrics;
import io.freshet.spi.Source;
import io.freshet.spi.SourceState;
import java.util.function.ToLongFunction;

/// What is shown of the sources. Their number is small and configured, so each is a label.
final class SourceMeters {
  private final Metrics metrics;

  private SourceMeters(Metrics metrics) {
    this.metrics = metrics;
  }

  static void show(Sources sources, Metrics metrics) {
    if (!sources.all().isEmpty()) {
      metrics.gauge(
          "freshet.source.backlog",
          "Changes in the logs of sources that are not handed out yet",
          sources::backlog);
    }
    sources.all().forEach(new SourceMeters(metrics)::show);
  }

  private void show(Source source) {
    level(source, "connected", "Whether changes are being received", s -> s.connected() ? 1 : 0);
    level(source, "collections", "Tables that are collections", SourceState::collections);
    counted(source, "changes", "Changes received", SourceState::changes);
    counted(source, "truncates", "Truncated tables; no stream is told", SourceState::truncates);
    counted(source, "reconnects", "Times the connection was made again", SourceState::reconnects);
    counted(source, "gaps", "Times changes were lost and streams told so", SourceState::gaps);
    level(
        source,
        "lag.bytes",
        "The database's log from what is durable here to its end",
        SourceState::lagBytes);
    level(
        source,
        "lag.milliseconds",
        "Age of the oldest change that is not durable here",
        SourceState::lagMs);
    level(
        source,
        "retained.bytes",
        "The database's log that it keeps for this source",
        SourceState::retainedBytes);
  }

  private void level(Source source, String what, String help, ToLongFunction<SourceState> value) {
    metrics.gauge(
        "freshet.source." + what,
        help,
        () -> value.applyAsLong(source.state()),
        "source",
        source.name());
  }

  private void counted(Source source, String what, String help, ToLongFunction<SourceState> value) {
    metrics.counter(
        "freshet.source." + what,
        help,
        () -> value.applyAsLong(source.state()),
        "source",
        source.name());
  }
}
