// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// What Linux knows about the process under test. Without a process id every figure is NaN.
///
/// @param pid process id, 0 when the server runs elsewhere
record ServerProcess(long pid) {
  /// The unit of `/proc` times, fixed at 100 per second on every Linux port that Java runs on.
  private static final double TICKS_PER_SECOND = 100;

  /// User and system time so far, all threads, in seconds (resolution 10 ms).
  double cpuSeconds() {
    if (pid == 0) {
      return Double.NaN;
    }
    String stat = read("stat");
    // The command name, in parentheses, may hold spaces; utime and stime are fields 14 and 15.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  double residentBytes() {
    return pid == 0 ? Double.NaN : number("status", "VmRSS:") * 1024;
  }

  /// Bytes this process caused to be written to the storage layer.
  double writtenBytes() {
    return pid == 0 ? Double.NaN : number("io", "write_bytes:");
  }

  private double number(String file, String label) {
    return read(file)
        .lines()
        .filter(line -> line.startsWith(label))
        .map(line -> line.substring(label.length()).trim().split("\\s+", -1)[0])
        .mapToDouble(Double::parseDouble)
        .findFirst()
        .orElse(Double.NaN);
  }

  private String read(String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (NoSuchFileException e) {
      throw new LoadException("no process " + pid + "; did the server end?", e);
    } catch (IOException e) {
      throw new LoadException("cannot read /proc/" + pid + "/" + file, e);
    }
  }
}
