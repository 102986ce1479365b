// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package example;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server as a user starts it, on a free port and with data of its own.
@SuppressWarnings("try") // close() may be interrupted
public final class StartedServer implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("^Freshet ready: http://(127\\.0\\.0\\.1:\\d+)");
  private static final int STOP_SECONDS_MAX = 10;

  private final Process process;
  private final String url;

  private StartedServer(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  public static StartedServer start(Path data) throws IOException {
    Process process =
        new ProcessBuilder("../../freshet", "start", "--port", "0", "--data", data.toString())
            .redirectErrorStream(true)
            .start();
    var said = new StringBuilder();
    BufferedReader output = process.inputReader();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.append(line).append('\n');
      Matcher ready = READY.matcher(line);
      if (ready.find()) {
        Thread.ofVirtual().start(() -> output.lines().forEach(rest -> {}));
        return new StartedServer(process, "ws://" + ready.group(1));
      }
    }
    process.destroyForcibly();
    throw new AssertionError("not ready: " + said);
  }

  public String url() {
    return url;
  }

  @Override
  public void close() throws InterruptedException {
    process.toHandle().destroy(); // SIGTERM; Process.destroy would close its streams too
    if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the server did not stop");
    }
  }
}
