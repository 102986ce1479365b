// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist.log;

import io.freshet.server.config.FreshetConfig;
import io.freshet.server.config.LogFormat;
import io.freshet.server.config.LogLevel;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// Where log lines go, and in which form. One for the process, because loggers are.
///
/// Threading: any thread; a line is written whole.
public final class LogOutput {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  static final LogOutput PROCESS = new LogOutput(System.err, Clock.systemUTC());

  private final PrintStream stream;
  private final Clock clock;
  private volatile FreshetConfig.Logging logging =
      new FreshetConfig.Logging(LogLevel.INFO, LogFormat.TEXT);

  LogOutput(PrintStream stream, Clock clock) {
    this.stream = stream;
    this.clock = clock;
  }

  /// Sets the process's level and format from now on. Before, it is text from `info` up.
  public static void configure(FreshetConfig.Logging logging) {
    PROCESS.logging = logging;
  }

  void set(FreshetConfig.Logging logging) {
    this.logging = logging;
  }

  boolean isEnabled(Level level) {
    return level.compareTo(Level.valueOf(logging.level().name())) <= 0;
  }

  void write(LogLine line) {
    Instant now = clock.instant();
    String time = TIME.format(now);
    String text =
        switch (logging.format()) {
          case TEXT -> line.asText(time);
          case JSON -> line.asJson(time);
        };
    stream.println(text);
  }

  /// The last part of a logger's name, which is the class.
  static String shortName(@Nullable String logger) {
    return logger == null ? "" : logger.substring(logger.lastIndexOf('.') + 1);
  }
}
