// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// How long the disk under a data directory takes to make 4 KiB appended to a file durable
/// (`fdatasync`). Every figure of a durable server is to be read against this one.
final class DiskProbe {
  private static final int BLOCK_BYTES = 4096;
  private static final int WARMUP = 50;

  private final Path directory;
  private final int appends;

  DiskProbe(Arguments args) {
    directory = Path.of(args.text("data", "."));
    appends = args.count("appends", 1000);
    args.refuseUnknown();
  }

  Report run() {
    var times = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
    try {
      Files.createDirectories(directory);
      Path file = Files.createTempFile(directory, "fsync-probe", ".tmp");
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        var block = ByteBuffer.allocateDirect(BLOCK_BYTES);
        for (int i = -WARMUP; i < appends; i++) {
          block.clear();
          long start = System.nanoTime();
          channel.write(block);
          channel.force(false);
          if (i >= 0) {
            times.recordValue(System.nanoTime() - start);
          }
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new LoadException("cannot probe the disk at " + directory, e);
    }
    return new Report()
        .put("fdatasync_p50_us", times.getValueAtPercentile(50) / 1e3)
        .put("fdatasync_p99_us", times.getValueAtPercentile(99) / 1e3)
        .put("fdatasync_max_us", times.getMaxValue() / 1e3);
  }
}
