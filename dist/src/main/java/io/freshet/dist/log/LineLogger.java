// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist.log;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

/// A logger that writes to a {@link LogOutput}. Markers are ignored.
final class LineLogger extends LegacyAbstractLogger implements LoggingEventAware {
  private static final long serialVersionUID = 1;

  private final transient LogOutput output;

  LineLogger(String name, LogOutput output) {
    this.name = name;
    this.output = output;
  }

  @Override
  public boolean isErrorEnabled() {
    return output.isEnabled(Level.ERROR);
  }

  @Override
  public boolean isWarnEnabled() {
    return output.isEnabled(Level.WARN);
  }

  @Override
  public boolean isInfoEnabled() {
    return output.isEnabled(Level.INFO);
  }

  @Override
  public boolean isDebugEnabled() {
    return output.isEnabled(Level.DEBUG);
  }

  @Override
  public boolean isTraceEnabled() {
    return output.isEnabled(Level.TRACE);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      @Nullable String pattern,
      Object @Nullable [] arguments,
      @Nullable Throwable failure) {
    String message = MessageFormatter.basicArrayFormat(pattern, arguments);
    write(level, message, List.of(), failure);
  }

  @Override
  public void log(LoggingEvent event) {
    if (output.isEnabled(event.getLevel())) {
      String message =
          MessageFormatter.basicArrayFormat(event.getMessage(), event.getArgumentArray());
      var values = event.getKeyValuePairs();
      write(event.getLevel(), message, values == null ? List.of() : values, event.getThrowable());
    }
  }

  private void write(
      Level level,
      @Nullable String message,
      List<org.slf4j.event.KeyValuePair> values,
      @Nullable Throwable failure) {
    output.write(
        new LogLine(
            level,
            getName(),
            Thread.currentThread().getName(),
            String.valueOf(message),
            values,
            failure));
  }
}
