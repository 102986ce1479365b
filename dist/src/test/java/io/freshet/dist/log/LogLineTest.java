// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.server.config.FreshetConfig;
import io.freshet.server.config.LogFormat;
import io.freshet.server.config.LogLevel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogLineTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-02T03:04:05.006Z"), ZoneOffset.UTC);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final LogOutput output =
      new LogOutput(new PrintStream(bytes, true, StandardCharsets.UTF_8), CLOCK);
  private final Logger log = new LineLogger("io.freshet.some.Place", output);

  @Test
  void writesTextThatNobodyCanForge() {
    log.warn("name {} is odd", "a\nb\u001b[2J");
    assertEquals("2026-01-02T03:04:05.006Z WARN  Place: name a\\nb\\u001b[2J is odd\n", written());
  }

  @Test
  void writesJsonWithFactsOfTheirOwn() {
    output.set(new FreshetConfig.Logging(LogLevel.INFO, LogFormat.JSON));
    log.atInfo()
        .addKeyValue("door", "/de\"ep")
        .addKeyValue("count", 3)
        .log("opened {}", "é\\\ud800");
    assertEquals(
        "{\"time\":\"2026-01-02T03:04:05.006Z\",\"level\":\"info\","
            + "\"logger\":\"io.freshet.some.Place\",\"thread\":\""
            + Thread.currentThread().getName()
            + "\",\"message\":\"opened é\\\\\\ud800\",\"door\":\"/de\\\"ep\",\"count\":\"3\"}\n",
        written());
  }

  @Test
  void writesStackTracesBelowTextAndInsideJson() {
    var failure = new IllegalStateException("why");
    log.error("broke", failure);
    assertTrue(written().contains("broke\njava.lang.IllegalStateException: why\n\tat "), written());
    bytes.reset();
    output.set(new FreshetConfig.Logging(LogLevel.INFO, LogFormat.JSON));
    log.error("broke", failure);
    assertTrue(
        written().contains("\"error\":\"java.lang.IllegalStateException: why\\n\\u0009at "),
        written());
    assertEquals(1, written().lines().count());
  }

  @Test
  void obeysTheLevel() {
    output.set(new FreshetConfig.Logging(LogLevel.WARN, LogFormat.TEXT));
    log.info("no");
    log.atInfo().addKeyValue("a", 1).log("no");
    log.warn("yes");
    assertEquals(1, written().lines().count());
    output.set(new FreshetConfig.Logging(LogLevel.TRACE, LogFormat.TEXT));
    log.trace("yes");
    assertEquals(2, written().lines().count());
  }

  @Test
  void isWhatSlf4jFinds() {
    assertEquals(LineLogger.class, LoggerFactory.getLogger(LogLineTest.class).getClass());
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
