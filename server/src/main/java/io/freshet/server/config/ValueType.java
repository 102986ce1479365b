// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How the value of a key is written, which values are allowed, and how it is shown. Immutable.
///
/// @param <T> the value in the program
sealed interface ValueType<T> {

  /// @throws InvalidValueException saying what would be right
  T parse(String text);

  /// The value in the form {@link #parse} reads.
  String format(T value);

  /// What may be written, for the reference page.
  String describe();

  /// Any text, or one that a check lets through.
  record Text(String describe, Check check) implements ValueType<String> {
    interface Check {
      /// The text in its normal form.
      String normalise(String text);
    }

    @Override
    public String parse(String text) {
      if (text.isBlank()) {
        throw new InvalidValueException("must not be empty");
      }
      return check.normalise(text.strip());
    }

    @Override
    public String format(String value) {
      return value;
    }
  }

  /// The name of a file; empty for none.
  record File() implements ValueType<String> {
    @Override
    public String parse(String text) {
      return text.strip();
    }

    @Override
    public String format(String value) {
      return value;
    }

    @Override
    public String describe() {
      return "file";
    }
  }

  /// Something to be kept secret, long enough not to be guessed; empty for none.
  record Secret(int charsMin) implements ValueType<String> {
    @Override
    public String parse(String text) {
      String secret = text.strip();
      boolean plain = secret.chars().allMatch(c -> c > ' ' && c < 0x7F);
      if (!secret.isEmpty() && (secret.length() < charsMin || !plain)) {
        throw new InvalidValueException("must be a " + describe());
      }
      return secret;
    }

    @Override
    public String format(String value) {
      return value;
    }

    @Override
    public String describe() {
      return "text, at least %d letters, digits or signs without spaces".formatted(charsMin);
    }
  }

  /// A whole number between two bounds, both allowed.
  record Whole(long min, long max) implements ValueType<Long> {
    @Override
    public Long parse(String text) {
      long value;
      try {
        value = Long.parseLong(text.strip());
      } catch (NumberFormatException _) {
        throw new InvalidValueException("must be a whole number");
      }
      return bounded(value, min, max, this);
    }

    @Override
    public String format(Long value) {
      return Long.toString(value);
    }

    @Override
    public String describe() {
      return "whole number, %d to %d".formatted(min, max);
    }
  }

  record Flag() implements ValueType<Boolean> {
    @Override
    public Boolean parse(String text) {
      return switch (text.strip().toLowerCase(Locale.ROOT)) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new InvalidValueException("must be true or false");
      };
    }

    @Override
    public String format(Boolean value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return "true or false";
    }
  }

  /// A time between two bounds, both allowed.
  record Time(Duration min, Duration max) implements ValueType<Duration> {
    @Override
    public Duration parse(String text) {
      return bounded(Units.parseDuration(text.strip()), min, max, this);
    }

    @Override
    public String format(Duration value) {
      return Units.format(value);
    }

    @Override
    public String describe() {
      return "duration, %s to %s".formatted(Units.format(min), Units.format(max));
    }
  }

  /// A number of bytes between two bounds, both allowed.
  record Size(long min, long max) implements ValueType<Long> {
    @Override
    public Long parse(String text) {
      return bounded(Units.parseBytes(text.strip()), min, max, this);
    }

    @Override
    public String format(Long value) {
      return Units.formatBytes(value);
    }

    @Override
    public String describe() {
      return "size, %s to %s".formatted(Units.formatBytes(min), Units.formatBytes(max));
    }
  }

  /// One of a few words.
  record Choice<E extends Enum<E>>(List<E> choices) implements ValueType<E> {
    public Choice {
      choices = List.copyOf(choices);
    }

    @Override
    public E parse(String text) {
      return choices.stream()
          .filter(choice -> format(choice).equals(text.strip().toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(() -> new InvalidValueException("must be " + describe()));
    }

    @Override
    public String format(E value) {
      return value.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String describe() {
      return choices.stream().map(this::format).collect(Collectors.joining(", "));
    }
  }

  /// Several values; on one line they are separated by commas.
  record Several<T>(ValueType<T> each) implements ValueType<List<T>> {
    @Override
    public List<T> parse(String text) {
      if (text.isBlank()) {
        return List.of();
      }
      return parseEach(Stream.of(text.split(",", -1)).toList());
    }

    List<T> parseEach(List<String> texts) {
      var values = new ArrayList<T>();
      texts.forEach(text -> values.add(each.parse(text)));
      return List.copyOf(values);
    }

    @Override
    public String format(List<T> values) {
      return values.stream().map(each::format).collect(Collectors.joining(","));
    }

    @Override
    public String describe() {
      return "list of " + each.describe();
    }
  }

  private static <C extends Comparable<C>> C bounded(C value, C min, C max, ValueType<C> type) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new InvalidValueException("must be a " + type.describe());
    }
    return value;
  }
}
