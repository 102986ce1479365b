// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.net.URI;

/// What it costs to be told differences instead of documents: the same fan-out in the modes `full`
/// and `diff`, one after the other on the same server, and the processor time of a delivery of the
/// second in those of the first.
final class SyncDiff {
  private final URI url;
  private final ServerProcess server;
  private final String[] words;

  SyncDiff(URI url, ServerProcess server, String[] words) {
    this.url = url;
    this.server = server;
    this.words = words;
  }

  Report run() {
    Report full = measured("full");
    Report diff = measured("diff");
    double fullCpu = full.figure("server_cpu_s_per_million");
    double diffCpu = diff.figure("server_cpu_s_per_million");
    return new Report()
        .put("full_cpu_s_per_million", fullCpu)
        .put("diff_cpu_s_per_million", diffCpu)
        .put("diff_over_full", diffCpu / fullCpu)
        .put("full_deliveries_per_s", full.figure("deliveries_per_s"))
        .put("diff_deliveries_per_s", diff.figure("deliveries_per_s"))
        .put("server_cpu_share", diff.figure("server_cpu_share"))
        .put("driver_cpu_share", diff.figure("driver_cpu_share"));
  }

  private Report measured(String mode) {
    var args = new Arguments(words, 1);
    args.text("url", "");
    args.text("pid", "");
    return new SyncFanOut(url, server, args, mode).run();
  }
}
