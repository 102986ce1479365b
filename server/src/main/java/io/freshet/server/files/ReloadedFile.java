// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a text file says, read again when the file changes. A file that cannot be read or
/// understood is reported once, and what it said before stays.
///
/// Threading: any thread; those that read the file do so one at a time.
public final class ReloadedFile<T> implements Refreshable {
  private static final Logger log = LoggerFactory.getLogger(ReloadedFile.class);

  /// A file changed twice within the clock's grain looks unchanged the second time, so one that
  /// changed this recently is read again.
  private static final Duration FRESH = Duration.ofSeconds(3);

  private final Path path;
  private final Reader<T> reader;
  private final InstantSource clock;
  private final BiConsumer<T, T> onChange;
  private volatile T content;
  private @Nullable Stamp stamp;
  private String text;
  private String lastProblem = "";

  /// Makes sense of a file's text.
  public interface Reader<T> {
    /// @param name of the file, for messages
    /// @throws UnusableFileException saying what is wrong
    T read(String name, String text);
  }

  private record Stamp(FileTime modified, long size, @Nullable Object key) {}

  /// @param onChange told the old and the new content, on the thread that refreshes
  /// @throws UnusableFileException if the file cannot be used
  public ReloadedFile(Path path, InstantSource clock, Reader<T> reader, BiConsumer<T, T> onChange) {
    this.path = path;
    this.clock = clock;
    this.reader = reader;
    this.onChange = onChange;
    try {
      this.stamp = stamp();
      this.text = Files.readString(path);
    } catch (IOException e) {
      throw unreadable(e);
    }
    this.content = reader.read(path.toString(), text);
  }

  public T get() {
    return content;
  }

  /// Reads the file now, whether or not it looks changed.
  ///
  /// @return what it says
  /// @throws UnusableFileException if it cannot be used; what it said before stays
  public synchronized T reload() {
    try {
      Stamp now = stamp();
      accept(Files.readString(path));
      stamp = now;
    } catch (IOException e) {
      throw unreadable(e);
    }
    return content;
  }

  @Override
  public synchronized void refresh() {
    try {
      Stamp now = stamp();
      if (!now.equals(stamp) || isFresh(now)) {
        take(Files.readString(path));
        stamp = now;
      }
    } catch (IOException e) {
      report(String.valueOf(unreadable(e).getMessage()));
    }
  }

  private void take(String newText) {
    try {
      accept(newText);
    } catch (UnusableFileException e) {
      report(String.valueOf(e.getMessage()));
    }
  }

  private void accept(String newText) {
    if (newText.equals(text)) {
      lastProblem = "";
      return;
    }
    T old = content;
    content = reader.read(path.toString(), newText);
    text = newText;
    lastProblem = "";
    log.info("{} has changed and was read again", path);
    onChange.accept(old, content);
  }

  private void report(String problem) {
    if (!problem.equals(lastProblem)) {
      lastProblem = problem;
      log.error("{}; what was read before stays in effect", problem);
    }
  }

  private boolean isFresh(Stamp now) {
    Instant modified = now.modified().toInstant();
    return modified.isAfter(clock.instant().minus(FRESH));
  }

  private Stamp stamp() throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
  }

  private UnusableFileException unreadable(IOException e) {
    return new UnusableFileException("cannot read %s: %s".formatted(path, e), e);
  }
}
