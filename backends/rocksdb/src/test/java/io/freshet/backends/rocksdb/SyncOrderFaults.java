// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.backends.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the kernel saw: no acknowledgement of an `fsync` write leaves the process before the
/// write-ahead log it went to was synced. Needs `strace`, so `make faults` runs it and the normal
/// run does not.
final class SyncOrderFaults {
  private static final int ACKNOWLEDGEMENTS = 300;

  /// Thread, call, path of the file, rest. Calls another thread interrupts are printed in two
  /// parts.
  private static final Pattern CALL =
      Pattern.compile("(\\d+) +(write|pwrite64|fdatasync|fsync)\\((\\d+)<([^>]*)>(.*)");

  private static final Pattern RESUMED =
      Pattern.compile("(\\d+) +<\\.\\.\\. (fdatasync|fsync) resumed>\\) += 0");

  @TempDir Path parent;

  @Test
  void acknowledgesOnlyAfterTheSync() throws IOException, InterruptedException {
    Path trace = parent.resolve("trace");
    List<String> strace =
        List.of(
            "strace",
            "-f",
            "-y",
            "-s",
            "8192",
            "-o",
            trace.toString(),
            "-e",
            "trace=write,pwrite64,fdatasync,fsync");
    ChildProcess child = ChildProcess.start(strace, parent.resolve("data"), 1);
    assertEquals("OPEN", child.line());
    for (int i = 0; i < ACKNOWLEDGEMENTS; i++) {
      assertTrue(String.valueOf(child.line()).startsWith("ACK "));
    }
    child.kill();

    int checked = check(Files.readAllLines(trace));
    assertTrue(checked > ACKNOWLEDGEMENTS / 2, "only " + checked + " acknowledgements checked");
  }

  private static int check(List<String> trace) {
    Set<String> unsynced = new HashSet<>();
    Set<String> syncing = new HashSet<>();
    int checked = 0;
    for (String line : trace) {
      Matcher resumed = RESUMED.matcher(line);
      if (resumed.find() && syncing.remove(resumed.group(1))) {
        unsynced.remove(resumed.group(1));
      }
      Matcher call = CALL.matcher(line);
      if (!call.find()) {
        continue;
      }
      String thread = call.group(1);
      boolean log = call.group(4).endsWith(".log");
      boolean sync = call.group(2).contains("sync");
      if (log && !sync) {
        unsynced.add(thread);
      } else if (log && line.endsWith("= 0")) {
        unsynced.remove(thread);
      } else if (log && line.endsWith("<unfinished ...>")) {
        syncing.add(thread);
      } else if (call.group(3).equals("1") && acknowledgesSynced(call.group(5))) {
        assertFalse(unsynced.contains(thread), "acknowledged before the sync: " + line);
        checked++;
      }
    }
    return checked;
  }

  private static boolean acknowledgesSynced(String written) {
    return written.contains("\"ACK fsync ") || written.contains(";fsync ");
  }
}
