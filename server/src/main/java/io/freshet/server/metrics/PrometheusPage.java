// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.metrics;

import io.freshet.server.metrics.Metrics.Series;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Shows the series through Micrometer. Its registry takes a tenth of a second to come up, which a
/// server that starts in half of one cannot spare; so it is made for the first scrape, and pulls.
///
/// Threading: one scrape at a time, guarded by this object's monitor.
final class PrometheusPage {
  private @Nullable PrometheusMeterRegistry registry;
  private int shown;

  synchronized String scrape(Supplier<List<Series>> all) {
    PrometheusMeterRegistry target = registry;
    if (target == null) {
      target = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      bindJvm(target);
      registry = target;
    }
    List<Series> series = all.get();
    for (; shown < series.size(); shown++) {
      show(series.get(shown), target);
    }
    return target.scrape();
  }

  // The binder of garbage collections must live as long as the process: nothing to close.
  @SuppressWarnings("resource")
  private static void bindJvm(PrometheusMeterRegistry target) {
    new JvmMemoryMetrics().bindTo(target);
    new JvmGcMetrics().bindTo(target);
    new JvmThreadMetrics().bindTo(target);
    new ClassLoaderMetrics().bindTo(target);
    new ProcessorMetrics().bindTo(target);
    new FileDescriptorMetrics().bindTo(target);
    new UptimeMetrics().bindTo(target);
  }

  private static void show(Series series, PrometheusMeterRegistry target) {
    switch (series) {
      case Series.Counted(String name, String help, List<String> labels, LongSupplier value) ->
          FunctionCounter.builder(name, value, LongSupplier::getAsLong)
              .description(help)
              .tags(labels.toArray(String[]::new))
              .register(target);
      case Series.Level(String name, String help, List<String> labels, LongSupplier value) ->
          Gauge.builder(name, value, LongSupplier::getAsLong)
              .description(help)
              .tags(labels.toArray(String[]::new))
              .strongReference(true)
              .register(target);
      case Series.Spreading(String name, String help, List<String> _, Spread spread) ->
          target
              .getPrometheusRegistry()
              .register(() -> histogram(name.replace('.', '_'), help, spread));
    }
  }

  private static HistogramSnapshot histogram(String name, String help, Spread spread) {
    var bounds = new ArrayList<Double>(spread.buckets());
    var counts = new ArrayList<Number>(spread.buckets());
    for (int bucket = 0; bucket < spread.buckets(); bucket++) {
      bounds.add(spread.bound(bucket));
      counts.add(spread.count(bucket));
    }
    return HistogramSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(
            HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts))
                .sum(spread.sum())
                .build())
        .build();
  }
}
